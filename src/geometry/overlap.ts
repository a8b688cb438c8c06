import type { Face } from '../detection';
import { STRIDE, type Boxes } from './boxes';

/** What the intersection of two boxes is divided by: their union's area, or the smaller one's. */
export type OverlapMeasure = 'union' | 'minimum';

/**
 * Share of two boxes that they have in common, 0 to 1; 0 for boxes without area.
 * @param a row of the one box in `boxes`, @param b row of the other
 */
export function overlap(boxes: Boxes, a: number, b: number, measure: OverlapMeasure): number {
  const p = a * STRIDE;
  const q = b * STRIDE;
  const width = Math.min(boxes[p + 2]!, boxes[q + 2]!) - Math.max(boxes[p]!, boxes[q]!);
  const height = Math.min(boxes[p + 3]!, boxes[q + 3]!) - Math.max(boxes[p + 1]!, boxes[q + 1]!);
  if (!(width > 0 && height > 0)) return 0;
  const intersection = width * height;
  if (intersection === 0) return 0; // too thin for a number
  const areaOfA = (boxes[p + 2]! - boxes[p]!) * (boxes[p + 3]! - boxes[p + 1]!);
  const areaOfB = (boxes[q + 2]! - boxes[q]!) * (boxes[q + 3]! - boxes[q + 1]!);
  return measure === 'union'
    ? intersection / (areaOfA + areaOfB - intersection)
    : intersection / Math.min(areaOfA, areaOfB);
}

/** Intersection over union of the boxes of two faces, `[x, y, width, height]`, 0 to 1; 0 for boxes without area. */
export function intersectionOverUnion(a: Readonly<Face['box']>, b: Readonly<Face['box']>): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a[2] * a[3] + b[2] * b[3] - intersection);
}
