import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stripsOf } from '../../src/mtcnn/strips';
import { cellsAlong } from '../../src/networks/networks';

it('a level of a camera’s picture is one strip', () => {
  expect(stripsOf({ width: 384, height: 288 }, 1)).toEqual([{ top: 0, width: 384, height: 288 }]);
});

it('sides are rounded up to the engine’s grain, and the strip begins where the level does', () => {
  expect(stripsOf({ width: 383, height: 281 }, 8)).toEqual([{ top: 0, width: 384, height: 288 }]);
});

it('a level of a photograph is cut into strips with P-Net’s ten rows in common', () => {
  const strips = stripsOf({ width: 2400, height: 200 }, 1);
  expect(strips.map(({ top, height }) => [top, top + height])).toEqual([
    [0, 110],
    [100, 200],
  ]);
});

it('strips hold every cell of a level once', () => {
  const size = fc.integer({ min: 12, max: 5000 });
  fc.assert(
    fc.property(size, size, fc.constantFrom(1, 8), (width, height, grain) => {
      const strips = stripsOf({ width, height }, grain);
      let cells = 0;
      for (const strip of strips) {
        expect(strip.top).toBe(2 * cells);
        expect(strip.width).toBeGreaterThanOrEqual(width);
        cells += cellsAlong(strip.height);
      }
      expect(cells).toBeGreaterThanOrEqual(cellsAlong(height));
      expect(strips.at(-1)!.top / 2).toBeLessThan(cellsAlong(height));
    }),
  );
});
