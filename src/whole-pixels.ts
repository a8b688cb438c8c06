import type { Face, Keypoints, Point } from './detection';

/** Faces with boxes and keypoints in whole pixels, as messages carry them. */
export function toWholePixels(faces: readonly Face[]): Face[] {
  return faces.map(({ box: [x, y, width, height], confidence, keypoints }) => ({
    box: [whole(x), whole(y), whole(width), whole(height)],
    confidence,
    ...(keypoints === undefined ? {} : { keypoints: roundKeypoints(keypoints) }),
  }));
}

function roundKeypoints(keypoints: Keypoints): Keypoints {
  const point = ([x, y]: Point): Point => [whole(x), whole(y)];
  return {
    left_eye: point(keypoints.left_eye),
    right_eye: point(keypoints.right_eye),
    nose: point(keypoints.nose),
    mouth_left: point(keypoints.mouth_left),
    mouth_right: point(keypoints.mouth_right),
  };
}

/** The nearest whole number, never -0. */
function whole(value: number): number {
  return Math.round(value) + 0;
}
