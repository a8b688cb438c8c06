import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sheetsOf } from '../../src/mtcnn/sheets';
import { tilesOf } from '../../src/mtcnn/tiles';

const sizesOf = (levels: readonly (readonly [number, number])[]) =>
  levels.map(([width, height]) => ({ width, height }));

describe('sheets', () => {
  it('hold a tile each where an engine shares none', () => {
    const levels = sizesOf([
      [60, 30],
      [30, 15],
    ]);
    expect(sheetsOf(levels, { grain: 1, shared: 0 })).toEqual(
      levels.map((level) => ({ ...level, tiles: [{ ...level, left: 0, top: 0, x: 0, y: 0, level }] })),
    );
  });

  it('put the small tiles in rows as high as their first, each tile in the first row that has room', () => {
    const levels = sizesOf([
      [200, 100],
      [64, 32],
      [40, 24],
      [32, 16],
      [24, 16],
    ]);
    const [large, small, ...others] = sheetsOf(levels, { grain: 8, shared: 2048 });
    expect(large?.tiles.map(({ level }) => level)).toEqual(levels.slice(0, 1));
    expect(small?.tiles.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [0, 32],
      [0, 56],
      [40, 32],
    ]);
    expect([small?.width, small?.height]).toEqual([64, 72]);
    expect(others).toEqual([]);
  });

  it('hold every tile once, on even places, inside, and never one over another', () => {
    const side = fc.integer({ min: 12, max: 700 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(side, side), { maxLength: 12 }),
        fc.integer({ max: 2 ** 15 }),
        (sizes, shared) => {
          const levels = sizesOf(sizes);
          const sheets = sheetsOf(levels, { grain: 8, shared });
          const placed = sheets.flatMap(({ tiles }) => tiles);
          expect(placed).toHaveLength(levels.flatMap((level) => tilesOf(level, 8)).length);
          for (const { width, height, tiles } of sheets) {
            const free = new Uint8Array(width * height).fill(1);
            for (const tile of tiles) {
              expect([tile.x % 2, tile.y % 2]).toEqual([0, 0]);
              expect(tile.x + tile.width).toBeLessThanOrEqual(width);
              expect(tile.y + tile.height).toBeLessThanOrEqual(height);
              for (let y = tile.y; y < tile.y + tile.height; y++) {
                const row = free.subarray(y * width + tile.x, y * width + tile.x + tile.width);
                expect(row.includes(0)).toBe(false);
                row.fill(0);
              }
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
