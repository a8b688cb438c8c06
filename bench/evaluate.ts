/**
 * Accuracy and speed on a folder of photographs with known faces.
 *
 *   npm run evaluate -- --dataset DIR --engine wasm|native [--limit N] [--options JSON] [--predictions FILE]
 *
 * DIR holds the pictures and `ground-truth.json`: `[{file, boxes_xywh, ignore_xywh?}, …]`. FILE receives
 * `{file: [[x, y, width, height, confidence], …]}`. The last line printed is JSON: `{images, ap50, meanMs, engine}`;
 * meanMs is the time of a detection without decoding, after one picture to warm up.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDetector, type DetectOptions } from '../src';
import { averagePrecision, type Judged } from './average-precision';
import { readEntries } from './dataset';

async function evaluate(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dataset: { type: 'string' },
      engine: { type: 'string', default: 'wasm' },
      limit: { type: 'string' },
      options: { type: 'string', default: '{}' },
      predictions: { type: 'string' },
    },
  });
  const { dataset, engine } = values;
  if (dataset === undefined || (engine !== 'wasm' && engine !== 'native')) {
    throw new Error(
      'Usage: npm run evaluate -- --dataset DIR --engine wasm|native [--limit N] [--options JSON]',
    );
  }
  const options = JSON.parse(values.options) as DetectOptions; // checked where they are used
  const chosen = readEntries(dataset).slice(0, values.limit === undefined ? undefined : Number(values.limit));

  const detector = await createDetector({ engine });
  // One picture to warm up, as every peer of the speed table has it.
  if (chosen[0] !== undefined) await detector.detect(path.join(dataset, chosen[0].file), options);
  const judged: Judged[] = [];
  const predictions: Record<string, number[][]> = {};
  const sums = { decode: 0, proposal: 0, refine: 0, output: 0, total: 0 };
  const candidates = { proposal: 0, refine: 0, output: 0 };
  for (const { file, boxes_xywh: truth, ignore_xywh: ignored = [] } of chosen) {
    const detection = await detector.detect(path.join(dataset, file), options);
    for (const stage of Object.keys(sums) as (keyof typeof sums)[])
      sums[stage] += detection.durationMs[stage];
    for (const stage of Object.keys(candidates) as (keyof typeof candidates)[]) {
      candidates[stage] += detection.candidates[stage];
    }
    judged.push({ truth, ignored, predictions: detection.faces });
    predictions[file] = detection.faces.map(({ box, confidence }) => [...box, confidence]);
  }
  await detector.close();

  if (values.predictions !== undefined) writeFileSync(values.predictions, JSON.stringify(predictions));
  const mean = (record: Record<string, number>) =>
    Object.entries(record).map(([name, sum]) => `${name} ${(sum / chosen.length).toFixed(2)}`);
  console.log(`mean ms an image: ${mean(sums).join(', ')}`);
  console.log(`mean boxes after each stage: ${mean(candidates).join(', ')}`);
  const result = {
    images: chosen.length,
    ap50: Number(averagePrecision(judged).toFixed(4)),
    meanMs: Number(((sums.total - sums.decode) / chosen.length).toFixed(2)),
    engine: detector.engine,
  };
  console.log(JSON.stringify(result));
}

evaluate().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
