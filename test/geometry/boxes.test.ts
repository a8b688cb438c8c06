import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countBoxes, selectBoxes } from '../../src/geometry/boxes';
import { calibrate } from '../../src/geometry/calibrate';
import { toSquares } from '../../src/geometry/square';
import { vote } from '../../src/geometry/vote';
import { boxesOf, rowsOf } from './support';

it('select takes rows in the order asked for', () => {
  const boxes = boxesOf([1, 2, 3, 4, 0.1], [5, 6, 7, 8, 0.2]);
  expect(rowsOf(selectBoxes(boxes, [1, 0, 1])).map((row) => row[0])).toEqual([5, 1, 5]);
  expect(countBoxes(boxes)).toBe(2);
});

it('calibrate moves each side by its offset times the width or height', () => {
  const boxes = boxesOf([10, 20, 30, 60, 0.9]);
  expect(rowsOf(calibrate(boxes, [0.1, -0.1, 0.5, 0.25, 99], 5))).toEqual([[12, 16, 40, 70, 0.9]]);
  expect(rowsOf(boxes), 'the boxes given stay').toEqual([[10, 20, 30, 60, 0.9]]);
});

it('toSquares keeps the centre and takes the longer side', () => {
  expect(rowsOf(toSquares(boxesOf([10, 20, 30, 60, 0.9])))).toEqual([[0, 20, 40, 60, 0.9]]);
});

it('a square is square, has the same centre, covers the box, and stays when squared again', () => {
  const coordinate = fc.integer({ min: -1000, max: 1000 });
  const size = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(coordinate, coordinate, size, size, (x, y, width, height) => {
      const square = toSquares(boxesOf([x, y, x + width, y + height, 1]));
      const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = square;
      expect(x2 - x1).toBeCloseTo(y2 - y1, 6);
      expect((x1 + x2) / 2).toBeCloseTo(x + width / 2, 6);
      expect((y1 + y2) / 2).toBeCloseTo(y + height / 2, 6);
      expect(x1 <= x && y1 <= y && x2 >= x + width && y2 >= y + height).toBe(true);
      expect([...toSquares(square)]).toEqual([...square]);
    }),
  );
});

it('vote moves a kept box to the weighted mean of those it suppressed; its score stays', () => {
  const boxes = boxesOf([0, 0, 10, 10, 0.75], [2, 0, 12, 10, 0.25], [100, 100, 110, 110, 0.9]);
  expect(rowsOf(vote(boxes, Int32Array.of(2, 0)))).toEqual([
    [100, 100, 110, 110, 0.9],
    [0.5, 0, 10.5, 10, 0.75],
  ]);
});

it('vote gives no voice to a box that was kept itself, nor to one that overlaps by less than half', () => {
  const boxes = boxesOf([0, 0, 10, 10, 0.8], [1, 0, 11, 10, 0.7], [6, 0, 16, 10, 0.6]);
  expect(rowsOf(vote(boxes, Int32Array.of(0, 1)))[0]).toEqual([0, 0, 10, 10, 0.8]);
});
