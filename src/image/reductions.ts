import { halve } from './halve';
import type { Pixels } from './pixels';

/** An image and its halves, quarters, …, each made when it is first asked for. */
export interface Reductions {
  /** The image itself. */
  readonly full: Pixels;
  /**
   * The smallest reduction that still has at least `pixels` source pixels for each one wanted.
   * @param ratio original pixels for each pixel wanted, along one side
   * @returns the reduction and its `divisor` 1, 2, 4, …: an original coordinate divided by it is one of the reduction
   */
  atLeastTwice(ratio: number): { pixels: Pixels; divisor: number };
}

/** Least source pixels for each pixel wanted, along one side: fewer would blur, more would only cost time. */
const LEAST_RATIO = 2;

/** Area resampling from a power-of-two reduction costs a fraction of that from the original (see `resample.ts`). */
export function reductionsOf(image: Pixels): Reductions {
  const reductions = [image];
  return {
    full: image,
    atLeastTwice(ratio) {
      let power = 0;
      while (ratio / 2 ** (power + 1) >= LEAST_RATIO) power++;
      for (let i = reductions.length; i <= power; i++) reductions.push(halve(reductions[i - 1]!));
      return { pixels: reductions[power]!, divisor: 2 ** power };
    },
  };
}
