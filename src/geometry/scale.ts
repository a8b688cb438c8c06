import type { Face, Keypoints, Point } from '../detection';

/** How many times larger a picture is than another of the same scene. */
export type Scale = readonly [x: number, y: number];

/** Faces, or anything else with a box and perhaps keypoints, in pixels of a larger or smaller picture of the scene. */
export function scaleFaces<T extends Pick<Face, 'box' | 'keypoints'>>(
  faces: readonly T[],
  scale: Scale,
): T[] {
  if (scale[0] === 1 && scale[1] === 1) return [...faces];
  return faces.map((face) => ({
    ...face,
    box: scaleBox(face.box, scale),
    ...(face.keypoints === undefined ? {} : { keypoints: scaleKeypoints(face.keypoints, scale) }),
  }));
}

function scaleBox([left, top, width, height]: Face['box'], [x, y]: Scale): Face['box'] {
  return [left * x, top * y, width * x, height * y];
}

function scaleKeypoints(keypoints: Keypoints, [x, y]: Scale): Keypoints {
  const scaled = ([left, top]: Point): Point => [left * x, top * y];
  const { left_eye, right_eye, nose, mouth_left, mouth_right } = keypoints;
  return {
    left_eye: scaled(left_eye),
    right_eye: scaled(right_eye),
    nose: scaled(nose),
    mouth_left: scaled(mouth_left),
    mouth_right: scaled(mouth_right),
  };
}
