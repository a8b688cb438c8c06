import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countBoxes, STRIDE, type Boxes } from '../../src/geometry/boxes';
import { rowsByScore, suppress } from '../../src/geometry/non-maximum-suppression';
import { overlap } from '../../src/geometry/overlap';
import { boxesOf } from './support';

describe('suppress', () => {
  it('keeps the best of boxes that overlap, best first', () => {
    const boxes = boxesOf([0, 0, 10, 10, 0.8], [1, 1, 11, 11, 0.9], [50, 50, 60, 60, 0.95]);
    expect([...suppress(boxes, 0.5, 'union')]).toEqual([2, 1]);
  });

  it('lets a suppressed box suppress nothing', () => {
    // 0 removes 1; 2 overlaps only 1, which is gone.
    const boxes = boxesOf([0, 0, 10, 10, 0.9], [4, 0, 14, 10, 0.8], [8, 0, 18, 10, 0.7]);
    expect([...suppress(boxes, 0.4, 'union')]).toEqual([0, 2]);
  });

  it('keeps a box at the threshold itself', () => {
    const boxes = boxesOf([0, 0, 10, 10, 0.9], [0, 0, 5, 10, 0.8]);
    expect([...suppress(boxes, 0.5, 'union')]).toEqual([0, 1]);
  });

  it('removes a small box inside a large one only when the smaller area counts', () => {
    const boxes = boxesOf([0, 0, 100, 100, 0.9], [40, 40, 60, 60, 0.8]);
    expect([...suppress(boxes, 0.7, 'union')]).toEqual([0, 1]);
    expect([...suppress(boxes, 0.7, 'minimum')]).toEqual([0]);
  });

  it('has nothing to keep of nothing', () => {
    expect([...suppress(boxesOf(), 0.5, 'union')]).toEqual([]);
  });

  const coordinate = fc.double({ min: -50, max: 50, noNaN: true });
  const size = fc.double({ min: 0, max: 40, noNaN: true });
  const box = fc.tuple(coordinate, coordinate, size, size, fc.double({ min: 0, max: 1, noNaN: true }));
  const anyBoxes = fc
    .array(box, { maxLength: 40 })
    .map((rows): Boxes =>
      Float64Array.from(rows.flatMap(([x, y, w, h, score]) => [x, y, x + w, y + h, score])),
    );
  const anyThreshold = fc.double({ min: 0.05, max: 0.95, noNaN: true });
  const anyMeasure = fc.constantFrom('union' as const, 'minimum' as const);

  it('leaves no two that overlap, and removes none that no better one overlaps', () => {
    fc.assert(
      fc.property(anyBoxes, anyThreshold, anyMeasure, (boxes, threshold, measure) => {
        const kept = [...suppress(boxes, threshold, measure)];
        for (const a of kept) {
          for (const b of kept) {
            if (a !== b) expect(overlap(boxes, a, b, measure)).toBeLessThanOrEqual(threshold + 1e-9);
          }
        }
        for (let row = 0; row < countBoxes(boxes); row++) {
          if (kept.includes(row)) continue;
          const score = boxes[row * STRIDE + 4] ?? NaN;
          expect(
            kept.some(
              (k) =>
                (boxes[k * STRIDE + 4] ?? NaN) >= score && overlap(boxes, k, row, measure) > threshold - 1e-9,
            ),
          ).toBe(true);
        }
      }),
    );
  });

  it('does not change when it is done again', () => {
    fc.assert(
      fc.property(anyBoxes, anyThreshold, anyMeasure, (boxes, threshold, measure) => {
        const once = suppress(boxes, threshold, measure);
        const rows = [...once].flatMap((row) => [...boxes.subarray(row * STRIDE, (row + 1) * STRIDE)]);
        expect(suppress(Float64Array.from(rows), threshold, measure)).toHaveLength(once.length);
      }),
    );
  });
});

it('rows by score: highest first, equal ones in their order', () => {
  const boxes = boxesOf([0, 0, 1, 1, 0.5], [0, 0, 1, 1, 0.9], [0, 0, 1, 1, 0.5]);
  expect([...rowsByScore(boxes)]).toEqual([1, 0, 2]);
});
