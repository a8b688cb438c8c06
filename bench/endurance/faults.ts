/**
 * Faults at random moments, in a real Node-RED with four cameras, two detect nodes and a detector of two processes.
 *
 *   node dist/bench/endurance/faults.js [--count N] [--seed S] [--kinds a,b] [--only K] [--json]
 *
 * After each fault: faces of each camera come out again within the time that its kind states, every frame is accounted
 * for, and exactly the processes are there that should be. The same seed and `--only K` let fault K alone happen. Linux
 * only. SIGTERM ends the run after the fault in hand, with its table. With `--json` the last line is JSON: `{count, seed, problems, frames, kinds}`. Exit code 1 where there is a
 * problem.
 */
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors';
import { hasRtspServer, RTSP_REASON } from '../rtsp-server';
import { type Times, timesOf } from './faults/figures';
import { alive, type Injected, type Kind, KINDS } from './faults/kinds';
import { schedule } from './faults/schedule';
import { World } from './faults/world';
import { Random } from './random';

/** A fault strikes up to so many ms after a frame has reached a detect node: within the work on it, or just after. */
const MOMENT_MS = 150;

/** How much longer than stated a return is waited for, so that the next fault meets a flow that works, in ms. */
const PATIENCE_MS = 30_000;

/** Time in ms in which all must be gone at the end. */
const GONE_MS = 5_000;

interface Result {
  number: number;
  kind: Kind;
  what: string;
  /** ms until all was well again */
  took: number;
  problems: string[];
}

async function strike(world: World, number: number, kind: Kind, random: Random): Promise<Result> {
  await Promise.race([world.nextArrival(), wait(2_000)]);
  await wait(random.between(0, MOMENT_MS));
  const problems: string[] = [];
  const injected = await kind.inject(world, random).catch((error: unknown): Injected => {
    problems.push(messageOf(error));
    return { what: 'failed' };
  });
  const { what, since = Date.now(), victims = [] } = injected;
  const checks = [
    { wrong: () => world.missing(since), withinMs: kind.allowedMs },
    { wrong: () => alive(victims), withinMs: kind.goneMs ?? kind.allowedMs },
  ];
  for (const { wrong, withinMs } of checks) {
    const late = await world.settle(wrong, since + withinMs - Date.now());
    // A machine on which much else waits for the processor keeps no time.
    const load = os.loadavg()[0]?.toFixed(1);
    problems.push(...late.map((each) => `${each} after ${withinMs} ms (load average ${load})`));
    if (late.length > 0) await world.settle(wrong, PATIENCE_MS);
  }
  const took = Date.now() - since;
  return { number, kind, what, took, problems: [...problems, ...world.books.audit()] };
}

function print({ number, kind, what, took, problems }: Result): void {
  console.log(
    `${String(number).padStart(4)}  ${kind.name.padEnd(22)} ${String(took).padStart(6)} ms  ${what}`,
  );
  for (const problem of problems) console.log(`      PROBLEM: ${problem}`);
}

function printTable(rows: (Times & { kind: Kind; problems: number })[]): void {
  const line = (cells: (string | number)[]) =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(22) : String(cell).padStart(9))).join('');
  console.log(`\n${line(['ms until well again', 'count', 'p50', 'p95', 'max', 'stated', 'problems'])}`);
  for (const { kind, count, p50, p95, max, problems } of rows) {
    console.log(line([kind.name, count, p50, p95, max, kind.allowedMs, problems]));
  }
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      kinds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const only = values.only === undefined ? undefined : Number(values.only);
  if (process.platform !== 'linux') throw new Error('the faults need /proc, which Linux alone has');
  if (!hasRtspServer()) throw new Error(RTSP_REASON);
  const world = await World.start();
  const kinds = KINDS.filter(({ name }) => {
    if (name !== 'disk-full' || world.disk !== undefined)
      return values.kinds?.split(',').includes(name) ?? true;
    console.log(
      'skipped: disk-full, since no disk can be mounted (be root, outside of a container that forbids it)',
    );
    if (process.env['REQUIRE_ALL'] === '1') throw new Error('REQUIRE_ALL=1, but disk-full was skipped');
    return false;
  });
  const results: Result[] = [];
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  // Ctrl-C of a terminal reaches Node-RED and the servers, too: there is nothing left to measure.
  process.once('SIGINT', () => void world.close(GONE_MS).finally(() => process.exit(130)));
  let end: string[] = [];
  try {
    const started = await world.settle(() => world.missing(0), PATIENCE_MS);
    if (started.length > 0) throw new Error(`the flow does not work: ${started.join('; ')}\n${world.log}`);
    for (const [index, kind] of schedule(kinds, only ?? count, seed).entries()) {
      if (stop.signal.aborted) break;
      const number = index + 1;
      if (only !== undefined && number !== only) continue;
      const result = await strike(world, number, kind, new Random(seed, number));
      print(result);
      results.push(result);
    }
    // The last frames get their answers, or are found to have none.
    await wait(GONE_MS);
    end = world.books.audit();
  } finally {
    end.push(...(await world.close(GONE_MS)));
  }
  for (const problem of end) console.log(`at the end: PROBLEM: ${problem}`);

  const rows = kinds.flatMap((kind) => {
    const own = results.filter((result) => result.kind === kind);
    if (own.length === 0) return [];
    const problems = own.reduce((sum, each) => sum + each.problems.length, 0);
    return { kind, problems, ...timesOf(own.map(({ took }) => took)) };
  });
  printTable(rows);
  const problems = rows.reduce((sum, row) => sum + row.problems, end.length);
  const frames = world.books.totals;
  console.log(
    `\nframes: ${Object.entries(frames)
      .map(([name, value]) => `${value} ${name}`)
      .join(', ')}`,
  );
  console.log(`${results.length} faults, ${problems} problems (seed ${seed})`);
  if (values.json) {
    const table = rows.map(({ kind: { name, allowedMs }, ...figures }) => ({ name, allowedMs, ...figures }));
    console.log(JSON.stringify({ count: results.length, seed, problems, frames, kinds: table }));
  }
  process.exitCode = problems > 0 ? 1 : 0;
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
