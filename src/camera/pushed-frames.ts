import { FaceError, describeValue } from '../errors';
import type { Frame, FrameSource } from './frame';
import { JpegSplitter } from './jpeg-stream';

/** A camera whose pictures are brought by somebody else, such as a browser over its connection. */
export interface PushedConfig {
  kind: 'browser';
  /** Where the pictures arrive. */
  frames: PushedFrames;
}

/** Where pictures arrive for a source that is read elsewhere. What arrives while nobody reads is dropped. */
export class PushedFrames {
  #deliver: ((frame: Frame) => void) | undefined;
  #sequence = 0;

  /**
   * One picture arrives.
   * @throws FaceError `image-unreadable` unless it is one whole JPEG file
   */
  push(image: Buffer, source: string): void {
    const [file] = new JpegSplitter().push(image);
    if (file?.image.length !== image.length) {
      throw new FaceError({
        code: 'image-unreadable',
        expected: 'one JPEG picture',
        got: describeValue(image),
        hint: 'Send each picture as a binary message of its own.',
      });
    }
    this.#deliver?.({ ...file, sequence: this.#sequence++, timestamp: Date.now(), source });
  }

  /** So many pictures were dropped before they were sent. */
  skip(count: number): void {
    this.#sequence += count;
  }

  /** The pictures that arrive from now on. */
  readonly source: FrameSource = (signal) => this.#read(signal);

  async *#read(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const arrived: Frame[] = [];
    let wake: () => void = () => undefined;
    this.#sequence = 0;
    this.#deliver = (frame) => {
      arrived.push(frame);
      wake();
    };
    const abort = () => wake();
    signal.addEventListener('abort', abort, { once: true });
    try {
      while (!signal.aborted) {
        const frame = arrived.shift();
        if (frame !== undefined) yield frame;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', abort);
      this.#deliver = undefined;
    }
  }
}
