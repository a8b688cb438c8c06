import { FaceError } from '../errors';
import { wasAborted } from './aborted';
import { endOnAbort, type ProgramConfig, startProgram } from './child-program';
import type { Frame } from './frame';
import { JpegSplitter } from './jpeg-stream';

export interface ProgramFramesConfig extends ProgramConfig {
  /** {@link Frame.source} */
  source: string;
  /** A camera: of pictures that arrive together only the newest counts, and an end is a failure. */
  live: boolean;
  /** The error for a program that ended without being asked to, by the last line of its complaints, and by all. */
  failure: (complaint: string, complaints: string) => FaceError;
}

/** The JPEG pictures that a program writes to its output. */
export async function* programFrames(
  config: ProgramFramesConfig,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const { source, live, failure } = config;
  const program = await startProgram(config);
  const end = endOnAbort(program, signal);
  try {
    if (signal.aborted) return;
    let sent = 0;
    for await (const frame of splitFrames(program.stdout, source, live)) {
      yield frame;
      sent++;
      if (wasAborted(signal)) return;
    }
    const code = await program.ended;
    if (!wasAborted(signal) && (live || code !== 0 || sent === 0))
      throw failure(program.complaint(), program.complaints());
  } catch (error) {
    if (!wasAborted(signal)) throw error;
  } finally {
    await end();
  }
}

/**
 * The JPEG pictures of a stream of bytes, numbered in their order. Pictures that broke off are counted, too.
 * @param newestOnly of pictures that arrive together only the last: those before it are late already
 */
export async function* splitFrames(
  stream: AsyncIterable<unknown>,
  source: string,
  newestOnly: boolean,
): AsyncGenerator<Frame, void, void> {
  const splitter = new JpegSplitter();
  let count = 0;
  for await (const chunk of stream) {
    // A stream without an encoding gives Buffers.
    const files = splitter.push(chunk as Buffer);
    count += files.length;
    const kept = newestOnly ? files.slice(-1) : files;
    for (const [index, { image, width, height }] of kept.entries()) {
      const sequence = count + splitter.broken - kept.length + index;
      yield { image, sequence, timestamp: Date.now(), width, height, source };
    }
  }
}
