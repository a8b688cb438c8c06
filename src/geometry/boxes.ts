/**
 * Boxes as one flat array: rows of {@link STRIDE} numbers, `x1, y1, x2, y2, score`, in pixels of the upright image.
 * Pixel `i` covers `i` to `i + 1`, so a box's width is `x2 - x1`.
 */
export type Boxes = Float64Array;

/** Numbers a box. */
export const STRIDE = 5;

/** How many boxes. */
export function countBoxes(boxes: Boxes): number {
  return boxes.length / STRIDE;
}

/** The boxes at `indices`, in that order. */
export function selectBoxes(boxes: Boxes, indices: ArrayLike<number>): Boxes {
  const selected = new Float64Array(indices.length * STRIDE);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * STRIDE;
    for (let k = 0; k < STRIDE; k++) selected[i * STRIDE + k] = boxes[from + k]!;
  }
  return selected;
}
