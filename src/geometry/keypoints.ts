import type { Keypoints, Point } from '../detection';

/** The five points in the order of every table of points here. */
export const KEYPOINT_NAMES = ['left_eye', 'right_eye', 'nose', 'mouth_left', 'mouth_right'] as const;

/** The five points in the order of {@link KEYPOINT_NAMES}. */
export type FivePoints = readonly [Point, Point, Point, Point, Point];

/** A face's five points in order; undefined where one is missing or no place. */
export function fivePointsOf(keypoints: Partial<Keypoints> | undefined): FivePoints | undefined {
  const { left_eye, right_eye, nose, mouth_left, mouth_right } = keypoints ?? {};
  const points = [left_eye, right_eye, nose, mouth_left, mouth_right] as const;
  return isComplete(points) ? points : undefined;
}

function isComplete(points: readonly (Point | undefined)[]): points is FivePoints {
  return points.every((point) => point?.length === 2 && point.every((value) => Number.isFinite(value)));
}
