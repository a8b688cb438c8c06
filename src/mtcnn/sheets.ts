import type { Networks } from '../networks/networks';
import type { Level } from './pyramid';
import { type Tile, tilesOf } from './tiles';

/** What P-Net searches in one call: one tile, or several small ones side by side. */
export interface Sheet {
  width: number;
  height: number;
  tiles: PlacedTile[];
}

/** A tile and where it lies on its sheet: `x` and `y` are multiples of P-Net's stride, so that its cells are the sheet's. */
export interface PlacedTile extends Tile {
  level: Level;
  x: number;
  y: number;
}

/** Lays out the tiles of all levels: each has a sheet of its own, but the small ones share one. */
export function sheetsOf(
  levels: readonly Level[],
  { grain, shared }: Pick<Networks, 'grain' | 'shared'>,
): Sheet[] {
  const tiles = levels.flatMap((level) =>
    tilesOf(level, grain).map((tile) => ({ ...tile, level, x: 0, y: 0 })),
  );
  const isSmall = ({ width, height }: Tile) => width * height <= shared;
  const sheets = tiles
    .filter((tile) => !isSmall(tile))
    .map((tile) => ({ width: tile.width, height: tile.height, tiles: [tile] }));
  const small = tiles.filter(isSmall);
  return small.length === 0 ? sheets : [...sheets, packOnShelves(small)];
}

/** Puts tiles in rows as high as their first: it wastes a fifth of a pyramid, whose levels come largest first. */
function packOnShelves(tiles: readonly PlacedTile[]): Sheet {
  const width = Math.max(...tiles.map((tile) => tile.width));
  const shelves: { y: number; height: number; filled: number }[] = [];
  let height = 0;
  const placed = tiles.map((tile) => {
    let shelf = shelves.find((each) => tile.height <= each.height && each.filled + tile.width <= width);
    if (shelf === undefined) {
      shelf = { y: height, height: tile.height, filled: 0 };
      shelves.push(shelf);
      height += tile.height;
    }
    const x = shelf.filled;
    shelf.filled += tile.width;
    return { ...tile, x, y: shelf.y };
  });
  return { width, height, tiles: placed };
}
