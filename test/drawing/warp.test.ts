import { describe, expect, it } from 'vitest';
import { copyWindow, type Padding, warp } from '../../src/drawing/warp';
import type { Pixels } from '../../src/image/pixels';
import { reductionsOf } from '../../src/image/reductions';

/** A grey picture by rows. */
function grey(...rows: number[][]): Pixels {
  return {
    data: Uint8Array.from(rows.flat().flatMap((value) => [value, value, value])),
    width: rows[0]?.length ?? 0,
    height: rows.length,
  };
}

/** The red channel by rows. */
function rowsOf({ data, width, height }: Pixels): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * 3] ?? NaN),
  );
}

const THREE = grey([10, 20, 30], [40, 50, 60], [70, 80, 90]);
const SAME = { a: 1, b: 0, dx: 0, dy: 0 };

describe('a window', () => {
  it('inside is a copy', () => {
    expect(rowsOf(copyWindow(THREE, [1, 0, 2, 2], 'black'))).toEqual([
      [20, 30],
      [50, 60],
    ]);
  });

  it.each<{ padding: Padding; rows: number[][] }>([
    {
      padding: 'edge',
      rows: [
        [10, 10, 20],
        [10, 10, 20],
      ],
    },
    {
      padding: 'black',
      rows: [
        [0, 0, 0],
        [0, 10, 20],
      ],
    },
    {
      padding: 'grey',
      rows: [
        [128, 128, 128],
        [128, 10, 20],
      ],
    },
  ])('beyond the border: $padding', ({ padding, rows }) => {
    expect(rowsOf(copyWindow(THREE, [-1, -1, 3, 2], padding))).toEqual(rows);
  });
});

describe('a warp', () => {
  const warped = (similarity: typeof SAME, size: number, padding: Padding = 'edge', picture = THREE) =>
    rowsOf(warp(reductionsOf(picture), similarity, size, size, padding));

  it('that changes nothing gives the picture', () => {
    expect(warped(SAME, 3)).toEqual(rowsOf(THREE));
  });

  it('by half a pixel lies between neighbours', () => {
    expect(warped({ ...SAME, dx: 0.5 }, 2)).toEqual([
      [15, 25],
      [45, 55],
    ]);
  });

  it('turns: the quarter turn whose top row was the left column, from below', () => {
    expect(warped({ a: 0, b: -1, dx: 0, dy: 3 }, 3)).toEqual([
      [70, 40, 10],
      [80, 50, 20],
      [90, 60, 30],
    ]);
  });

  it.each<{ padding: Padding; corner: number }>([
    { padding: 'edge', corner: 10 },
    { padding: 'black', corner: 0 },
    { padding: 'grey', corner: 128 },
  ])('beyond the border: $padding', ({ padding, corner }) => {
    expect(warped({ ...SAME, dx: -2, dy: -2 }, 3, padding)[0]?.[0]).toBe(corner);
  });

  it.each([2, 4, 7, 16])('that shrinks %i times skips no detail: a fine checkerboard turns grey', (ratio) => {
    const side = 16 * ratio;
    const board = grey(
      ...Array.from({ length: side }, (_, y) => Array.from({ length: side }, (_, x) => ((x + y) % 2) * 200)),
    );
    const values = warped({ a: ratio, b: 0, dx: 0, dy: 0 }, 16, 'edge', board).flat();
    expect(Math.min(...values)).toBeGreaterThanOrEqual(90);
    expect(Math.max(...values)).toBeLessThanOrEqual(110);
  });
});
