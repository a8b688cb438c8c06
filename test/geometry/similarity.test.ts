import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../src/detection';
import {
  applySimilarity,
  fitSimilarity,
  invertSimilarity,
  scaleOf,
  type Similarity,
} from '../../src/geometry/similarity';

const SQUARE: Point[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];

describe('the similarity between points', () => {
  it.each<{ to: Point[]; similarity: Similarity; reason: string }>([
    { to: SQUARE, similarity: { a: 1, b: 0, dx: 0, dy: 0 }, reason: 'the same' },
    {
      to: SQUARE.map(([x, y]) => [x + 5, y - 3]),
      similarity: { a: 1, b: 0, dx: 5, dy: -3 },
      reason: 'a shift',
    },
    {
      to: SQUARE.map(([x, y]) => [3 * x, 3 * y]),
      similarity: { a: 3, b: 0, dx: 0, dy: 0 },
      reason: 'a scale',
    },
    {
      to: SQUARE.map(([x, y]) => [-y, x]),
      similarity: { a: 0, b: 1, dx: 0, dy: 0 },
      reason: 'a quarter turn, clockwise as y points down',
    },
  ])('$reason', ({ to, similarity }) => {
    const fitted = fitSimilarity(SQUARE, to);
    for (const name of ['a', 'b', 'dx', 'dy'] as const)
      expect(fitted?.[name]).toBeCloseTo(similarity[name], 9);
  });

  it('never mirrors: of a mirrored square only the middle fits', () => {
    const mirrored = SQUARE.map(([x, y]): Point => [2 - x, y]);
    const fitted = fitSimilarity(SQUARE, mirrored);
    expect(fitted && scaleOf(fitted)).toBeCloseTo(0, 9);
    expect(fitted && applySimilarity(fitted, [9, 9])).toEqual([1, 1]);
  });

  it('is none where all points are in one place', () => {
    expect(fitSimilarity([SQUARE[0]!, SQUARE[0]!], [SQUARE[1]!, SQUARE[2]!])).toBeUndefined();
  });

  const coordinate = fc.double({ min: -100, max: 100, noNaN: true });
  const point = fc.tuple(coordinate, coordinate);
  const similarity = fc.record({
    a: fc.double({ min: 0.1, max: 5, noNaN: true }),
    b: fc.double({ min: -5, max: 5, noNaN: true }),
    dx: coordinate,
    dy: coordinate,
  });

  it('is found again, and undone by its inverse', () => {
    fc.assert(
      fc.property(similarity, point, (given, at) => {
        const fitted = fitSimilarity(
          SQUARE,
          SQUARE.map((corner) => applySimilarity(given, corner)),
        );
        for (const name of ['a', 'b', 'dx', 'dy'] as const)
          expect(fitted?.[name]).toBeCloseTo(given[name], 6);
        const [x, y] = applySimilarity(invertSimilarity(given), applySimilarity(given, at));
        expect(x).toBeCloseTo(at[0], 6);
        expect(y).toBeCloseTo(at[1], 6);
      }),
    );
  });

  it('leaves the least squares: any other near it leaves more', () => {
    const five = fc.array(point, { minLength: 5, maxLength: 5 });
    const step = fc.constantFrom(-1e-3, 1e-3);
    fc.assert(
      fc.property(five, five, step, fc.constantFrom('a', 'b', 'dx', 'dy'), (from, to, by, name) => {
        const fitted = fitSimilarity(from, to);
        fc.pre(fitted !== undefined);
        const error = (candidate: Similarity) =>
          from.reduce((sum, corner, i) => {
            const [x, y] = applySimilarity(candidate, corner);
            return sum + (x - to[i]![0]) ** 2 + (y - to[i]![1]) ** 2;
          }, 0);
        expect(error({ ...fitted, [name]: fitted[name] + by })).toBeGreaterThanOrEqual(
          error(fitted) * (1 - 1e-12),
        );
      }),
    );
  });
});
