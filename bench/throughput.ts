/**
 * Images a second of one detector.
 *
 *   node dist/bench/throughput.js --dataset DIR --engine wasm|native --processes N
 *
 * Every process always has its next image waiting; decoding counts. The last line is JSON:
 * `{engine, processes, images, imagesPerSecond}`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDetector } from '../src';
import { readEntries } from './dataset';

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dataset: { type: 'string', default: '' },
      engine: { type: 'string', default: 'wasm' },
      processes: { type: 'string', default: '1' },
    },
  });
  const engine = values.engine === 'native' ? 'native' : 'wasm';
  const pictures = readEntries(values.dataset).map(({ file }) =>
    readFileSync(path.join(values.dataset, file)),
  );
  const detector = await createDetector({ engine, processes: Number(values.processes) });
  const detectAll = (each: readonly Buffer[]) => Promise.all(each.map((picture) => detector.detect(picture)));
  await detectAll(pictures.slice(0, 4 * detector.processes)); // the first images compile
  const begin = performance.now();
  await detectAll(pictures);
  const seconds = (performance.now() - begin) / 1000;
  await detector.close();
  const imagesPerSecond = Number((pictures.length / seconds).toFixed(2));
  console.log(
    JSON.stringify({ engine, processes: detector.processes, images: pictures.length, imagesPerSecond }),
  );
}

measure().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
