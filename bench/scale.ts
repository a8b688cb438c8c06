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
import { type Accounts, type LiveFigures, measureLive } from './scale/live';
import { encodeScene } from './scale/pictures';
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
  if (process.platform !== 'linux') throw new Error('expected Linux, which has taskset and /proc');
  const counts = values.workers.split(',').map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count > 0)) {
    throw new Error(`expected --workers with numbers such as 1,2,3, got ${values.workers}`);
  }
  const engine = values.engine === 'native' ? 'native' : 'wasm';
  const seconds = Number(values.seconds);
  const pictures = await encodeScene();
  const cores = os.availableParallelism();
  console.log(`${cores} cores, load average ${os.loadavg()[0]?.toFixed(1)}, engine ${engine}`);

  const runs: LiveFigures[] = [];
  for (const workers of counts) {
    const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
    const figures = await measureLive({ workers, engine, seconds, pictures, ...rate });
    runs.push(figures);
    console.log(`\n${workers} on core ${figures.cores.join(', ')}${workers > cores ? ' (shared)' : ''}`);
    console.log(
      `${figures.saturated.toFixed(1)} results/s saturated, ${figures.aloneMs.toFixed(0)} ms alone`,
    );
  }
  console.log(`\n${accountsTable(runs)}`);

  const first = runs[0]!;
  const ratios = runs.map(({ workers, saturated }) => ({ workers, ratio: saturated / first.saturated }));
  console.log(`\nthroughput of ${first.workers}:`);
  for (const { workers, ratio } of ratios) console.log(`  ${workers} workers: ${ratio.toFixed(2)} times`);
  const measured = { broker: 'mqtt', engine, cores, seconds, runs, ratios };
  const calibration = calibrate(measured);
  console.log(`\nmeasured / model\n${toTable(compare(measured, calibration))}\n`);
  const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(4)) : value);
  console.log(JSON.stringify({ ...measured, calibration }, short));
  if (!runs.every(isExact)) {
    console.error('the accounts do not hold');
    process.exitCode = 1;
  }
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
