import { expect, it } from 'vitest';
import { fivePointsOf, KEYPOINT_NAMES } from '../../src/geometry/keypoints';

const keypoints = {
  nose: [5, 6] as [number, number],
  left_eye: [1, 2] as [number, number],
  right_eye: [3, 4] as [number, number],
  mouth_right: [9, 10] as [number, number],
  mouth_left: [7, 8] as [number, number],
};

it('five points stand in the order of their names, whatever the order they came in', () => {
  expect(fivePointsOf(keypoints)).toEqual(KEYPOINT_NAMES.map((name) => keypoints[name]));
});

it.each([
  { points: undefined, reason: 'landmarks are off' },
  { points: {}, reason: 'none' },
  { points: { nose: keypoints.nose }, reason: 'one of five' },
  { points: { ...keypoints, nose: [NaN, 1] as [number, number] }, reason: 'a point that is no place' },
])('no points: $reason', ({ points }) => {
  expect(fivePointsOf(points)).toBeUndefined();
});
