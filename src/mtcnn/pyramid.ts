import { PNET_SIDE } from '../networks/networks';
import type { ResolvedOptions } from './options';

/** One level of the image pyramid, in pixels. */
export interface Level {
  width: number;
  height: number;
}

/**
 * Sizes of the levels on which P-Net's window of 12 pixels sees faces from `minFaceSize` up: scales
 * `12 / minFaceSize * scaleFactor^k` while the shorter side stays at least `minSize`; sizes rounded up.
 */
export function pyramidOf(
  width: number,
  height: number,
  { minFaceSize, minSize, scaleFactor, maxImageSide }: ResolvedOptions,
): Level[] {
  const smallest = minFaceSize * shrinkageOf(width, height, maxImageSide);
  const levels: Level[] = [];
  for (let scale = PNET_SIDE / smallest; Math.min(width, height) * scale >= minSize; scale *= scaleFactor) {
    levels.push({ width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  }
  return levels;
}

/**
 * How many times larger than `maxImageSide` the image is, at least 1. Nothing is resampled for it: the pyramid begins
 * at a smaller level, which is the same as shrinking first and costs one pass less.
 */
function shrinkageOf(width: number, height: number, maxImageSide: number): number {
  return maxImageSide === 0 ? 1 : Math.max(1, Math.max(width, height) / maxImageSide);
}
