import { cellsAlong, PNET_STRIDE } from '../networks/networks';
import type { Level } from './pyramid';

/** A part of a level that P-Net searches in one call: all columns, some rows; it may reach beyond the level. */
export interface Strip {
  /** First row in the level; a multiple of P-Net's stride. */
  top: number;
  width: number;
  height: number;
}

/**
 * Most pixels of a strip: bounds what the first layer answers (10 floats a pixel) at 10 MB, where the largest level of a
 * photograph of 12 megapixels would take 170 MB. A level of a camera's 640x480 stays whole.
 */
const MOST_PIXELS = 2 ** 18;

/**
 * Cuts a level into strips of rows whose cells, put one below the other, are those of the whole level.
 * @param grain sides are rounded up to multiples of it (see `Networks.grain`)
 */
export function stripsOf(level: Level, grain: number): Strip[] {
  const width = roundUp(level.width, grain);
  const rows = cellsAlong(level.height);
  const tallest = roundUp(
    Math.max(LEAST_ROWS, Math.floor(MOST_PIXELS / width)),
    Math.max(grain, PNET_STRIDE),
  );
  const strips: Strip[] = [];
  for (let cell = 0; cell < rows; cell += cellsAlong(tallest)) {
    const top = PNET_STRIDE * cell;
    strips.push({ top, width, height: Math.min(tallest, roundUp(level.height - top, grain)) });
  }
  return strips;
}

/** Least rows of a strip that is not the last: each repeats the ten rows that P-Net's window has in common with the next. */
const LEAST_ROWS = 64;

function roundUp(size: number, grain: number): number {
  return Math.ceil(size / grain) * grain;
}
