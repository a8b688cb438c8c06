/**
 * The speed table, side by side in one run with the peers that are installed (`bash bench/peers/install.sh`).
 *
 *   npm run bench [-- --dataset DIR] [--limit N] [--rounds N] [--json]
 *   npm run bench -- --video-mode [--video FILE] [--engine wasm|native] [--frames N] [--json]   see video-mode.ts
 *
 * Every program reads the same pixels, decoded once, and runs in a process of its own, in turn, pinned to one core
 * where `taskset` exists; the rounds are repeated. A time is the mean of a detection without decoding. A ratio is of two
 * programs of the same round; the table gives the median of the rounds and, in brackets, the least and the greatest.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isNativeInstalled } from '../src/networks/native';
import { type Contestant, contestants, REFERENCE, SECOND_REFERENCE } from './contestants';
import { canPin, measureOn, onCores } from './cores';
import { type Spread, spreadOf } from './spread';
import { decodeOnce, type Entry, FDDB_FOLD_01, largePhotos, precisionOf, readEntries } from './dataset';

if (process.argv.includes('--video-mode')) {
  const rest = process.argv.slice(2).filter((word) => word !== '--video-mode');
  const [program, parameters] = onCores('0', process.execPath, [
    path.join(__dirname, 'video-mode.js'),
    ...rest,
  ]);
  process.exit(spawnSync(program, parameters, { stdio: 'inherit' }).status ?? 1);
}

interface Row {
  name: string;
  ms: Spread;
  ofPythonMtcnn?: Spread;
  ofFacenetPytorch?: Spread;
  ap50?: number;
}

const write = ({ median, least, greatest }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}-${greatest.toFixed(digits)})`;

/** Lets every program detect in a dataset, round after round. */
function compare(programs: readonly Contestant[], dataset: string, rounds: number, folder: string): Row[] {
  const times = new Map<string, number[]>(programs.map(({ name }) => [name, []]));
  const predictionsOf = (name: string) => path.join(folder, `${name}.json`);
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, parameters } of programs) {
      // Both our own programs and the peers print their result so.
      const { meanMs } = measureOn('0', command, parameters(dataset, predictionsOf(name))) as {
        meanMs: number;
      };
      times.get(name)?.push(meanMs);
      console.error(`round ${round + 1} of ${rounds}: ${name} ${meanMs.toFixed(1)} ms`);
    }
  }
  const entries = readEntries(dataset);
  const known = entries.some(({ boxes_xywh: { length } }) => length > 0);
  const ratiosTo = (reference: string, own: readonly number[]) =>
    times.get(reference)?.map((time, round) => own[round]! / time);
  return [...times].map(([name, own]) => {
    const ofPythonMtcnn = ratiosTo(REFERENCE, own);
    const ofFacenetPytorch = ratiosTo(SECOND_REFERENCE, own);
    return {
      name,
      ms: spreadOf(own),
      ...(ofPythonMtcnn === undefined ? {} : { ofPythonMtcnn: spreadOf(ofPythonMtcnn) }),
      ...(ofFacenetPytorch === undefined ? {} : { ofFacenetPytorch: spreadOf(ofFacenetPytorch) }),
      ...(known ? { ap50: precisionOf(entries, predictionsOf(name)) } : {}),
    };
  });
}

function print(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n`);
  console.log('| program | ms an image | of Python mtcnn | of facenet-pytorch | AP@0.5 |');
  console.log('|---|---|---|---|---|');
  for (const { name, ms, ofPythonMtcnn, ofFacenetPytorch, ap50 } of rows) {
    const ratio = (spread?: Spread) => (spread === undefined ? '' : write(spread, 3));
    const cells = [name, write(ms, 1), ratio(ofPythonMtcnn), ratio(ofFacenetPytorch), ap50?.toFixed(4) ?? ''];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

interface Throughput {
  engine: string;
  one: Spread;
  two: Spread;
  gain: Spread;
}

/** One process on one core against two processes on two. */
function compareProcesses(engines: readonly string[], dataset: string, rounds: number): Throughput[] {
  const program = path.join(__dirname, 'throughput.js');
  const measure = (engine: string, processes: number) => {
    const parameters = ['--dataset', dataset, '--engine', engine, '--processes', `${processes}`];
    const result = measureOn(processes === 1 ? '0' : '0,1', process.execPath, [program, ...parameters]);
    return (result as { imagesPerSecond: number }).imagesPerSecond; // our own program prints it so
  };
  return engines.map((engine) => {
    const pairs = Array.from({ length: rounds }, () => [measure(engine, 1), measure(engine, 2)] as const);
    return {
      engine,
      one: spreadOf(pairs.map(([one]) => one)),
      two: spreadOf(pairs.map(([, two]) => two)),
      gain: spreadOf(pairs.map(([one, two]) => two / one)),
    };
  });
}

/** Video mode against a scan of every frame, by `video-mode.ts`. */
function compareModes(engines: readonly string[]): { engine: string; ratio: number; share: number }[] {
  return engines.map((engine) => {
    const program = path.join(__dirname, 'video-mode.js');
    const result = measureOn('0', process.execPath, [program, '--engine', engine, '--json']);
    return { engine, ...(result as { ratio: number; share: number }) }; // our own program prints it so
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dataset: { type: 'string', default: FDDB_FOLD_01 },
      limit: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const { dataset, limit } = values;
  const rounds = Number(values.rounds);
  const entries = readEntries(dataset).slice(0, limit === undefined ? undefined : Number(limit));
  const programs = contestants().filter(({ name, here, install }) => {
    if (!here) console.error(`left out: ${name} is not installed (${install})`);
    return here;
  });
  const engines = isNativeInstalled() ? ['native', 'wasm'] : ['wasm'];

  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const prepare = async (name: string, source: string, chosen: readonly Entry[]) => {
    const target = path.join(folder, name);
    mkdirSync(target);
    await decodeOnce(source, target, chosen);
    return target;
  };
  try {
    const pinned = canPin ? 'one core' : 'not pinned: no taskset here';
    const photographs = await prepare('photographs', dataset, entries);
    const scan = compare(programs, photographs, rounds, folder);
    print(`${path.basename(dataset)}: ${entries.length} images, ${rounds} rounds, ${pinned}`, scan);

    const large = limit === undefined ? largePhotos() : undefined;
    let largeRows: Row[] = [];
    if (large !== undefined) {
      const pictures = await prepare('large', large.dataset, large.entries);
      // face-api shrinks every picture to 512 pixels: not the same work.
      const few = programs.filter(({ name }) => !name.startsWith('face-api'));
      largeRows = compare(few, pictures, rounds, folder);
      print(`${large.entries.length} photographs of 9 to 15 megapixels`, largeRows);
    }

    const throughput = compareProcesses(engines, photographs, rounds);
    console.log('\nProcesses, each on a core of its own: images a second, decoding counted\n');
    console.log('| engine | 1 process | 2 processes | gain |\n|---|---|---|---|');
    for (const { engine, one, two, gain } of throughput) {
      console.log(`| ${engine} | ${write(one, 1)} | ${write(two, 1)} | ${write(gain, 2)} |`);
    }

    const modes = compareModes(engines);
    console.log('\nVideo mode on the test scene, 640x480, against a scan of every frame\n');
    console.log('| engine | time | faces that a scan finds and video mode too |\n|---|---|---|');
    for (const { engine, ratio, share } of modes) console.log(`| ${engine} | ${ratio} | ${share} |`);

    if (values.json) console.log(JSON.stringify({ scan, large: largeRows, throughput, modes }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
