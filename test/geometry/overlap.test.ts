import { expect, it } from 'vitest';
import { intersectionOverUnion, overlap } from '../../src/geometry/overlap';
import { boxesOf } from './support';

it.each([
  { b: [0, 0, 10, 10], union: 1, minimum: 1, reason: 'the same box' },
  { b: [10, 0, 20, 10], union: 0, minimum: 0, reason: 'side by side: a shared edge has no area' },
  { b: [5, 0, 15, 10], union: 50 / 150, minimum: 0.5, reason: 'half of each' },
  { b: [2, 2, 4, 4], union: 4 / 100, minimum: 1, reason: 'one inside the other' },
  { b: [3, 3, 3, 8], union: 0, minimum: 0, reason: 'a box without width has no area to share' },
  { b: [50, 50, 60, 60], union: 0, minimum: 0, reason: 'far apart in both directions' },
] as const)('overlap: $reason', ({ b, union, minimum }) => {
  const boxes = boxesOf([0, 0, 10, 10, 1], [...b, 1]);
  expect(overlap(boxes, 0, 1, 'union')).toBeCloseTo(union, 12);
  expect(overlap(boxes, 0, 1, 'minimum')).toBeCloseTo(minimum, 12);
  const [x1, y1, x2, y2] = b;
  expect(intersectionOverUnion([0, 0, 10, 10], [x1, y1, x2 - x1, y2 - y1])).toBeCloseTo(union, 12);
});
