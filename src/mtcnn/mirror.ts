import { FACE_VALUES, KEYPOINTS } from '../networks/networks';

/** Points of a face: left eye, right eye, nose, left and right corner of the mouth. */
export const POINTS = 5;

/** Which point each one is in a mirrored image: eyes and corners of the mouth change places. */
const MIRRORED_POINT = [1, 0, 2, 4, 3] as const;

/**
 * What O-Net says of a mirrored patch, said of the patch itself: left and right offsets change places and sign, x of a
 * keypoint becomes `1 - x`, left and right points change places.
 * @param answers rows of {@link FACE_VALUES}; row `row` is changed in place
 */
export function unmirror(answers: Float32Array, row: number): void {
  const at = row * FACE_VALUES;
  const left = answers[at]!;
  answers[at] = -answers[at + 2]!;
  answers[at + 2] = -left;
  const x = answers.slice(at + KEYPOINTS, at + KEYPOINTS + POINTS);
  const y = answers.slice(at + KEYPOINTS + POINTS, at + FACE_VALUES);
  MIRRORED_POINT.forEach((from, point) => {
    answers[at + KEYPOINTS + point] = 1 - x[from]!;
    answers[at + KEYPOINTS + POINTS + point] = y[from]!;
  });
}
