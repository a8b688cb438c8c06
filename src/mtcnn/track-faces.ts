import type { Face } from '../detection';
import { countBoxes, STRIDE, type Boxes } from '../geometry/boxes';
import { intersectionOverUnion } from '../geometry/overlap';
import { placeForKernels } from '../image/kernels/kernels';
import type { Pixels } from '../image/pixels';
import { reductionsOf } from '../image/reductions';
import type { Networks } from '../networks/networks';
import type { CascadeResult } from './detect-faces';
import type { ResolvedOptions } from './options';
import { output } from './output';
import { refine } from './refine';

/** Sizes of the squares around an expected box, of its own: one of them holds a face that came nearer or went away. */
const SCALES = [1, 1.15, 0.87] as const;

/** R-Net's threshold is lowered to this share: it sees squares around faces, not proposals of anything. */
const THRESHOLD_SHARE = 0.5;

/** Overlap above which the lesser of two squares goes after R-Net: one a face is enough for O-Net. */
const OVERLAP = 0.5;

/** Least overlap of an expected box and the face that is found for it. */
const SAME = 0.4;

/** A face that was less sure than this is let go without a search: the detector finds it in some frames only. */
const SURE = 0.85;

/** What following yields: whether every sure face was found again. */
export interface TrackResult extends CascadeResult {
  lost: boolean;
}

/**
 * Video mode: faces of the frame before are found again by R-Net and O-Net alone, on squares around where each is
 * expected. P-Net, which searches the whole picture, is left out.
 * @param expected faces where they are expected in this picture
 */
export function trackFaces(
  image: Pixels,
  expected: readonly Face[],
  networks: Networks,
  options: ResolvedOptions,
): TrackResult {
  const reductions = reductionsOf(placeForKernels(image));
  const begin = performance.now();
  const squares = squaresAround(expected);
  const thresholdRnet = options.thresholdRnet * THRESHOLD_SHARE;
  const candidates = refine(reductions, squares, networks, { ...options, thresholdRnet, nmsRnet: OVERLAP });
  const refined = performance.now();
  const faces = output(reductions, candidates, networks, options);
  const end = performance.now();
  return {
    faces,
    candidates: {
      proposal: countBoxes(squares),
      refine: countBoxes(candidates),
      output: faces.length,
    },
    durationMs: { proposal: 0, refine: refined - begin, output: end - refined },
    lost: expected.some(
      ({ confidence, box }) =>
        confidence >= SURE && !faces.some((found) => intersectionOverUnion(box, found.box) >= SAME),
    ),
  };
}

/** Squares of several sizes around each face. */
function squaresAround(faces: readonly Face[]): Boxes {
  const boxes = new Float64Array(faces.length * SCALES.length * STRIDE);
  let at = 0;
  for (const { box, confidence } of faces) {
    const [x, y, width, height] = box;
    for (const scale of SCALES) {
      const half = (Math.max(width, height) * scale) / 2;
      const [centerX, centerY] = [x + width / 2, y + height / 2];
      boxes.set([centerX - half, centerY - half, centerX + half, centerY + half, confidence], at);
      at += STRIDE;
    }
  }
  return boxes;
}
