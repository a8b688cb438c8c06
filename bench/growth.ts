/**
 * How the time of an image grows with its pixels and with its faces.
 *
 *   node dist/bench/growth.js [--engine wasm|native] [--rounds N] [--plot FILE.svg]
 *
 * Pixels: the test scene at one moment, drawn at 0.08 to 12 megapixels. Faces: 1 to 100 drawn faces of 80 pixels in a
 * picture of 1920x1440. Times are medians of the rounds, without decoding. FILE receives the plot of
 * docs/performance.md. The last line is JSON: for pixels the exponent of the power law that fits best (1 is linear), for
 * faces the milliseconds of one more face and the share of the variance that a straight line explains.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createDetector, type Detector } from '../src';
import { loadDrawing } from '../src/camera/test-scene/load-drawing';
import { type Stamp, stamp } from '../src/camera/test-scene/stamp';
import { createRenderer } from '../src/camera/test-scene/test-scene';
import { messageOf } from '../src/errors';
import { CHANNELS, type Pixels } from '../src/image/pixels';
import { fitLine } from './fit-line';
import { plot } from './plot';
import { medianOf } from './spread';

/** A measured picture: what grew, and its time. */
interface Sample {
  megapixels: number;
  found: number;
  ms: number;
}

/** Widths of 4:3 pictures. */
const WIDTHS = [320, 480, 640, 960, 1280, 1920, 2560, 3200, 4000] as const;

/** A moment of the scene at which all four people are there. */
const MOMENT = 20;

const FACES = [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100] as const;

/** Columns and rows of the crowd. */
const GRID = 10;

async function timeOf(detector: Detector, { data, width, height }: Pixels, rounds: number): Promise<Sample> {
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round <= rounds; round++) {
    const { durationMs, faces } = await detector.detect({ data, width, height });
    if (round > 0) times.push(durationMs.total - durationMs.decode); // the first one compiles
    found = faces.length;
  }
  return { megapixels: (width * height) / 1e6, found, ms: medianOf(times) };
}

/** A grey picture with so many faces, turned and sized a little differently each. */
function crowdOf(count: number, people: readonly Stamp[]): Pixels {
  const [width, height] = [1920, 1440];
  const picture = { data: new Uint8Array(width * height * CHANNELS).fill(150), width, height };
  // One row after the other, the lowest last: bodies reach down over those behind.
  for (let i = 0; i < count; i++) {
    const scale = 0.6 + 0.05 * (i % 3);
    stamp(picture, people[i % people.length]!, {
      x: ((i % GRID) + 0.5) * (width / GRID),
      y: (Math.floor(i / GRID) + 0.5) * (height / GRID),
      ...{ originX: 127.5, originY: 142.5, scaleX: scale, scaleY: scale, tilt: 0.05 * ((i % 5) - 2) },
    });
  }
  return picture;
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'wasm' },
      rounds: { type: 'string', default: '5' },
      plot: { type: 'string' },
    },
  });
  const engine = values.engine === 'native' ? 'native' : 'wasm';
  const rounds = Number(values.rounds);
  const detector = await createDetector({ engine });
  const byPixels: Sample[] = [];
  for (const width of WIDTHS) {
    const render = await createRenderer(width, (width * 3) / 4);
    byPixels.push(await timeOf(detector, await render(MOMENT), rounds));
  }
  const people = await Promise.all(['anna', 'ben', 'carla', 'dev'].map(loadDrawing));
  const byFaces: (Sample & { faces: number })[] = [];
  for (const faces of FACES) {
    byFaces.push({ faces, ...(await timeOf(detector, crowdOf(faces, people), rounds)) });
  }
  await detector.close();
  console.table(byPixels);
  console.table(byFaces);

  const power = fitLine(byPixels.map(({ megapixels, ms }) => [Math.log(megapixels), Math.log(ms)]));
  const line = fitLine(byFaces.map(({ faces, ms }) => [faces, ms]));
  if (values.plot !== undefined) {
    const drawn = plot([
      {
        ...{ x: 'megapixels', y: 'ms an image' },
        points: byPixels.map(({ megapixels, ms }) => [megapixels, ms]),
      },
      {
        ...{ x: 'faces in 1920 × 1440', y: 'ms an image' },
        points: byFaces.map(({ faces, ms }) => [faces, ms]),
      },
    ]);
    writeFileSync(values.plot, drawn);
  }
  const three = (value: number) => Number(value.toPrecision(3));
  console.log(
    JSON.stringify({
      engine,
      pixels: { exponent: three(power.slope), explained: three(power.explained) },
      faces: { msAFace: three(line.slope), explained: three(line.explained) },
    }),
  );
}

measure().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
