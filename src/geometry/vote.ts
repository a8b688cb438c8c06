import { STRIDE, type Boxes } from './boxes';
import { overlap } from './overlap';

/**
 * Least overlap (intersection over union) of a box that has a vote in another's place
 * (box voting: Gidaris and Komodakis 2015, arXiv:1505.01749, section 4).
 */
export const VOTING_OVERLAP = 0.5;

/**
 * Box voting: each kept box moves to the score-weighted mean of the suppressed boxes that overlap it, itself
 * included; its score stays.
 * @param kept rows that non-maximum suppression left
 * @returns the kept boxes in their new places, in the order of `kept`
 */
export function vote(boxes: Boxes, kept: Int32Array): Boxes {
  const others = new Set(kept);
  const voted = new Float64Array(kept.length * STRIDE);
  for (let i = 0; i < kept.length; i++) {
    const row = kept[i]!;
    let weight = 0;
    const sum = [0, 0, 0, 0];
    for (let voter = 0; voter * STRIDE < boxes.length; voter++) {
      if (voter !== row && (others.has(voter) || overlap(boxes, row, voter, 'union') < VOTING_OVERLAP))
        continue;
      const score = boxes[voter * STRIDE + 4]!;
      weight += score;
      for (let k = 0; k < 4; k++) sum[k]! += score * boxes[voter * STRIDE + k]!;
    }
    for (let k = 0; k < 4; k++) voted[i * STRIDE + k] = sum[k]! / weight;
    voted[i * STRIDE + 4] = boxes[row * STRIDE + 4]!;
  }
  return voted;
}
