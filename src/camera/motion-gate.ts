import { changedShare, readBrightness } from '../image/brightness';

/**
 * Change of a cell's brightness, of 255, that counts: the noise of a webcam in a dim room moves the mean of a cell by
 * less than 4.
 */
const CHANGED = 10;

/** Lets pictures pass that differ from the last one that passed. */
export class MotionGate {
  readonly #share: number;
  #last: Uint8Array | undefined;

  /** @param percent least share of the picture that must have changed, in % */
  constructor(percent: number) {
    this.#share = percent / 100;
  }

  /**
   * True for the first picture, and for one that has changed enough.
   * @throws FaceError `image-unreadable`
   */
  async passes(image: Buffer): Promise<boolean> {
    const cells = await readBrightness(image);
    if (this.#last !== undefined && changedShare(this.#last, cells, CHANGED) < this.#share) return false;
    this.#last = cells;
    return true;
  }
}
