import type { Face } from '../detection';
import { type Boxes, countBoxes, selectBoxes, STRIDE } from '../geometry/boxes';
import { suppress } from '../geometry/non-maximum-suppression';

/** A candidate that a threshold just rejected: its box in pixels, what the stage gave it, and which stage it was. */
export interface Rejection extends Pick<Face, 'box' | 'confidence'> {
  stage: 'refine' | 'output';
}

/** Least confidence of what is told, as a share of the threshold: what is far below is no matter of tuning. */
const JUST = 0.5;

/** Overlap (smaller box) above which two boxes are of the same thing. */
const SAME = 0.5;

/** Most that are told: more than one can look at is no help. */
const MOST = 20;

/** What is added to a score so that faces go before what O-Net rejected, and that before what R-Net rejected. */
const RANK = { refine: 0, output: 1, face: 2 } as const;

/** Collects what R-Net and O-Net just reject, for those who choose thresholds. P-Net rejects too many to be told. */
export class Rejections {
  readonly #rows: number[] = [];

  /**
   * Notes what a stage rejects.
   * @param scored boxes with the confidence that the stage gave them
   */
  note(stage: Rejection['stage'], scored: Boxes, threshold: number): void {
    for (let at = 0; at < scored.length; at += STRIDE) {
      const confidence = scored[at + 4]!;
      if (confidence >= threshold || confidence < JUST * threshold) continue;
      this.#rows.push(...scored.subarray(at, at + 4), confidence + RANK[stage]);
    }
  }

  /** Those that are neither one of the faces nor one another: the surest of the last stage first. */
  list(faces: readonly Face[]): Rejection[] {
    const found = faces.flatMap(({ box: [x, y, width, height] }) => [x, y, x + width, y + height, RANK.face]);
    const all = Float64Array.from([...found, ...this.#rows]);
    const apart = selectBoxes(all, suppress(all, SAME, 'minimum'));
    const rejections: Rejection[] = [];
    for (let row = 0; row < countBoxes(apart) && rejections.length < MOST; row++) {
      const [left, top, right, bottom, score] = apart.subarray(row * STRIDE, (row + 1) * STRIDE);
      if (score! >= RANK.face) continue;
      const stage = score! >= RANK.output ? 'output' : 'refine';
      const box: Face['box'] = [left!, top!, right! - left!, bottom! - top!];
      rejections.push({ box, confidence: score! - RANK[stage], stage });
    }
    return rejections;
  }
}
