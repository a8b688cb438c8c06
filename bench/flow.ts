/**
 * Frames a second of a whole flow against those of its detector alone.
 *
 *   node dist/bench/flow.js [--engine wasm|native] [--loops N] [--rounds N]
 *
 * The quick start in a real Node-RED: test scene, 640x480, faster than the detector, then detect, annotate, view, and one
 * viewer who takes the stream. The detector alone searches the same frames one after the other, as JPEG files. Both take
 * turns, for whole loops of the scene: its faces come and go, and each takes its time. The last line is JSON:
 * `{engine, alone, flow, ratio}`, medians of the rounds in frames a second.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDetector, type EngineName } from '../src';
import { CAMERA_RANGES } from '../src/camera/create-source';
import { LOOP_SECONDS } from '../src/camera/test-scene/choreography';
import { createRenderer } from '../src/camera/test-scene/test-scene';
import { messageOf } from '../src/errors';
import { encodeImage } from '../src/image/encode';
import { ROOT } from './root';
import { medianOf } from './spread';
import { type RunningNodeRed, startNodeRed } from './start-node-red';

/** The camera's rate, in times of that of the detector alone: there is always a newer frame, and few are drawn in vain. */
const FASTER = 1.25;
const [, MOST] = CAMERA_RANGES.framesPerSecond;

/** Longest time in ms until the flow has shown its first frames. */
const START_MS = 60_000;

/** Moments of the scene that the detector alone searches, in turn; the flow sees the same ones, and those between. */
const MOMENTS = Array.from({ length: 5 * LOOP_SECONDS }, (_, i) => i / 5);

async function aloneOf(engine: EngineName, seconds: number): Promise<number> {
  const render = await createRenderer(640, 480);
  const frames: Buffer[] = [];
  for (const moment of MOMENTS) frames.push(await encodeImage(await render(moment), { quality: 88 }));
  const detector = await createDetector({ engine });
  for (const frame of frames.slice(0, 10)) await detector.detect(frame); // the first images compile
  let count = 0;
  const begin = performance.now();
  while (performance.now() - begin < seconds * 1000 || count % frames.length > 0)
    await detector.detect(frames[count++ % frames.length]);
  const rate = (count * 1000) / (performance.now() - begin);
  await detector.close();
  return rate;
}

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  detector?: string;
  framesPerSecond?: number;
  wires?: string[][];
}

/** The quick start with this engine, a fast camera, and a count of what reaches the view. */
function flowFor(engine: EngineName, framesPerSecond: number): object[] {
  // Our own file.
  const flow = JSON.parse(readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8')) as FlowNode[];
  const tab = flow[0]?.id ?? '';
  const node = (id: string, type: string, config: object) => ({ id, type, z: tab, x: 1, y: 1, ...config });
  for (const each of flow) {
    if (each.type === 'mtcnn-detect') each.detector = 'benchdetector001';
    if (each.type === 'camera-input') each.framesPerSecond = framesPerSecond;
    if (each.type === 'face-annotate') each.wires?.[0]?.push('count');
  }
  return [
    ...flow,
    { id: 'benchdetector001', type: 'mtcnn-detector', engine, processes: 1, deadline: 30 },
    node('count', 'function', { func: "flow.set('count', (flow.get('count') || 0) + 1);", wires: [[]] }),
    node('in', 'http in', { url: '/count', method: 'get', wires: [['read']] }),
    node('read', 'function', { func: "msg.payload = flow.get('count') || 0; return msg;", wires: [['out']] }),
    node('out', 'http response', { wires: [] }),
  ];
}

const countOf = async ({ url }: RunningNodeRed): Promise<number> =>
  Number(await (await fetch(`${url}/count`)).text());

async function flowOf(engine: EngineName, seconds: number, framesPerSecond: number): Promise<number> {
  const nodeRed = await startNodeRed({ flows: flowFor(engine, framesPerSecond) });
  const viewer = new AbortController();
  try {
    const { body } = await fetch(`${nodeRed.url}/faces/stream`, { signal: viewer.signal });
    const watching = body?.pipeTo(new WritableStream()).catch(() => undefined); // aborted at the end
    const startedAt = performance.now();
    while ((await countOf(nodeRed)) < 20) {
      if (performance.now() - startedAt > START_MS)
        throw new Error(`expected 20 frames within ${START_MS} ms, got fewer:\n${nodeRed.log()}`);
      await wait(50);
    }
    const [first, begin] = [await countOf(nodeRed), performance.now()];
    await wait(seconds * 1000);
    const rate = (((await countOf(nodeRed)) - first) * 1000) / (performance.now() - begin);
    viewer.abort();
    await watching;
    return rate;
  } finally {
    await nodeRed.stop();
  }
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'wasm' },
      loops: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const engine = values.engine === 'native' ? 'native' : 'wasm';
  const seconds = Number(values.loops) * LOOP_SECONDS;
  const rounds: { alone: number; flow: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const alone = await aloneOf(engine, seconds);
    rounds.push({ alone, flow: await flowOf(engine, seconds, Math.min(MOST, Math.ceil(FASTER * alone))) });
  }
  console.table(rounds);
  const two = (value: number) => Number(value.toFixed(2));
  console.log(
    JSON.stringify({
      engine,
      alone: two(medianOf(rounds.map(({ alone }) => alone))),
      flow: two(medianOf(rounds.map(({ flow }) => flow))),
      ratio: two(medianOf(rounds.map(({ alone, flow }) => flow / alone))),
    }),
  );
}

measure().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
