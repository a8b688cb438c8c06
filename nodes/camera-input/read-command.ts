import { describeValue, FaceError } from '../../src/errors';

/** What a message asks of the camera. */
export type Command =
  | { name: 'start' }
  | { name: 'stop' }
  | { name: 'snapshot' }
  /** Another source; undefined: that of the dialog. */
  | { name: 'switch'; source: string | undefined };

const WORDS = ['start', 'stop', 'snapshot'] as const;

/**
 * The command of a message's payload; what is no text, such as an inject node's time stamp, asks for a picture.
 * @throws FaceError `command-unknown`
 */
export function readCommand(payload: unknown): Command {
  if (typeof payload === 'object' && payload !== null && 'source' in payload) {
    const { source } = payload;
    if (typeof source === 'string') return { name: 'switch', source: source.trim() || undefined };
    if (source === null || source === undefined) return { name: 'switch', source: undefined };
    throw unknownCommand('payload.source to be a text such as rtsp://…', source);
  }
  if (typeof payload !== 'string') return { name: 'snapshot' };
  const name = WORDS.find((known) => known === payload.trim().toLowerCase());
  if (name !== undefined) return { name };
  throw unknownCommand(`one of the commands ${WORDS.join(', ')} in msg.payload`, payload);
}

function unknownCommand(expected: string, value: unknown): FaceError {
  return new FaceError({
    code: 'command-unknown',
    expected,
    got: describeValue(value),
    hint: 'Send a command, {source: …}, or anything that is no text for a single picture.',
  });
}
