import { countBoxes, STRIDE, type Boxes } from './boxes';
import type { OverlapMeasure } from './overlap';

/**
 * Greedy non-maximum suppression: the best box stays and removes all that overlap it by more than `threshold`, then
 * the best of the rest, and so on. A removed box removes nothing (Python `mtcnn` 1.0.0 differs there).
 * @returns rows of the boxes that stay, best first; equal scores in their order
 */
export function suppress(boxes: Boxes, threshold: number, measure: OverlapMeasure): Int32Array {
  const count = countBoxes(boxes);
  const order = rowsByScore(boxes);
  // Sorted copies side by side: the inner loop then walks memory forwards.
  const x1 = new Float64Array(count);
  const y1 = new Float64Array(count);
  const x2 = new Float64Array(count);
  const y2 = new Float64Array(count);
  const area = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = order[i]! * STRIDE;
    x1[i] = boxes[at]!;
    y1[i] = boxes[at + 1]!;
    x2[i] = boxes[at + 2]!;
    y2[i] = boxes[at + 3]!;
    area[i] = (x2[i]! - x1[i]!) * (y2[i]! - y1[i]!);
  }
  const removed = new Uint8Array(count);
  const kept = new Int32Array(count);
  let keptCount = 0;
  const union = measure === 'union';
  for (let i = 0; i < count; i++) {
    if (removed[i] === 1) continue;
    kept[keptCount++] = order[i]!;
    const left = x1[i]!;
    const top = y1[i]!;
    const right = x2[i]!;
    const bottom = y2[i]!;
    const own = area[i]!;
    for (let j = i + 1; j < count; j++) {
      const width = Math.min(right, x2[j]!) - Math.max(left, x1[j]!);
      if (!(width > 0)) continue;
      const height = Math.min(bottom, y2[j]!) - Math.max(top, y1[j]!);
      if (!(height > 0)) continue;
      const intersection = width * height;
      const other = area[j]!;
      const whole = union ? own + other - intersection : Math.min(own, other);
      if (intersection > threshold * whole) removed[j] = 1;
    }
  }
  return kept.slice(0, keptCount);
}

/** Rows of `boxes`, highest score first; equal scores in their order. */
export function rowsByScore(boxes: Boxes): Int32Array {
  const rows = Int32Array.from({ length: countBoxes(boxes) }, (_, row) => row);
  return rows.sort((a, b) => boxes[b * STRIDE + 4]! - boxes[a * STRIDE + 4]! || a - b);
}
