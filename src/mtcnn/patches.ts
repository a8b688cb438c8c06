import { countBoxes, STRIDE, type Boxes } from '../geometry/boxes';
import { CHANNELS } from '../image/pixels';
import type { Reductions } from '../image/reductions';
import { resample } from '../image/resample';

/** Reused between stages and images, grown when needed. */
let patches = new Float32Array(0);

/**
 * Crops every box (a square) out of the image at `side` x `side` normalised pixels; the part beyond the image's border
 * is mid-grey, which is 0 after normalisation.
 * @returns `[count, side, side, 3]`, valid until the next call
 */
export function cropPatches(image: Reductions, squares: Boxes, side: number): Float32Array {
  const count = countBoxes(squares);
  const size = side * side * CHANNELS;
  if (patches.length < count * size) patches = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const at = i * STRIDE;
    const x = squares[at]!;
    const y = squares[at + 1]!;
    const width = squares[at + 2]! - x;
    const height = squares[at + 3]! - y;
    const { pixels, divisor } = image.atLeastTwice(width / side);
    const window = { x: x / divisor, y: y / divisor, width: width / divisor, height: height / divisor };
    resample(pixels, window, side, side, 'grey', patches, i * size);
  }
  return patches;
}

/** Mirrors each of the `rows` of patches left to right; new array `[rows.length, side, side, 3]`. */
export function mirrorPatches(source: Float32Array, rows: readonly number[], side: number): Float32Array {
  const size = side * side * CHANNELS;
  const mirrored = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = row * size + (y * side + (side - 1 - x)) * CHANNELS;
        const to = i * size + (y * side + x) * CHANNELS;
        mirrored[to] = source[from]!;
        mirrored[to + 1] = source[from + 1]!;
        mirrored[to + 2] = source[from + 2]!;
      }
    }
  });
  return mirrored;
}
