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
