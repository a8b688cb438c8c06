import { STRIDE, type Boxes } from '../../src/geometry/boxes';

/** Boxes from literal rows `[x1, y1, x2, y2, score]`. */
export function boxesOf(...rows: [number, number, number, number, number][]): Boxes {
  return Float64Array.from(rows.flat());
}

/** Rows of boxes as literals. */
export function rowsOf(boxes: Boxes): number[][] {
  return Array.from({ length: boxes.length / STRIDE }, (_, i) => [
    ...boxes.subarray(i * STRIDE, (i + 1) * STRIDE),
  ]);
}
