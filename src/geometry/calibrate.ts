import { countBoxes, STRIDE, type Boxes } from './boxes';

/**
 * Bounding-box regression: moves each side of a box by its offset times the box's width or height; new array.
 * No `+ 1` on the sides (Caffe's ports have it): a box's width is `x2 - x1` here.
 * @param offsets rows of `offsetStride` numbers that begin with `dx1, dy1, dx2, dy2`, one row a box
 */
export function calibrate(boxes: Boxes, offsets: ArrayLike<number>, offsetStride: number): Boxes {
  const calibrated = boxes.slice();
  for (let i = 0; i < countBoxes(boxes); i++) {
    const at = i * STRIDE;
    const from = i * offsetStride;
    const width = boxes[at + 2]! - boxes[at]!;
    const height = boxes[at + 3]! - boxes[at + 1]!;
    calibrated[at] = boxes[at]! + offsets[from]! * width;
    calibrated[at + 1] = boxes[at + 1]! + offsets[from + 1]! * height;
    calibrated[at + 2] = boxes[at + 2]! + offsets[from + 2]! * width;
    calibrated[at + 3] = boxes[at + 3]! + offsets[from + 3]! * height;
  }
  return calibrated;
}
