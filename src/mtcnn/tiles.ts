import { cellsAlong, PNET_SIDE, PNET_STRIDE } from '../networks/networks';
import type { Level } from './pyramid';

/** A part of a level that P-Net searches in one call; it may reach beyond the level. */
export interface Tile {
  /** First column and row in the level; multiples of P-Net's stride. */
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Most pixels of a level that is searched whole: the largest of a camera's 640x480 is. */
const MOST_PIXELS = 2 ** 17;

/**
 * Most cells along a side of a tile: 264 pixels. What the layers answer then stays in the processor's cache, and the ten
 * pixels that a tile has in common with the next cost little. Strips of 2048x128 take 1.1 times as long a cell with
 * either engine (measured on an AMD EPYC with 1 MB of cache a core).
 */
const MOST_CELLS = 127;

/**
 * Cuts a level into equal tiles whose cells, put side by side, are those of the whole level.
 * @param grain sides are rounded up to multiples of it (see `Networks.grain`)
 */
export function tilesOf(level: Level, grain: number): Tile[] {
  const whole = level.width * level.height <= MOST_PIXELS;
  const width = sideOf(level.width, grain, whole);
  const height = sideOf(level.height, grain, whole);
  const tiles: Tile[] = [];
  for (let row = 0; row < cellsAlong(level.height); row += cellsAlong(height)) {
    for (let column = 0; column < cellsAlong(level.width); column += cellsAlong(width)) {
      tiles.push({ left: PNET_STRIDE * column, top: PNET_STRIDE * row, width, height });
    }
  }
  return tiles;
}

/** Side of the tiles along a side of `size` pixels: as few as may be, all alike, so that an engine sees one shape. */
function sideOf(size: number, grain: number, whole: boolean): number {
  const cells = cellsAlong(size);
  const count = whole ? 1 : Math.ceil(cells / MOST_CELLS);
  const side = count === 1 ? size : PNET_STRIDE * (Math.ceil(cells / count) - 1) + PNET_SIDE;
  return Math.ceil(side / grain) * grain;
}
