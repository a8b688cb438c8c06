import { scaleOf, type Similarity } from '../geometry/similarity';
import { CHANNELS, type Pixels } from '../image/pixels';
import type { Reductions } from '../image/reductions';

export const PADDINGS = ['edge', 'black', 'grey'] as const;

/** What stands beyond a picture's border: its own outermost pixels, black, or mid-grey. */
export type Padding = (typeof PADDINGS)[number];

const LEVELS = { black: 0, grey: 128 } as const;

/**
 * A picture seen through a similarity: bilinear, from the reduction by a power of two that is between one and two pixels
 * for each of the result's, so that no detail is skipped.
 * @param toPicture from the result's coordinates to the picture's, both from the top left corner
 */
export function warp(
  reductions: Reductions,
  toPicture: Similarity,
  width: number,
  height: number,
  padding: Padding,
): Pixels {
  // At least two for each half pixel is at least one for each.
  const { pixels, divisor } = reductions.atLeastTwice(2 * scaleOf(toPicture));
  const [a, b] = [toPicture.a / divisor, toPicture.b / divisor];
  const data = new Uint8Array(width * height * CHANNELS);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += CHANNELS) {
      // Between pixel centres, which are halves.
      const x = a * (column + 0.5) - b * (row + 0.5) + toPicture.dx / divisor - 0.5;
      const y = b * (column + 0.5) + a * (row + 0.5) + toPicture.dy / divisor - 0.5;
      interpolate(pixels, x, y, padding, data, to);
    }
  }
  return { data, width, height };
}

/** A window of a picture, in whole pixels. */
export function copyWindow(
  { data, width, height }: Pixels,
  [left, top, windowWidth, windowHeight]: readonly [number, number, number, number],
  padding: Padding,
): Pixels {
  const copy = new Uint8Array(windowWidth * windowHeight * CHANNELS);
  for (let row = 0, to = 0; row < windowHeight; row++) {
    const y = top + row;
    for (let column = 0; column < windowWidth; column++, to += CHANNELS) {
      const x = left + column;
      const isInside = x >= 0 && x < width && y >= 0 && y < height;
      if (isInside || padding === 'edge') {
        const from = (clamp(y, height) * width + clamp(x, width)) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) copy[to + c] = data[from + c]!;
      } else {
        copy.fill(LEVELS[padding], to, to + CHANNELS);
      }
    }
  }
  return { data: copy, width: windowWidth, height: windowHeight };
}

/** The colour between the four pixels around (`x`, `y`); pixel centres are whole numbers here. */
function interpolate(
  { data, width, height }: Pixels,
  x: number,
  y: number,
  padding: Padding,
  out: Uint8Array,
  to: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const sums = [0.5, 0.5, 0.5]; // cut off below, so this rounds
  for (let corner = 0; corner < 4; corner++) {
    const column = left + (corner & 1);
    const row = top + (corner >> 1);
    const weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
    const isInside = column >= 0 && column < width && row >= 0 && row < height;
    const from = (clamp(row, height) * width + clamp(column, width)) * CHANNELS;
    for (let c = 0; c < CHANNELS; c++) {
      sums[c]! += weight * (isInside || padding === 'edge' ? data[from + c]! : LEVELS[padding]);
    }
  }
  for (let c = 0; c < CHANNELS; c++) out[to + c] = sums[c]!;
}

function clamp(value: number, count: number): number {
  return Math.min(count - 1, Math.max(0, value));
}
