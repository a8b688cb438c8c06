/**
 * How much several workers do together, in real Node-REDs around a real broker on loopback.
 *
 *   node dist/bench/scale.js [--workers N,N,…] [--broker mqtt|amqp] [--seconds N] [--rate N] [--images N]
 *                            [--engine wasm|native]
 *
 * Each number of workers is measured in turn. A worker is held to one core; more workers than cores share them. Pictures
 * are JPEG files of the test scene, encoded before.
 *
 * - `mqtt`: live-detector. Saturated throughput (`--rate`: pictures a second then), latency and dropped pictures at 50, 90
 *   and 150 % of it with the model of sizing/queue.ts beside them, where all pictures went, and the same with a worker that
 *   is killed. Fails unless published = detected + dropped + failed + expired, exactly.
 * - `amqp`: archive-detector. `--images` pictures, with a worker that is killed and a broker that is restarted; results that
 *   are lost or come twice.
 *
 * The last line is JSON. Linux only.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors';
import { canPin } from './cores';
import { type ArchiveFigures, measureArchive } from './scale/archive';
import { type Accounts, type LiveFigures, measureLive } from './scale/live';
import { encodeScene } from './scale/pictures';
import { coreOf } from './scale/worker';
import { calibrate, compare, formatTable, toTable } from './sizing/calibrate';

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      workers: { type: 'string', default: '1,2' },
      broker: { type: 'string', default: 'mqtt' },
      seconds: { type: 'string', default: '30' },
      rate: { type: 'string' },
      images: { type: 'string', default: '400' },
      engine: { type: 'string', default: 'wasm' },
    },
  });
  if (!canPin)
    throw new Error('expected Linux with taskset (apt install util-linux), which holds workers to cores');
  const counts = values.workers.split(',').map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count > 0)) {
    throw new Error(`expected --workers with numbers such as 1,2,3, got ${values.workers}`);
  }
  const engine = values.engine === 'native' ? 'native' : 'wasm';
  const seconds = Number(values.seconds);
  const pictures = await encodeScene();
  const cores = os.availableParallelism();
  console.log(`${cores} cores, load average ${os.loadavg()[0]?.toFixed(1)}, engine ${engine}`);

  console.log(describeCores(counts, cores));

  const setting = { engine, cores, counts };
  if (values.broker === 'amqp') {
    const images = Number(values.images);
    await archive(setting, (workers) => measureArchive({ workers, engine, images, pictures }));
  } else if (values.broker === 'mqtt') {
    const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
    await live(setting, seconds, (workers) => measureLive({ workers, engine, seconds, pictures, ...rate }));
  } else throw new Error(`expected --broker mqtt or amqp, got ${values.broker}`);
}

interface Setting {
  engine: string;
  cores: number;
  /** Of workers, in turn. */
  counts: number[];
}

async function live(
  { engine, cores, counts }: Setting,
  seconds: number,
  measure: (workers: number) => Promise<LiveFigures>,
): Promise<void> {
  const runs: LiveFigures[] = [];
  for (const workers of counts) runs.push(await measure(workers));
  const ratios = ratiosOf(runs.map(({ workers, saturated }) => ({ workers, throughput: saturated })));
  const measured = { broker: 'mqtt', engine, cores, seconds, runs, ratios };
  const calibration = calibrate(measured);
  console.log(
    formatTable([
      ['workers', 'results/s saturated', 'times the first', 'one picture alone'],
      ...runs.map(({ workers, saturated, aloneMs }, i) => [
        ...[String(workers), saturated.toFixed(1), ratios[i]!.ratio.toFixed(2), `${aloneMs.toFixed(0)} ms`],
      ]),
    ]),
  );
  console.log(`\n${accountsTable(runs)}`);
  console.log(`\nmeasured / model\n${toTable(compare(measured, calibration))}\n`);
  print({ ...measured, calibration });
  if (!runs.every(isExact)) fail('the accounts do not hold');
}

async function archive(
  { engine, cores, counts }: Setting,
  measure: (workers: number) => Promise<ArchiveFigures>,
): Promise<void> {
  const runs: ArchiveFigures[] = [];
  for (const workers of counts) runs.push(await measure(workers));
  const ratios = ratiosOf(runs);
  const head = ['workers', 'results/s', 'times the first', 'images', 'lost', 'again', 'failed'];
  const rows = runs.map(({ workers, throughput, images, lost, again, failed, backAfterMs }, i) => [
    ...[String(workers), throughput.toFixed(1), ratios[i]!.ratio.toFixed(2)],
    ...[images, lost, again, failed].map(String),
    ...[backAfterMs.worker, backAfterMs.broker].map((ms) => (ms / 1000).toFixed(1)),
  ]);
  console.log(formatTable([[...head, 's to the next after the kill', 'after the restart'], ...rows]));
  print({ broker: 'amqp', engine, cores, runs, ratios });
  if (runs.some(({ lost, failed }) => lost > 0 || failed !== 1)) fail('a picture is not where it should be');
}

function ratiosOf(runs: readonly { workers: number; throughput: number }[]) {
  const first = runs[0]?.throughput ?? NaN;
  return runs.map(({ workers, throughput }) => ({ workers, ratio: throughput / first }));
}

function describeCores(counts: readonly number[], cores: number): string {
  const lines = counts.map((count) => {
    const own = Array.from({ length: count }, (_, worker) => coreOf(worker)).join(', ');
    return `${count} on core ${own}${count > cores ? ': they share cores' : ''}`;
  });
  return `workers ${lines.join('; ')}\n`;
}

function print(figures: object): void {
  const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(4)) : value);
  console.log(JSON.stringify(figures, short));
}

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
}

/** Every picture is in one place; while no worker is killed, none is lost. */
function isExact({ accounts, killed }: LiveFigures): boolean {
  const whole = ({ detected, heard, duplicates, expired, lost }: Accounts) =>
    expired >= 0 && lost >= 0 && duplicates === 0 && heard >= detected;
  // The faces of a killed worker may have been heard, but not its count.
  return whole(accounts) && accounts.lost === 0 && accounts.heard === accounts.detected && whole(killed);
}

function accountsTable(runs: readonly LiveFigures[]): string {
  const row = (workers: number, when: string, a: Accounts, back: string) =>
    [
      ...[workers, when, a.published, a.detected, a.dropped, a.failed, a.expired, a.lost, a.heard],
      ...[a.duplicates, back],
    ].map(String);
  return formatTable([
    [
      ...['workers', 'until', 'published', 'detected', 'dropped', 'failed', 'expired', 'lost', 'heard'],
      ...['twice', 'back after s'],
    ],
    ...runs.flatMap(({ workers, accounts, killed }) => [
      row(workers, 'before', accounts, ''),
      row(workers, 'one is killed', killed, (killed.backAfterMs / 1000).toFixed(1)),
    ]),
  ]);
}

run().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
