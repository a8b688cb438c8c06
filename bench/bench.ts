/**
 * The speed table, side by side in one run with the peers that are installed.
 *
 *   npm run bench [-- --dataset DIR] [--limit N] [--rounds N] [--json]
 *   npm run bench -- --video-mode [--video FILE] [--engine wasm|native] [--frames N] [--json]   see video-mode.ts
 *
 * Each program runs in a process of its own, in turn, pinned to one core where `taskset` exists. Times are the mean of
 * a detection without decoding; the table gives the median of the rounds and, in brackets, the least and the greatest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isNativeInstalled } from '../src/networks/native';

const ROOT = path.resolve(__dirname, '../..');
const PYTHON = path.join(ROOT, '.venv/bin/python');
const DATASET = path.resolve(ROOT, '../shared/eval/fddb-fold-01');

interface Contestant {
  name: string;
  command: string;
  parameters: string[];
  here: boolean;
  missing: string;
}

interface Result {
  images: number;
  meanMs: number;
  ap50?: number;
}

/** Runs a program on one core, where that can be had. */
const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const onOneCore = (command: string, parameters: string[]): [string, string[]] =>
  pinned ? ['taskset', ['-c', '0', command, ...parameters]] : [command, parameters];

if (process.argv.includes('--video-mode')) {
  const rest = process.argv.slice(2).filter((word) => word !== '--video-mode');
  const [program, parameters] = onOneCore(process.execPath, [path.join(__dirname, 'video-mode.js'), ...rest]);
  process.exit(spawnSync(program, parameters, { stdio: 'inherit' }).status ?? 1);
}

const { values } = parseArgs({
  options: {
    dataset: { type: 'string', default: DATASET },
    limit: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const { dataset, limit } = values;
if (!existsSync(path.join(dataset, 'ground-truth.json'))) {
  console.error(
    `No ground-truth.json in ${path.basename(dataset)}: give a folder of photographs with --dataset DIR`,
  );
  process.exit(1);
}

const ours = (engine: string): string[] => [
  path.join(__dirname, 'evaluate.js'),
  ...['--dataset', dataset, '--engine', engine],
  ...(limit === undefined ? [] : ['--limit', limit]),
];
const contestants: Contestant[] = [
  {
    name: 'native',
    command: process.execPath,
    parameters: ours('native'),
    here: isNativeInstalled(),
    missing: 'npm run native',
  },
  { name: 'wasm', command: process.execPath, parameters: ours('wasm'), here: true, missing: '' },
  {
    name: 'Python mtcnn 1.0.0',
    command: PYTHON,
    parameters: [
      path.join(ROOT, 'bench/peers/python-mtcnn.py'),
      dataset,
      ...(limit === undefined ? [] : [limit]),
    ],
    here: spawnSync(PYTHON, ['-c', 'import mtcnn']).status === 0,
    missing: 'a .venv with mtcnn==1.0.0 tensorflow-cpu pillow',
  },
];

function measure({ name, command, parameters }: Contestant): Result {
  const [program, rest] = onOneCore(command, parameters);
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(program, rest, options);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (status !== 0) throw new Error(`${name} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  // Our own programs print their result as the last line.
  return JSON.parse(last) as Result;
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

const present = contestants.filter(({ name, here, missing }) => {
  if (!here) console.log(`${name} is not installed: ${missing}`);
  return here;
});
const results = new Map<string, Result[]>(present.map(({ name }) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const contestant of present) results.get(contestant.name)?.push(measure(contestant));
}

const reference = results.get('Python mtcnn 1.0.0')?.map(({ meanMs }) => meanMs);
const table = [...results].map(([name, rounds]) => {
  const times = rounds.map(({ meanMs }) => meanMs);
  return {
    name,
    images: rounds[0]?.images ?? 0,
    medianMs: median(times),
    leastMs: Math.min(...times),
    greatestMs: Math.max(...times),
    // Ratios within a round: its programs ran one after the other, under the same load of the machine.
    ofPython:
      reference === undefined ? null : median(times.map((time, round) => time / (reference[round] ?? NaN))),
    ap50: rounds[0]?.ap50 ?? null,
  };
});
console.log(
  `one core${pinned ? '' : ' not enforced: no taskset'}, ${values.rounds} rounds, ${table[0]?.images ?? 0} images`,
);
for (const { name, medianMs, leastMs, greatestMs, ofPython, ap50 } of table) {
  const share = ofPython === null ? '' : `  ${ofPython.toFixed(3)} of Python mtcnn`;
  const accuracy = ap50 === null ? '' : `  AP@0.5 ${ap50.toFixed(4)}`;
  console.log(
    `${name.padEnd(20)} ${medianMs.toFixed(1).padStart(8)} ms (${leastMs.toFixed(1)}-${greatestMs.toFixed(1)})${share}${accuracy}`,
  );
}
if (values.json) console.log(JSON.stringify(table));
