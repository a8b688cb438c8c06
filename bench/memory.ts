/**
 * Memory of one WASM detector process: 1,000 (or FRAMES) different frames of the test scene at 640x480.
 *
 *   node dist/bench/memory.js [FRAMES]
 *
 * Linux only: reads the resident set from /proc. The last line is JSON: `{startMb, peakMb, endMb, slopeMbPer100}`, the
 * slope by least squares over the last 500 frames.
 */
import { createDetector } from '../src';
import { createRenderer } from '../src/camera/test-scene/test-scene';
import { encodeImage } from '../src/image/encode';
import { residentMb } from './processes';

const FRAMES = Number(process.argv[2] ?? 1000);
const LAST = 500;

async function measure(): Promise<void> {
  const detector = await createDetector({ engine: 'wasm' });
  const [pid = NaN] = detector.pids;
  const render = await createRenderer(640, 480);
  const startMb = residentMb(pid) ?? NaN;
  const readings: number[] = [];
  for (let i = 0; i < FRAMES; i++) {
    await detector.detect(await encodeImage(await render(i / 10)));
    readings.push(residentMb(pid) ?? NaN);
  }
  await detector.close();
  const last = readings.slice(-LAST);
  const middle = (LAST - 1) / 2;
  const mean = last.reduce((sum, value) => sum + value, 0) / LAST;
  const slope =
    last.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) /
    last.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  console.log(
    JSON.stringify({
      startMb: Math.round(startMb),
      peakMb: Math.round(Math.max(...readings)),
      endMb: Math.round(readings.at(-1) ?? NaN),
      slopeMbPer100: Number((slope * 100).toFixed(2)),
    }),
  );
}

measure().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
