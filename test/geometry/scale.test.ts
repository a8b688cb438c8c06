import { expect, it } from 'vitest';
import type { Face } from '../../src/detection';
import { scaleFaces } from '../../src/geometry/scale';

const face: Face = {
  box: [1, 2, 3, 4],
  confidence: 0.9,
  keypoints: {
    left_eye: [1, 2],
    right_eye: [3, 4],
    nose: [5, 6],
    mouth_left: [7, 8],
    mouth_right: [9, 10],
  },
};

it('box and keypoints follow the picture, along each side by its own ratio', () => {
  expect(scaleFaces([face], [2, 3])).toEqual([
    {
      box: [2, 6, 6, 12],
      confidence: 0.9,
      keypoints: {
        left_eye: [2, 6],
        right_eye: [6, 12],
        nose: [10, 18],
        mouth_left: [14, 24],
        mouth_right: [18, 30],
      },
    },
  ]);
});

it('whatever else a face has stays as it is', () => {
  expect(scaleFaces([{ box: [1, 1, 1, 1], stage: 'refine' }], [2, 2])).toEqual([
    { box: [2, 2, 2, 2], stage: 'refine' },
  ]);
});

it('of a picture of the same size nothing changes', () => {
  expect(scaleFaces([face], [1, 1])).toEqual([face]);
});
