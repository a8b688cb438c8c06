import type { Face, Keypoints, Point } from '../detection';
import { countBoxes, selectBoxes, STRIDE, type Boxes } from '../geometry/boxes';
import { calibrate } from '../geometry/calibrate';
import { suppress } from '../geometry/non-maximum-suppression';
import { toSquares } from '../geometry/square';
import { vote } from '../geometry/vote';
import type { Reductions } from '../image/reductions';
import { confidenceOf, FACE_VALUES, KEYPOINTS, LOGIT, type Networks, ONET_SIDE } from '../networks/networks';
import { POINTS, unmirror } from './mirror';
import type { ResolvedOptions } from './options';
import { cropPatches, mirrorPatches } from './patches';
import type { Rejections } from './rejections';

/**
 * Least first confidence of a candidate that O-Net sees a second time, mirrored. Measured on FDDB fold 1: with box
 * voting, average precision .902 to .920 for 4 % more time.
 */
export const SECOND_LOOK = 0.4;

/**
 * Stage 3, the output network: faces with their confidence and keypoints.
 *   1. Crop a 48x48 patch of each candidate, squared.
 *   2. Run O-Net; run it again on the mirrored patches of the promising ones, and average.
 *   3. Drop what is below the threshold, calibrate, suppress, and let the suppressed vote on the boxes.
 * @returns faces best first, in fractions of a pixel
 */
export function output(
  image: Reductions,
  candidates: Boxes,
  networks: Networks,
  options: ResolvedOptions,
  rejections?: Rejections,
): Face[] {
  const count = countBoxes(candidates);
  if (count === 0) return [];
  const squares = toSquares(candidates);
  const patches = cropPatches(image, squares, ONET_SIDE);
  const answers = networks.output(patches, count);
  const confidences = Float64Array.from({ length: count }, (_, i) =>
    confidenceOf(answers[i * FACE_VALUES + LOGIT]!),
  );
  lookAgain(patches, networks, answers, confidences);

  const scored = calibrate(squares, answers, FACE_VALUES);
  const passed: number[] = [];
  confidences.forEach((confidence, i) => {
    scored[i * STRIDE + 4] = confidence;
    if (confidence >= options.thresholdOnet) passed.push(i);
  });
  rejections?.note('output', scored, options.thresholdOnet);
  const boxes = selectBoxes(scored, passed);
  const kept = suppress(boxes, options.nmsOnet, 'minimum');
  const voted = vote(boxes, kept);
  return Array.from(kept, (row, i) => {
    const face = toFace(voted, i, image.full.width, image.full.height, options);
    if (options.landmarks) {
      face.keypoints = toKeypoints(answers, squares, passed[row]!);
      if (options.limitBoundariesLandmarks)
        limitKeypoints(face.keypoints, image.full.width, image.full.height);
    }
    return face;
  });
}

/** Averages confidence, offsets and keypoints of the promising candidates with those of their mirror images. */
function lookAgain(
  patches: Float32Array,
  networks: Networks,
  answers: Float32Array,
  confidences: Float64Array,
): void {
  const rows: number[] = [];
  confidences.forEach((confidence, row) => {
    if (confidence >= SECOND_LOOK) rows.push(row);
  });
  if (rows.length === 0) return;
  const second = networks.output(mirrorPatches(patches, rows, ONET_SIDE), rows.length);
  rows.forEach((row, i) => {
    unmirror(second, i);
    confidences[row] = (confidences[row]! + confidenceOf(second[i * FACE_VALUES + LOGIT]!)) / 2;
    for (let k = 0; k < FACE_VALUES; k++) {
      if (k === LOGIT) continue;
      const at = row * FACE_VALUES + k;
      answers[at] = (answers[at]! + second[i * FACE_VALUES + k]!) / 2;
    }
  });
}

function toFace(
  boxes: Boxes,
  row: number,
  width: number,
  height: number,
  { fitToImage }: ResolvedOptions,
): Face {
  const at = row * STRIDE;
  let [left, top, right, bottom] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
  if (fitToImage) {
    left = clamp(left, 0, width);
    top = clamp(top, 0, height);
    right = clamp(right, 0, width);
    bottom = clamp(bottom, 0, height);
  }
  return { box: [left, top, right - left, bottom - top], confidence: boxes[at + 4]! };
}

/** O-Net gives keypoints as shares of the square that it saw. */
function toKeypoints(answers: Float32Array, squares: Boxes, row: number): Keypoints {
  const at = row * STRIDE;
  const x = squares[at]!;
  const y = squares[at + 1]!;
  const side = squares[at + 2]! - x;
  const from = row * FACE_VALUES + KEYPOINTS;
  const point = (i: number): Point => [x + answers[from + i]! * side, y + answers[from + POINTS + i]! * side];
  return {
    left_eye: point(0),
    right_eye: point(1),
    nose: point(2),
    mouth_left: point(3),
    mouth_right: point(4),
  };
}

function limitKeypoints(keypoints: Keypoints, width: number, height: number): void {
  for (const point of Object.values(keypoints) as Point[]) {
    point[0] = clamp(point[0], 0, width);
    point[1] = clamp(point[1], 0, height);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
