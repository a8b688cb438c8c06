/**
 * How many workers a live layout needs, or what so many can do.
 *
 *   node dist/bench/sizing.js --cameras N --rate N --service-ms N [--picture-kb N] [--result-kb N] [--transport-ms N]
 *                             [--answer-ms N] [--dropped PERCENT] [--p95-ms N] [--workers N]
 *   node dist/bench/sizing.js --measured FILE [...]
 *
 * `--rate` is pictures a second of each camera, `--service-ms` what one worker takes for a picture, `--answer-ms` the way
 * to a worker and back. Without `--workers`: the fewest that drop no more than `--dropped`, with 95 % of the faces within
 * `--p95-ms`. FILE holds what `npm run scale` has printed: its service time is taken, and the model is shown beside what
 * was measured. The last line is JSON. The model: sizing/queue.ts.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors';
import { calibrate, compare, formatTable, type Measured, toTable } from './sizing/calibrate';
import { fewestWorkers, solveSystem } from './sizing/system';

/** Of docs/mosquitto.conf: pictures on the way to one worker, and waiting for it. */
const [IN_FLIGHT, QUEUED] = [4, 200];
/** In one worker: one is looked at, one waits. */
const IN_WORKER = 2;

function run(): void {
  const { values } = parseArgs({
    options: {
      cameras: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '1' },
      'service-ms': { type: 'string' },
      'picture-kb': { type: 'string', default: '50' },
      'result-kb': { type: 'string', default: '1' },
      'transport-ms': { type: 'string' },
      'answer-ms': { type: 'string', default: '1' },
      dropped: { type: 'string', default: '1' },
      'p95-ms': { type: 'string', default: '1000' },
      workers: { type: 'string' },
      measured: { type: 'string' },
    },
  });
  const number = (name: Exclude<keyof typeof values, 'measured'>, missing?: number): number => {
    const text = values[name];
    if (text === undefined && missing !== undefined) return missing;
    const value = Number(text);
    if (text === undefined || !(value > 0)) {
      throw new Error(`expected --${name} with a number above 0, got ${text ?? 'nothing'}: give one`);
    }
    return value;
  };

  const measured = values.measured === undefined ? undefined : read(values.measured);
  const calibration = measured === undefined ? undefined : calibrate(measured);
  if (measured !== undefined && calibration !== undefined) {
    console.log(`measured / model\n${toTable(compare(measured, calibration))}\n`);
  }

  const cameras = number('cameras');
  const serviceMs =
    calibration === undefined || values['service-ms'] !== undefined
      ? [number('service-ms')]
      : calibration.serviceMs;
  const transportMs = number('transport-ms', calibration?.transportMs ?? 5);
  const rate = cameras * number('rate');
  const wanted = { dropped: number('dropped') / 100, p95Ms: number('p95-ms') };
  const workers =
    values.workers === undefined
      ? fewestWorkers({ rate, serviceMs, transportMs }, wanted)
      : number('workers');
  if (!Number.isInteger(workers)) throw new Error(`expected --workers with a whole number, got ${workers}`);
  const figures = solveSystem({ rate, workers, serviceMs, transportMs });

  const meanMs = serviceMs.reduce((sum, ms) => sum + ms, 0) / serviceMs.length;
  /** KB a picture to bits */
  const megabits = (perSecond: number, kb: number) => (perSecond * kb * 8) / 1000;
  const pictureKb = number('picture-kb');
  const looked = figures.throughput * number('result-kb');
  const network = {
    perCamera: megabits(number('rate'), pictureKb),
    perWorker: megabits(rate / workers, pictureKb),
    intoBroker: megabits(rate, pictureKb) + megabits(1, looked),
    outOfBroker: megabits(rate, pictureKb) + megabits(1, looked),
  };
  // A worker gets no more pictures than the broker may have on the way to it in the time of an answer.
  const inFlight = Math.max(IN_FLIGHT, Math.ceil((2 * (rate / workers) * number('answer-ms')) / 1000));
  const brokerMb = (workers * (inFlight + QUEUED) * pictureKb) / 1000;
  console.log(
    formatTable([
      ['of the layout', 'value'],
      ['pictures a second', rate.toFixed(1)],
      ['ms a picture', meanMs.toFixed(1)],
      ['workers', String(workers)],
      ['utilisation', `${(100 * figures.utilisation).toFixed(1)} %`],
      ['results a second', figures.throughput.toFixed(1)],
      ['dropped', `${(100 * figures.dropped).toPrecision(2)} %`],
      ['latency mean / p50 / p95', Object.values(figures.latencyMs).map(Math.round).join(' / ') + ' ms'],
      ['pictures in a worker', `${IN_WORKER}: one looked at, the newest waits`],
      ['max_inflight_messages', String(inFlight)],
      ['memory of the broker, at most', `${brokerMb.toFixed(0)} MB`],
      ['network of a camera', `${network.perCamera.toFixed(2)} Mbit/s`],
      ['network of a worker', `${network.perWorker.toFixed(1)} Mbit/s`],
      ['network into the broker', `${network.intoBroker.toFixed(0)} Mbit/s`],
      ['network out of the broker', `${network.outOfBroker.toFixed(0)} Mbit/s`],
    ]),
  );
  console.log(JSON.stringify({ rate, workers, serviceMs: meanMs, ...figures, inFlight, brokerMb, network }));
}

/** The line of JSON among what `npm run scale` has printed. */
function read(file: string): Measured {
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.findLast((line) => line.startsWith('{')) ?? '';
  try {
    // Written by `npm run scale`.
    return JSON.parse(last) as Measured;
  } catch (error) {
    throw new Error(
      `expected what npm run scale -- --broker mqtt prints in ${file}, got: ${last.slice(0, 80)}`,
      {
        cause: error,
      },
    );
  }
}

try {
  run();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
