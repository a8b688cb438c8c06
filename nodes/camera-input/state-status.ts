import type { NodeStatus } from 'node-red';
import type { CameraKind, StateChange } from '../../src/camera';
import type { ErrorCode, FaceError } from '../../src/errors';

/** The text of a status by its key in the locale file. */
type Text = (key: string, values?: Record<string, string | number>) => string;

/** What is waited for where a source starts at once, and its first picture comes when somebody brings one. */
const WAITING: Partial<Record<CameraKind, string>> = { browser: 'waiting', watch: 'waitingForFile' };

/** What the status says of a camera's state; nothing of one that runs, whose frames tell. */
export function stateStatus(
  change: StateChange,
  text: Text,
  source: CameraKind = 'scene',
): NodeStatus | undefined {
  const { state, ended = false, error, retryInMs = 0 } = change;
  switch (state) {
    case 'starting':
      return { fill: 'yellow', shape: 'ring', text: text(WAITING[source] ?? 'starting') };
    case 'stalled':
      return { fill: 'yellow', shape: 'dot', text: text('stalled') };
    case 'reconnecting':
      return {
        fill: 'yellow',
        shape: 'ring',
        text: text('retry', { seconds: Math.round(retryInMs / 100) / 10 }),
      };
    case 'failed':
      return failureStatus(error, text);
    case 'stopped':
      return { fill: 'grey', shape: ended ? 'dot' : 'ring', text: text(ended ? 'ended' : 'stopped') };
    case 'running':
      return undefined;
  }
}

/** Errors that have a text beside those of cameras. */
const OTHERS: readonly ErrorCode[] = ['option-invalid', 'path-not-allowed'];

/** What the status says of an error. */
export function failureStatus(error: FaceError | undefined, text: Text): NodeStatus {
  const known = error !== undefined && (error.code.startsWith('camera-') || OTHERS.includes(error.code));
  return { fill: 'red', shape: 'dot', text: text(known ? error.code : 'failed') };
}
