import { countBoxes, selectBoxes, STRIDE, type Boxes } from '../geometry/boxes';
import { calibrate } from '../geometry/calibrate';
import { suppress } from '../geometry/non-maximum-suppression';
import { toSquares } from '../geometry/square';
import type { Reductions } from '../image/reductions';
import { BOX_VALUES, confidenceOf, LOGIT, type Networks, RNET_SIDE } from '../networks/networks';
import type { ResolvedOptions } from './options';
import { cropPatches } from './patches';
import type { Rejections } from './rejections';

/**
 * Stage 2, the refinement network: rejects most proposals and moves the rest.
 *   1. Crop a 24x24 patch of each proposal, squared.
 *   2. Run R-Net and drop what is below the threshold.
 *   3. Calibrate, then suppress.
 */
export function refine(
  image: Reductions,
  proposals: Boxes,
  networks: Networks,
  { thresholdRnet, nmsRnet }: ResolvedOptions,
  rejections?: Rejections,
): Boxes {
  const count = countBoxes(proposals);
  if (count === 0) return proposals;
  const squares = toSquares(proposals);
  const answers = networks.refine(cropPatches(image, squares, RNET_SIDE), count);
  const scored = calibrate(squares, answers, BOX_VALUES);
  const passed: number[] = [];
  for (let i = 0; i < count; i++) {
    const confidence = confidenceOf(answers[i * BOX_VALUES + LOGIT]!);
    scored[i * STRIDE + 4] = confidence;
    if (confidence >= thresholdRnet) passed.push(i);
  }
  rejections?.note('refine', scored, thresholdRnet);
  const boxes = selectBoxes(scored, passed);
  return selectBoxes(boxes, suppress(boxes, nmsRnet, 'union'));
}
