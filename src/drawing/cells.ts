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
  const length = columns * CHANNELS;
  const sums = new Float32Array(length);
  splineTaps(y, cell, rows, (row, weight) => {
    for (let i = 0; i < length; i++) sums[i]! += weight * means[row * length + i]!;
  });
  for (let to = 0; to < out.length; to += CHANNELS) {
    let red = 0.5; // cut off below, so this rounds
    let green = 0.5;
    let blue = 0.5;
    splineTaps(to / CHANNELS, cell, columns, (column, weight) => {
      red += weight * sums[column * CHANNELS]!;
      green += weight * sums[column * CHANNELS + 1]!;
      blue += weight * sums[column * CHANNELS + 2]!;
    });
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
  }
}

/** The three cells that pixel `i` depends on and their weights, which add up to 1; cells beyond the end are the last. */
function splineTaps(
  i: number,
  cell: number,
  count: number,
  visit: (at: number, weight: number) => void,
): void {
  const centre = Math.floor(i / cell);
  const t = (i + 0.5) / cell - centre; // 0 to 1 across the cell
  visit(Math.max(0, centre - 1), ((1 - t) * (1 - t)) / 2);
  visit(centre, 0.5 + t - t * t);
  visit(Math.min(count - 1, centre + 1), (t * t) / 2);
}
