/**
 * How far the eyes of aligned crops are from where the template has them.
 *
 *   node dist/bench/alignment.js --dataset DIR [--engine wasm|native] [--limit N]
 *
 * DIR as for `npm run evaluate`. Of every found face that overlaps a true one (IoU 0.5): `fittedPx`, where the alignment
 * takes the eyes that it was made from (what no similarity can even out), and `detectedPx`, where the eyes are found
 * when the crop, with as much again around it, is searched anew. Mean distances in pixels at 112x112. The last line
 * printed is JSON: `{images, faces, fittedPx, detectedPx, detected, engine}`; `detected` are the faces found again.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDetector, type Face, type Point } from '../src';
import { alignmentOf, templateFor } from '../src/drawing/crop';
import { warp } from '../src/drawing/warp';
import { fivePointsOf } from '../src/geometry/keypoints';
import { applySimilarity, invertSimilarity } from '../src/geometry/similarity';
import { decodeImage } from '../src/image/decode';
import { reductionsOf } from '../src/image/reductions';
import { intersectionOverUnion } from '../src/geometry/overlap';

const SIZE = 112;
/** Added on each side of a crop before it is searched. */
const AROUND = SIZE / 2;

interface Entry {
  file: string;
  boxes_xywh: Face['box'][];
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dataset: { type: 'string' },
      engine: { type: 'string', default: 'wasm' },
      limit: { type: 'string' },
    },
  });
  const { dataset, engine } = values;
  if (dataset === undefined || (engine !== 'wasm' && engine !== 'native')) {
    throw new Error('Usage: node dist/bench/alignment.js --dataset DIR [--engine wasm|native] [--limit N]');
  }
  // The dataset's format is checked where it is used.
  const entries = JSON.parse(readFileSync(path.join(dataset, 'ground-truth.json'), 'utf8')) as Entry[];
  const chosen = entries.slice(0, values.limit === undefined ? undefined : Number(values.limit));
  const detector = await createDetector({ engine });
  const fitted: number[] = [];
  const detected: number[] = [];
  let faces = 0;
  for (const { file, boxes_xywh: truth } of chosen) {
    const reductions = reductionsOf(await decodeImage(path.join(dataset, file)));
    const found = (await detector.detect(path.join(dataset, file))).faces;
    for (const face of found.filter(({ box }) =>
      truth.some((one) => intersectionOverUnion(one, box) >= 0.5),
    )) {
      faces++;
      const alignment = alignmentOf(face, SIZE);
      fitted.push(...eyeErrors(face, (point) => applySimilarity(alignment, point)));
      const wider = { ...alignment, dx: alignment.dx + AROUND, dy: alignment.dy + AROUND };
      const side = SIZE + 2 * AROUND;
      const crop = warp(reductions, invertSimilarity(wider), side, side, 'grey');
      const again = mostCentral((await detector.detect(crop)).faces, side);
      if (again !== undefined) detected.push(...eyeErrors(again, ([x, y]) => [x - AROUND, y - AROUND]));
    }
  }
  await detector.close();
  console.log(
    JSON.stringify({
      images: chosen.length,
      faces,
      fittedPx: mean(fitted),
      detectedPx: mean(detected),
      detected: detected.length / 2,
      engine: detector.engine,
    }),
  );
}

/** Distance of each eye from its place in the template. */
function eyeErrors({ keypoints }: Face, toCrop: (point: Point) => Point): number[] {
  const eyes = fivePointsOf(keypoints)?.slice(0, 2) ?? [];
  const template = templateFor(SIZE);
  return eyes.map((eye, i) => {
    const [x, y] = toCrop(eye);
    return Math.hypot(x - template[i]![0], y - template[i]![1]);
  });
}

/** The face whose box contains the middle, nearest to it; the neighbours of a face may be in its crop. */
function mostCentral(faces: readonly Face[], side: number): Face | undefined {
  const distance = ({ box: [x, y, width, height] }: Face) =>
    Math.hypot(x + (width - side) / 2, y + (height - side) / 2);
  return faces.filter((face) => distance(face) < side / 4).sort((a, b) => distance(a) - distance(b))[0];
}

function mean(values: readonly number[]): number {
  return Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2));
}

measure().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
