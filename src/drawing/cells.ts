import { CHANNELS, type Pixels } from '../image/pixels';

/** Whole pixels of a picture: `left` to `right` and `top` to `bottom`, the last ones exclusive. */
export interface Patch {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A patch divided into squares from its top left corner on; the last of a row or column may be narrower. */
export interface Cells {
  /** `[rows, columns, 3]`: the mean colour of each. */
  means: Float32Array;
  columns: number;
  rows: number;
  /** Side in pixels. */
  cell: number;
}

/** The mean colour of each cell of a patch. */
export function averageCells({ data, width }: Pixels, patch: Patch, cell: number): Cells {
  const columns = Math.ceil((patch.right - patch.left) / cell);
  const rows = Math.ceil((patch.bottom - patch.top) / cell);
  const means = new Float32Array(rows * columns * CHANNELS);
  for (let row = 0; row < rows; row++) {
    const fromY = patch.top + row * cell;
    const toY = Math.min(patch.bottom, fromY + cell);
    for (let column = 0; column < columns; column++) {
      const fromX = patch.left + column * cell;
      const toX = Math.min(patch.right, fromX + cell);
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = fromY; y < toY; y++) {
        const end = (y * width + toX) * CHANNELS;
        for (let at = (y * width + fromX) * CHANNELS; at < end; at += CHANNELS) {
          red += data[at]!;
          green += data[at + 1]!;
          blue += data[at + 2]!;
        }
      }
      const count = (toX - fromX) * (toY - fromY);
      means.set([red / count, green / count, blue / count], (row * columns + column) * CHANNELS);
    }
  }
  return { means, columns, rows, cell };
}

/**
 * One row of pixels as the smooth surface through the cells' colours: a quadratic B-spline over their means, the
 * lowest degree whose slope has no steps (Unser 1999, IEEE Signal Processing Magazine 16(6)).
 * @param y row of pixels from the patch's top
 * @param out receives the row's pixels, from the patch's left on
 */
export function smoothRow({ means, columns, rows, cell }: Cells, y: number, out: Uint8Array): void {
  const row = Math.floor(y / cell);
  const [up, same, down] = splineWeights(y, cell);
  const stride = columns * CHANNELS;
  const above = Math.max(0, row - 1) * stride;
  const below = Math.min(rows - 1, row + 1) * stride;
  const sums = Float32Array.from(
    { length: stride },
    (_, i) => up * means[above + i]! + same * means[row * stride + i]! + down * means[below + i]!,
  );
  for (let to = 0; to < out.length; to += CHANNELS) {
    const x = to / CHANNELS;
    const column = Math.floor(x / cell);
    const before = Math.max(0, column - 1) * CHANNELS;
    const at = column * CHANNELS;
    const after = Math.min(columns - 1, column + 1) * CHANNELS;
    const [left, middle, right] = splineWeights(x, cell);
    for (let c = 0; c < CHANNELS; c++) {
      out[to + c] = left * sums[before + c]! + middle * sums[at + c]! + right * sums[after + c]! + 0.5; // rounds
    }
  }
}

/** Weights of the cell before, the own and the next at pixel `i`; they add up to 1. */
function splineWeights(i: number, cell: number): readonly [before: number, own: number, next: number] {
  const t = (i + 0.5) / cell - Math.floor(i / cell); // 0 to 1 across the cell
  const before = ((1 - t) * (1 - t)) / 2;
  const next = (t * t) / 2;
  return [before, 1 - before - next, next];
}
