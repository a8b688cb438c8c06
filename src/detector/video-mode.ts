import { checkOptions, wholeNumberIn } from '../check-options';
import type { Detection } from '../detection';
import { describeValue, FaceError } from '../errors';
import { FaceTracker } from '../tracking/face-tracker';
import type { DetectAnswer, VideoHint } from './protocol';

export interface VideoOptions {
  /** Frames after which the whole picture is searched for new faces. */
  scanEvery: number;
}

export const DEFAULT_VIDEO_OPTIONS: Readonly<VideoOptions> = { scanEvery: 10 };

/** Least and greatest value of each option, both allowed. */
export const VIDEO_RANGES = { scanEvery: [1, 1_000] } as const;

/** Where nobody was seen, the whole picture is searched after so many frames: there is nobody to follow meanwhile. */
const SCAN_EMPTY_EVERY = 5;

/** How long a face is remembered that is not found, in ms: only its speed is of use. */
const REMEMBERED_MS = 500;

/** A frame of a video on its way through a detector. */
export interface VideoFrame {
  /** What the process is told of the frames before; without it the whole picture is searched. */
  hint?: VideoHint;
  /** Takes what the process answers. */
  take(answer: DetectAnswer): void;
}

/**
 * The memory of one camera, outside of the detector's processes: faces of the frame before are followed with R-Net and
 * O-Net alone, and the whole picture is searched every few frames, when a face is lost, and when the picture changes a
 * lot. Answers may come in another order than their frames.
 */
export class VideoMode {
  readonly #options: VideoOptions;
  readonly #tracker = new FaceTracker({ hiddenMs: REMEMBERED_MS, confirmFrames: 1, maxDistance: 2 });
  #last:
    | {
        number: number;
        timestamp: number;
        width: number;
        height: number;
        brightness: Uint8Array;
        faces: number;
      }
    | undefined;
  #sinceScan = 0;
  #number = 0;

  /** @throws FaceError `option-…` */
  constructor(options: Partial<VideoOptions> = {}) {
    this.#options = checkOptions(options, DEFAULT_VIDEO_OPTIONS, {
      scanEvery: wholeNumberIn(VIDEO_RANGES.scanEvery),
    });
  }

  /**
   * The next frame.
   * @param timestamp when it was taken, in ms; one before the frame before begins anew
   * @throws FaceError `faces-invalid` for a time that is none
   */
  at(timestamp: number): VideoFrame {
    if (!Number.isFinite(timestamp)) throw noTime(timestamp);
    const number = ++this.#number;
    this.#sinceScan++;
    const hint = this.#hint(timestamp);
    if (hint === undefined) this.#sinceScan = 0;
    return {
      ...(hint === undefined ? {} : { hint }),
      take: (answer) => this.#take(number, timestamp, answer),
    };
  }

  #hint(timestamp: number): VideoHint | undefined {
    if (this.#last === undefined || timestamp < this.#last.timestamp) return undefined;
    const { width, height, brightness, faces } = this.#last;
    const every = faces > 0 ? this.#options.scanEvery : Math.min(SCAN_EMPTY_EVERY, this.#options.scanEvery);
    if (this.#sinceScan >= every) return undefined;
    return { faces: this.#tracker.predict(timestamp), width, height, brightness };
  }

  #take(number: number, timestamp: number, { detection, brightness }: DetectAnswer): void {
    const overtaken = this.#last !== undefined && number < this.#last.number;
    if (brightness === undefined || overtaken) return;
    const { width, height, faces, mode }: Detection = detection;
    this.#tracker.update(faces, { timestamp, width, height });
    this.#last = { number, timestamp, width, height, brightness, faces: faces.length };
    if (mode === 'scan') this.#sinceScan = 0;
  }
}

function noTime(timestamp: unknown): FaceError {
  return new FaceError({
    code: 'faces-invalid',
    expected: 'the time of the picture in ms',
    got: describeValue(timestamp),
    hint: 'Correct msg.frame.timestamp, or take msg.frame away.',
  });
}
