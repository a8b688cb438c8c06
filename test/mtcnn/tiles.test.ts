import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tilesOf } from '../../src/mtcnn/tiles';
import { cellsAlong } from '../../src/networks/networks';

it('a level of a camera’s picture is one tile', () => {
  expect(tilesOf({ width: 384, height: 288 }, 1)).toEqual([{ left: 0, top: 0, width: 384, height: 288 }]);
});

it('sides are rounded up to the engine’s grain, and the tile begins where the level does', () => {
  expect(tilesOf({ width: 383, height: 281 }, 8)).toEqual([{ left: 0, top: 0, width: 384, height: 288 }]);
});

it('a level of a photograph is cut into equal tiles with P-Net’s ten pixels in common', () => {
  expect(tilesOf({ width: 500, height: 300 }, 1)).toEqual([
    { left: 0, top: 0, width: 256, height: 156 },
    { left: 246, top: 0, width: 256, height: 156 },
    { left: 0, top: 146, width: 256, height: 156 },
    { left: 246, top: 146, width: 256, height: 156 },
  ]);
});

it('tiles hold every cell of a level once', () => {
  const size = fc.integer({ min: 12, max: 5000 });
  fc.assert(
    fc.property(size, size, fc.constantFrom(1, 8), (width, height, grain) => {
      const tiles = tilesOf({ width, height }, grain);
      const { width: tileWidth = 0, height: tileHeight = 0 } = tiles[0] ?? {};
      const starts = (side: 'left' | 'top') => [...new Set(tiles.map((tile) => tile[side] / 2))];
      for (const [side, length, tileLength] of [
        ['left', width, tileWidth],
        ['top', height, tileHeight],
      ] as const) {
        const step = cellsAlong(tileLength);
        const cells = starts(side);
        expect(cells).toEqual(cells.map((_, i) => i * step));
        expect(cells.length * step).toBeGreaterThanOrEqual(cellsAlong(length));
        expect(cells.at(-1)!).toBeLessThan(cellsAlong(length));
      }
      expect(tiles).toHaveLength(starts('left').length * starts('top').length);
      expect(new Set(tiles.map((tile) => `${tile.width} ${tile.height}`)).size).toBe(1);
    }),
  );
});
