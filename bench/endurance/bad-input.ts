/**
 * Bad input, by default 100,000 of it, through the real nodes in a real Node-RED.
 *
 *   npm run bad-input -- [--count N] [--seed S] [--only K] [--engine auto|wasm|native] [--json]
 *
 * Mutated JPEG, PNG, WebP, TIFF, GIF and AVIF files, random bytes, wrong types, hostile options, JSON that would pollute
 * prototypes, huge dimensions: each is answered once, by a result or a typed error, within the deadline, or the exit code
 * is 1. One in ten goes to a second Node-RED where sharp cannot load. Input K of seed S is always the same; `--only K`
 * sends it alone, to both. With `--json` the last line is JSON:
 * `{count, seed, seconds, results, errors, faults, slowestMs, longestBlockMs, growthMb}`.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { descendantsOf, residentMb } from '../processes';
import { makeUserDir, ROOT, type RunningNodeRed, startNodeRed } from '../start-node-red';
import { type Target, TARGETS } from './bad-input/generators';
import type { Report, Task, Verdict } from './bad-input/protocol';
import { writeSeedPictures } from './bad-input/write-seed-pictures';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    engine: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
  },
});

/** Longest time for one picture in seconds, as the detector's dialog has it. */
const DEADLINE_S = 5;
/** Beyond it until the answer has arrived: the process is killed, and the error travels. */
const MARGIN_S = 2;
/** A camera that starts again is waited for. */
const CAMERA_S = 25;
/** Pictures of an array come one after the other. */
const MOST_PICTURES = 4;

const PROCESSES = 2;

/** What Node-RED's own process may grow by between the first tenth and the last, in megabytes. */
const MOST_GROWTH_MB = 300;

/** Without any report for so long, in ms, Node-RED hangs. */
const SILENCE_MS = 90_000;

/** Share of the inputs that meet a Node-RED without sharp. */
const WITHOUT_SHARP = 0.1;

const WITHOUT_SHARP_PRELOAD = path.join(ROOT, 'test/detector/preload-without-sharp.cjs');

/** Preloaded into Node-RED and its detectors: tells, at the latest at its end, of prototypes that have changed. */
const GUARD = `
const prototypes = [Object.prototype, Array.prototype, Function.prototype];
const count = () => prototypes.map((each) => Reflect.ownKeys(each).length).join();
const before = count();
const look = () => {
  if (count() !== before) require('node:fs').appendFileSync(process.env.BAD_INPUT_POLLUTED, process.pid + ' ' + process.argv[1] + '\\n');
};
setInterval(look, 1000).unref();
process.on('exit', look);
`;

interface Tally {
  count: number;
  results: number;
  errors: Map<string, number>;
  slowest: Verdict | undefined;
}

interface Outcome {
  tallies: Map<string, Tally>;
  faults: string[];
  longestBlockMs: number;
  growthMb: number;
}

interface Part {
  from: number;
  to: number;
  seed: number;
  /** Folder of the seed pictures. */
  seeds: string;
  withoutSharp: boolean;
}

/** One Node-RED with all nodes, and the inputs `from` to `to` through it. */
async function runThrough(
  title: string,
  { from, to, seed, seeds, withoutSharp }: Part,
  outcome: Outcome,
): Promise<void> {
  if (from >= to) return;
  const work = mkdtempSync(path.join(os.tmpdir(), 'bad-input-'));
  const fault = (text: string) => {
    outcome.faults.push(text);
    console.error(`FAULT ${title}: ${text}`);
  };
  const temporary = path.join(work, 'tmp');
  mkdirSync(temporary);
  const polluted = path.join(work, 'polluted');
  const guard = path.join(work, 'guard.cjs');
  writeFileSync(guard, GUARD);
  const userDir = makeUserDir();
  addNodes(userDir);
  const preloads = [guard, ...(withoutSharp ? [WITHOUT_SHARP_PRELOAD] : [])];
  const nodeRed = await startNodeRed({
    userDir,
    flows: flow(withoutSharp ? 'wasm' : values.engine),
    environment: {
      NODE_OPTIONS: preloads.map((file) => `--require ${file}`).join(' '),
      TMPDIR: temporary,
      BAD_INPUT_POLLUTED: polluted,
    },
  });
  const { pid } = nodeRed.process;
  try {
    await send(nodeRed, { seed, from, to, folder: seeds, ...limits() }, outcome, fault);
    if (nodeRed.process.exitCode !== null || nodeRed.process.signalCode !== null) {
      fault(
        `Node-RED ended (${nodeRed.process.signalCode ?? nodeRed.process.exitCode}):\n${nodeRed.log().slice(-3_000)}`,
      );
    } else {
      const response = await fetch(`${nodeRed.url}/settings`);
      if (!response.ok || nodeRed.process.pid !== pid) fault(`Node-RED answers ${response.status}`);
    }
  } finally {
    await nodeRed.stop();
  }
  if (existsSync(polluted)) fault(`polluted prototypes in ${readFileSync(polluted, 'utf8')}`);
  const left = readdirSync(temporary);
  if (left.length > 0) fault(`temporary files were left: ${left.slice(0, 5).join(', ')}`);
  rmSync(work, { recursive: true, force: true });
}

/** Gives Node-RED the task and takes its reports until it has ended, one way or another. */
async function send(
  nodeRed: RunningNodeRed,
  task: Task,
  outcome: Outcome,
  fault: (text: string) => void,
): Promise<void> {
  const underway = new Set<number>();
  const count = task.to - task.from;
  const memory: number[] = [];
  let done = 0;
  await new Promise<void>((resolve) => {
    const hang = () => {
      fault(`Node-RED hangs; underway: ${[...underway].join(', ')}`);
      nodeRed.process.kill('SIGKILL');
    };
    let silence = setTimeout(hang, SILENCE_MS);
    nodeRed.process.on('message', (report: Report) => {
      clearTimeout(silence);
      silence = setTimeout(hang, SILENCE_MS);
      if (report.type === 'sent') for (const number of report.numbers) underway.add(number);
      else if (report.type === 'verdict') {
        underway.delete(report.verdict.number);
        note(outcome.tallies, report.verdict);
        for (const text of report.verdict.faults) {
          fault(`${report.verdict.kind}, --seed ${task.seed} --only ${report.verdict.number}: ${text}`);
        }
        if (++done % 100 === 0) memory.push(residentMb(nodeRed.process.pid ?? 0) ?? NaN);
        if (done % 5_000 === 0) console.error(`${done} of ${count}`);
      } else if (report.type === 'fault') {
        fault(`${report.text}; --seed ${task.seed}, underway: ${report.numbers.join(', ')}`);
      } else {
        outcome.longestBlockMs = Math.max(outcome.longestBlockMs, report.longestBlockMs);
        clearTimeout(silence);
        resolve();
      }
    });
    nodeRed.process.once('exit', () => {
      clearTimeout(silence);
      if (done < count) fault(`Node-RED is gone; underway: ${[...underway].join(', ')}`);
      resolve();
    });
    nodeRed.process.send(task);
  });
  const tenth = Math.ceil(memory.length / 10);
  // The first tenth warms up.
  const growth = middleOf(memory.slice(-tenth)) - middleOf(memory.slice(tenth, 2 * tenth));
  if (Number.isFinite(growth)) outcome.growthMb = Math.max(outcome.growthMb, growth);
  if (growth > MOST_GROWTH_MB) fault(`Node-RED grew by ${Math.round(growth)} MB`);
  const children = descendantsOf(nodeRed.process.pid ?? 0).map((pid) => Math.round(residentMb(pid) ?? 0));
  console.error(
    `memory at the end: Node-RED ${Math.round(memory.at(-1) ?? 0)} MB, detectors ${children.join(', ')} MB`,
  );
}

function note(tallies: Map<string, Tally>, verdict: Verdict): void {
  const { kind, outcome, ms } = verdict;
  const tally = tallies.get(kind) ?? {
    count: 0,
    results: 0,
    errors: new Map<string, number>(),
    slowest: undefined,
  };
  tallies.set(kind, tally);
  tally.count++;
  if (outcome === 'result') tally.results++;
  else tally.errors.set(outcome, (tally.errors.get(outcome) ?? 0) + 1);
  if (ms > (tally.slowest?.ms ?? -1)) tally.slowest = verdict;
  if (outcome === 'detector-crashed' || outcome === 'detector-timeout') {
    console.error(`${outcome}: ${kind}, --only ${verdict.number}, ${Math.round(ms)} ms`);
  }
}

function limits(): Pick<Task, 'lanes' | 'deadlinesMs'> {
  const each = <T>(value: (target: Target) => T) =>
    Object.fromEntries(TARGETS.map((target) => [target, value(target)])) as Record<Target, T>;
  const detects = (target: Target) => target === 'detect' || target === 'video';
  return {
    // No more than there are processes: who waits for another picture waits longer than for its own.
    lanes: each((target) => (target === 'detect' ? PROCESSES : 1)),
    deadlinesMs: each((target) => {
      // One more detect node shares the processes, so a picture may have to wait for one before it.
      if (detects(target)) return (MOST_PICTURES + 1) * DEADLINE_S * 1000 + MARGIN_S * 1000;
      return 1000 * (target === 'camera' ? CAMERA_S + MARGIN_S : DEADLINE_S + MARGIN_S);
    }),
  };
}

/** Puts `bad-input` and `bad-answer` where Node-RED looks for nodes. */
function addNodes(userDir: string): void {
  const folder = path.join(userDir, 'nodes');
  mkdirSync(folder, { recursive: true });
  const script = path.join(ROOT, 'dist/bench/endurance/bad-input/answering-node.js');
  writeFileSync(
    path.join(folder, 'bad-input.js'),
    `module.exports = require(${JSON.stringify(script)}).default;`,
  );
  const type = (name: string) =>
    `<script type="text/javascript">RED.nodes.registerType('${name}', { category: 'test', defaults: {}, inputs: 1, outputs: 1 });</script>`;
  writeFileSync(path.join(folder, 'bad-input.html'), type('bad-input') + type('bad-answer'));
}

/** Every node behind one that sends it bad input, and its results, errors and ends before one that takes them. */
function flow(engine: string): object[] {
  const nodes: Record<Target, object> = {
    detect: { type: 'mtcnn-detect', detector: 'detector', annotations: true },
    video: { type: 'mtcnn-detect', detector: 'detector', video: true, scanEvery: 5 },
    annotate: { type: 'face-annotate', trails: true, zones: true, legend: true },
    hide: { type: 'face-annotate', hide: 'blur', labels: false },
    crop: { type: 'face-crop' },
    filter: { type: 'face-filter' },
    track: { type: 'face-track' },
    alert: { type: 'face-alert', presentSeconds: 0 },
    view: { type: 'face-view', path: '/view', inEditor: true },
    camera: {
      type: 'camera-input',
      source: 'scene',
      start: 'message',
      width: 64,
      height: 48,
      framesPerSecond: 1,
    },
  };
  const place = { z: 'tab', x: 1, y: 1 };
  return [
    { id: 'tab', type: 'tab', label: 'Bad input' },
    { id: 'detector', type: 'mtcnn-detector', engine, processes: PROCESSES, deadline: DEADLINE_S },
    { ...place, id: 'bad', type: 'bad-input', wires: TARGETS.map((target) => [target]) },
    ...TARGETS.map((target) => ({
      ...place,
      id: target,
      whenBusy: 'queue',
      ...nodes[target],
      // Both outputs of face-filter and face-alert.
      wires: [['results'], ['results']],
    })),
    { ...place, id: 'catch', type: 'catch', scope: TARGETS, wires: [['errors']] },
    { ...place, id: 'complete', type: 'complete', scope: TARGETS, wires: [['ends']] },
    { ...place, id: 'results', type: 'bad-answer', from: 'result', wires: [] },
    { ...place, id: 'errors', type: 'bad-answer', from: 'error', wires: [] },
    { ...place, id: 'ends', type: 'bad-answer', from: 'complete', wires: [] },
  ];
}

function middleOf(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

function printTable(tallies: Map<string, Tally>): void {
  const row = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, i) => (i === 0 ? String(cell).padEnd(28) : i === 4 ? cell : String(cell).padStart(8)))
      .join(' ');
  console.log(row(['kind', 'count', 'results', 'max ms', 'errors']));
  for (const [kind, { count, results, errors, slowest }] of [...tallies].sort(([a], [b]) =>
    a.localeCompare(b),
  )) {
    const list = [...errors].sort((a, b) => b[1] - a[1]).map(([code, times]) => `${code} ${times}`);
    console.log(row([kind, count, results, Math.round(slowest?.ms ?? 0), list.join(', ')]));
  }
}

async function main(): Promise<void> {
  const seed = Number(values.seed);
  const count = Number(values.count);
  const only = values.only === undefined ? undefined : Number(values.only);
  const begin = performance.now();
  const outcome: Outcome = { tallies: new Map(), faults: [], longestBlockMs: 0, growthMb: 0 };
  const split = Math.round(count * (1 - WITHOUT_SHARP));
  const [first, second] =
    only === undefined
      ? [
          { from: 0, to: split },
          { from: split, to: count },
        ]
      : [
          { from: only, to: only + 1 },
          { from: only, to: only + 1 },
        ];
  const seeds = mkdtempSync(path.join(os.tmpdir(), 'seed-pictures-'));
  try {
    await writeSeedPictures(seeds);
    await runThrough('with sharp', { ...first, seed, seeds, withoutSharp: false }, outcome);
    await runThrough('without sharp', { ...second, seed, seeds, withoutSharp: true }, outcome);
  } finally {
    rmSync(seeds, { recursive: true, force: true });
  }
  printTable(outcome.tallies);
  const tallies = [...outcome.tallies.values()];
  const errors: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [code, times] of tally.errors) errors[code] = (errors[code] ?? 0) + times;
  }
  const figures = {
    count: tallies.reduce((sum, tally) => sum + tally.count, 0),
    seed,
    seconds: Math.round((performance.now() - begin) / 1000),
    results: tallies.reduce((sum, { results }) => sum + results, 0),
    errors,
    faults: outcome.faults.length,
    slowestMs: Math.round(Math.max(...tallies.map(({ slowest }) => slowest?.ms ?? 0))),
    longestBlockMs: Math.round(outcome.longestBlockMs),
    growthMb: Math.round(outcome.growthMb),
  };
  console.log(
    `${figures.count} inputs in ${figures.seconds} s; ${figures.faults} faults; slowest ${figures.slowestMs} ms; ` +
      `longest block ${figures.longestBlockMs} ms; Node-RED grew by ${figures.growthMb} MB`,
  );
  if (values.json) console.log(JSON.stringify(figures));
  if (figures.faults > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
