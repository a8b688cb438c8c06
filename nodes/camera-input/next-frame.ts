import { FaceError } from '../../src/errors';
import type { Frame } from '../../src/camera';

/** How long a message waits for the next picture of a camera that is starting again, in ms. */
const DEADLINE_MS = 20_000;

interface Waiting {
  resolve: (frame: Frame) => void;
  reject: (error: Error) => void;
}

/** Those who wait for the next frame of a running camera. */
export class NextFrame {
  readonly #waiting = new Set<Waiting>();

  /** @throws FaceError `camera-stalled` where none comes in time, or whatever `end` is told */
  wait(): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(entry);
        reject(noPicture(`none for ${DEADLINE_MS / 1000} s`));
      }, DEADLINE_MS);
      this.#waiting.add(entry);
    });
  }

  /** Gives all who wait a frame. */
  give(frame: Frame): void {
    for (const { resolve } of this.#waiting) resolve(frame);
    this.#waiting.clear();
  }

  /** Tells all who wait that no frame will come. */
  end(reason: Error): void {
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting.clear();
  }
}

/** The error for a picture that did not come. */
export function noPicture(got: string): FaceError {
  return new FaceError({
    code: 'camera-stalled',
    expected: 'a picture of the camera',
    got,
    hint: 'Look at the status of the camera node; send start if it is stopped.',
  });
}
