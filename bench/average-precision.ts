import { intersectionOverUnion } from '../src/geometry/overlap';
type Box = readonly [x: number, y: number, width: number, height: number];

/** One image: its true boxes, those that count neither way, and what was found. */
export interface Judged {
  truth: readonly Box[];
  ignored: readonly Box[];
  predictions: readonly { box: Box; confidence: number }[];
}

/**
 * Area under the interpolated precision-recall curve, as in PASCAL VOC 2010 and WIDER FACE. A prediction matches the
 * true box that it overlaps most; a second match of the same box is a false positive; one whose best overlap is an
 * ignored box counts neither way.
 * @param threshold least intersection over union of a match
 */
export function averagePrecision(images: readonly Judged[], threshold = 0.5): number {
  const positives = images.reduce((count, { truth }) => count + truth.length, 0);
  const predictions = images
    .flatMap((image) => image.predictions.map((prediction) => ({ image, ...prediction })))
    .sort((a, b) => b.confidence - a.confidence);
  const matched = new Set<Box>();
  const curve: { precision: number; recall: number }[] = [];
  let hits = 0;
  let counted = 0;
  for (const { image, box } of predictions) {
    const overlaps = image.truth.map((truth) => intersectionOverUnion(box, truth));
    const best = Math.max(0, ...overlaps);
    const bestIgnored = Math.max(0, ...image.ignored.map((ignored) => intersectionOverUnion(box, ignored)));
    if (best >= threshold && best >= bestIgnored) {
      const truth = image.truth[overlaps.indexOf(best)];
      if (truth !== undefined && !matched.has(truth)) {
        matched.add(truth);
        hits++;
      }
    } else if (bestIgnored >= threshold) continue;
    counted++;
    curve.push({ precision: hits / counted, recall: hits / positives });
  }
  let area = 0;
  let precision = 0;
  for (let i = curve.length - 1; i >= 0; i--) {
    precision = Math.max(precision, curve[i]?.precision ?? 0);
    area += precision * ((curve[i]?.recall ?? 0) - (curve[i - 1]?.recall ?? 0));
  }
  return area;
}
