/**
 * Hours of four cameras in one real Node-RED on loopback: does anything get lost, or grow?
 *
 *   npm run soak -- [--minutes N] [--engine wasm|native] [--json]
 *
 * The test scene, an RTSP server, an MJPEG camera and a folder go into detectors that all share, are tracked, drawn and
 * shown, to two browsers and to one client that never reads. Once a minute the MJPEG camera sends more than the detectors
 * can search. In the end the cameras are stopped, what is under way is waited for, and then must hold:
 *
 * - frames in = frames out + drops counted, exactly, for every camera and every node. What ffmpeg still had to say when it
 *   was stopped has no number yet, and is not a frame;
 * - the memory of every process is flat, by its slope with its 95 % interval;
 * - no growth of handles, timers, children or temporary files;
 * - nothing is left behind once Node-RED has ended.
 *
 * Exits with 1 and a sentence for each that does not. With `--json` the last line is JSON: {@link Report}.
 * Needs GStreamer's RTSP server, ffmpeg and chromium.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EngineName } from '../../src/detection';
import { CAMERA_RANGES } from '../../src/camera/create-source';
import { commandOf } from '../processes';
import { startRtspServer } from '../rtsp-server';
import { type RunningNodeRed, startNodeRed } from '../start-node-red';
import { buildFlow, CAMERAS, type Counts, viewPath } from './soak/flow';
import { type Judgement, judge } from './soak/judgement';
import { drawPictures, fillFolder, openBrowsers, openStalledClient, startMjpegCamera } from './soak/load';
import { countEntries, MONITOR, type Sample, takeSample } from './soak/sampling';

const MINUTE = 60_000;

/** Time in ms between two samples. */
const SAMPLE_MS = 5_000;

/** Frames a second of the cameras that keep one rate. */
const RATES = { scene: 2, rtsp: 5 } as const;

/** Most frames a second of the MJPEG camera: all that it may be set to, since none is to be left out. */
const [, MJPEG_LIMIT] = CAMERA_RANGES.framesPerSecond;

/**
 * Silence in seconds after which a camera counts as stalled: longer than the default, since a machine that has other work
 * may give Node-RED no time for as long.
 */
const STALL_AFTER = 60;

/** Shorter runs have too few samples after the warm-up. */
const LEAST_MINUTES = 3;

/** As many as there are cores on the smallest machine that four cameras are for. */
const PROCESSES = 2;

/** Pictures of the cameras that we play ourselves. */
const PICTURES = 16;

/** Time in ms without a change after which nothing is under way any more, and the longest time until then. */
const [QUIET_MS, DRAIN_MS] = [5_000, 2 * MINUTE];

/** Longest time in ms until the pictures of our own cameras are read: shorter than the silence that is a fault. */
const READ_MS = 45_000;

/** How long a child may outlive Node-RED, in ms: it ends by itself when the connection to its parent breaks. */
const AFTERLIFE_MS = 2_000;

/** Pictures that our own cameras have sent. */
interface Sources {
  mjpeg: number;
  folder: number;
}

interface Report extends Judgement {
  minutes: number;
  engine: EngineName;
  /** Nothing failed. */
  ok: boolean;
}

async function soak(minutes: number, engine: EngineName): Promise<Report> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'soak-'));
  const temporary = path.join(place, 'tmp');
  const folder = path.join(place, 'folder');
  for (const made of [temporary, folder]) mkdirSync(made);
  const opened: (() => void | Promise<void>)[] = [() => rmSync(place, { recursive: true, force: true })];
  try {
    const pictures = await drawPictures(PICTURES);
    const rtsp = await startRtspServer({ 'frames-per-second': RATES.rtsp });
    opened.push(() => rtsp.kill());
    const mjpeg = await startMjpegCamera(pictures);
    opened.push(() => mjpeg.close());
    const flows = buildFlow({
      engine,
      processes: PROCESSES,
      sources: {
        scene: {
          source: 'scene',
          framesPerSecond: RATES.scene,
          width: 640,
          height: 480,
          stallAfter: STALL_AFTER,
        },
        rtsp: { source: 'rtsp', address: `rtsp://127.0.0.1:${rtsp.port}/camera`, stallAfter: STALL_AFTER },
        mjpeg: {
          source: 'http',
          address: mjpeg.address,
          framesPerSecond: MJPEG_LIMIT,
          stallAfter: STALL_AFTER,
        },
        folder: { source: 'watch', path: folder },
      },
    });
    const nodeRed = await startNodeRed({ flows, environment: { TMPDIR: temporary }, preload: MONITOR });
    opened.push(() => nodeRed.stop());
    const browsers = await openBrowsers(nodeRed.url, CAMERAS.map(viewPath));
    opened.push(() => browsers.close());
    const stalled = openStalledClient(nodeRed.url, `${viewPath('mjpeg')}/stream`);
    opened.push(() => stalled.close());
    // The folder camera sends no file that is there before it looks for the first time.
    while ((await readCounts(nodeRed)).cameras.scene.sent === 0) await wait(100);
    const files = fillFolder(folder, place, pictures);
    opened.push(() => files.close());

    const samples = await watch(nodeRed, minutes, temporary);
    const viewing = [
      ...(await browsers.blind()).map((view) => `A browser does not see ${view} any more.`),
      ...(stalled.alive ? [] : ['The connection of the client that does not read was closed.']),
    ];
    mjpeg.pause();
    files.pause();
    const sources = { mjpeg: mjpeg.sent, folder: files.sent };
    const counts = await drain(nodeRed, sources);
    const judgement = judge(samples, counts, sources);
    await browsers.close();
    stalled.close();
    const remains = await end(nodeRed, samples, temporary);
    const failures = [...judgement.failures, ...viewing, ...remains];
    return { minutes, engine, ok: failures.length === 0, ...judgement, failures };
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

const readCounts = async ({ url }: RunningNodeRed) => (await (await fetch(`${url}/counts`)).json()) as Counts; // what the flow answers

/** Takes samples for so many minutes, and tells once a minute how it goes. */
async function watch(nodeRed: RunningNodeRed, minutes: number, temporary: string): Promise<Sample[]> {
  const begin = performance.now();
  const samples: Sample[] = [];
  for (let due = 0; due <= minutes * MINUTE; due += SAMPLE_MS) {
    await wait(Math.max(0, begin + due - performance.now()));
    const sample = await takeSample(nodeRed, begin, temporary);
    samples.push(sample);
    if (due % MINUTE === 0) console.log(`${due / MINUTE} of ${minutes} min: ${describe(sample)}`);
  }
  return samples;
}

const describe = ({ processes, inside }: Sample): string =>
  [
    ...processes.map(
      ({ name, residentMb, handles }) => `${name} ${residentMb.toFixed(0)} MB, ${handles} handles`,
    ),
    `heap ${inside.heapMb.toFixed(1)} MB`,
  ].join('; ');

/**
 * Waits until all that our own cameras have sent is read, stops the cameras, and waits until nothing changes. Of the frames
 * that wait in a node the newest is never dropped, and tells of those dropped before it: in the end every drop is told.
 */
async function drain(nodeRed: RunningNodeRed, sources: Sources): Promise<Counts> {
  const isRead = ({ cameras }: Counts) =>
    cameras.mjpeg.numbered >= sources.mjpeg && cameras.folder.numbered >= sources.folder;
  const pausedAt = performance.now();
  while (!isRead(await readCounts(nodeRed)) && performance.now() - pausedAt < READ_MS) await wait(100);
  await fetch(`${nodeRed.url}/stop`);
  const begin = performance.now();
  let counts = await readCounts(nodeRed);
  let changedAt = begin;
  while (performance.now() - changedAt < QUIET_MS && performance.now() - begin < DRAIN_MS) {
    await wait(500);
    const now = await readCounts(nodeRed);
    if (JSON.stringify(now) !== JSON.stringify(counts)) changedAt = performance.now();
    counts = now;
  }
  return counts;
}

/** Ends Node-RED; a sentence for whatever is left of it. */
async function end(
  nodeRed: RunningNodeRed,
  samples: readonly Sample[],
  temporary: string,
): Promise<string[]> {
  const processes = new Map(
    samples.flatMap((sample) => sample.processes.map(({ pid, name }) => [pid, name] as const)),
  );
  await nodeRed.stop();
  // A command line ends with its process, though its number may live on until somebody asks for its exit code.
  const living = () => [...processes].filter(([pid]) => commandOf(pid) !== '');
  for (const begin = performance.now(); living().length > 0 && performance.now() - begin < AFTERLIFE_MS;)
    await wait(50);
  const left = countEntries(temporary);
  return [
    ...living().map(([pid, name]) => `The process ${name} ${pid} outlives Node-RED.`),
    ...(left === 0 ? [] : [`${left} temporary files are left behind.`]),
  ];
}

function print({ accounts, trends, levels, failures, minutes, engine }: Report): void {
  const round = (value: number) => Number(value.toFixed(2));
  console.log(`\nPictures in ${minutes} min, ${engine}:`);
  console.table(accounts);
  console.log('Memory in MB, without the warm-up (slope per hour, and its 95 % interval):');
  console.table(
    trends.map(({ what, second, last, slope }) => ({
      ...{ what, 'second quarter': round(second), 'last quarter': round(last), slope: round(slope.perHour) },
      interval: slope.interval.map(round).join(' to '),
    })),
  );
  console.log('What is there all the time, after the warm-up and in the last quarter:');
  console.table(levels);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (failures.length === 0) console.log('Nothing was lost, nothing grew, nothing was left behind.');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      engine: { type: 'string', default: 'wasm' },
      json: { type: 'boolean', default: false },
    },
  });
  const [minutes, { engine }] = [Number(values.minutes), values];
  if (!(minutes >= LEAST_MINUTES) || (engine !== 'wasm' && engine !== 'native')) {
    throw new Error(
      `Usage: npm run soak -- [--minutes N, at least ${LEAST_MINUTES}] [--engine wasm|native] [--json]`,
    );
  }
  const report = await soak(minutes, engine);
  print(report);
  if (values.json) console.log(JSON.stringify(report));
  process.exitCode = report.ok ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
