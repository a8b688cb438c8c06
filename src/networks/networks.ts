import type { EngineName } from '../detection';

/** Side in pixels of the window that P-Net looks through (Zhang et al. 2016, arXiv:1604.02878, figure 2). */
export const PNET_SIDE = 12;
/** Pixels of a level between one P-Net cell and the next: its one pooling has stride 2. */
export const PNET_STRIDE = 2;
/** Side in pixels of an R-Net patch (same source). */
export const RNET_SIDE = 24;
/** Side in pixels of an O-Net patch (same source). */
export const ONET_SIDE = 48;

/** Values that P-Net and R-Net answer for one box: four offsets, then the logit. */
export const BOX_VALUES = 5;
/** Values that O-Net answers for one box: four offsets, the logit, x of five keypoints, y of five keypoints. */
export const FACE_VALUES = 15;
/** Where the logit stands in either. */
export const LOGIT = 4;
/** Where O-Net's ten keypoint values begin. */
export const KEYPOINTS = 5;

/**
 * The three networks of the cascade behind one interface, once per engine.
 *
 * Inputs are RGB, channel last, `(value - 127.5) / 128`. A logit is `z_face - z_background`, so that
 * `confidence = 1 / (1 + exp(-logit))`. Offsets are shares of the box's width and height. What comes back is the
 * caller's to keep.
 */
export interface Networks {
  readonly engine: EngineName;
  /** Sides of what P-Net is given are best multiples of this: the engine is slow with each size that it has not seen. */
  readonly grain: number;
  /** Most pixels of a tile that is searched in one call together with others, 0 for none; needs an even `grain`. */
  readonly shared: number;
  /**
   * P-Net over a picture `[height, width, 3]`; both sides at least {@link PNET_SIDE}.
   * @returns `[cellsAlong(height), cellsAlong(width), BOX_VALUES]`
   */
  propose(level: Float32Array, width: number, height: number): Float32Array;
  /** R-Net: `[count, 24, 24, 3]` to `[count, BOX_VALUES]`. */
  refine(patches: Float32Array, count: number): Float32Array;
  /** O-Net: `[count, 48, 48, 3]` to `[count, FACE_VALUES]`. */
  output(patches: Float32Array, count: number): Float32Array;
  /** Frees the engine's memory. */
  close(): void;
}

/** P-Net cells along a side of `size` pixels: 3x3, pooling rounded up, 3x3, 3x3. */
export function cellsAlong(size: number): number {
  return Math.ceil((size - 2) / 2) - 4;
}

/** Share between 0 and 1 for a logit. */
export function confidenceOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The logit whose {@link confidenceOf} is `confidence`: compare logits instead of a million exponentials. */
export function logitOf(confidence: number): number {
  return Math.log(confidence / (1 - confidence));
}
