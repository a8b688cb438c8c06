import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
// The compiled package: detector processes are programs of their own.
import { createDetector, type Detector, type DetectorConfig } from '../../dist/src';
import { VideoMode } from '../../dist/src/detector';
import type { Face } from '../../src/detection';
import { isNativeInstalled } from '../../dist/src/networks/native';
import { describeWhere } from '../support/requires';
import { commandOf } from '../../bench/processes';
import { descendantsOf, until, untilGone } from '../support/processes';

const COMPILED = path.resolve(__dirname, '../../dist/src');
const ASTRONAUT = path.resolve(__dirname, '../photos/astronaut.png');
/** Where the astronaut's face is, as Python mtcnn 1.0.0 finds it: x, y, width, height. */
const FACE = [177, 65, 99, 130] as const;

const folder = mkdtempSync(path.join(os.tmpdir(), 'detector-'));
afterAll(() => rmSync(folder, { recursive: true }));

const open: Detector[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((detector) => detector.close()));
});

async function detectorOf(config: DetectorConfig = {}): Promise<Detector> {
  const detector = await createDetector({ engine: 'wasm', ...config });
  open.push(detector);
  return detector;
}

const MARK_WORK = path.resolve(__dirname, 'preload-mark-work.cjs');
let marks = 0;

/** The id that a process has written to a file, once it has. */
async function pidIn(mark: string): Promise<number> {
  await until(() => existsSync(mark) && readFileSync(mark).length > 0);
  return Number(readFileSync(mark, 'utf8'));
}

/** A detector whose process tells when it has begun to decode an image. */
async function tellingDetector(config: DetectorConfig = {}) {
  const mark = path.join(folder, `mark-${marks++}`);
  const detector = await detectorOf({
    ...config,
    environment: { NODE_OPTIONS: `--require ${MARK_WORK}`, MARK: mark },
  });
  /** The process that has begun to decode an image. */
  return { detector, atWork: () => pidIn(mark) };
}

function onlyPid(detector: Detector): number {
  expect(detector.pids).toHaveLength(1);
  return detector.pids[0] ?? NaN;
}

/** @param size of the picture, in times its own */
function expectFace(found: Pick<Face, 'box'> | undefined, size = 1): void {
  expect(found).toBeDefined();
  found?.box.forEach((value, i) => expect(Math.abs(value / size - FACE[i]!)).toBeLessThan(20));
}

const engines = [
  { engine: 'wasm', here: true },
  { engine: 'native', here: isNativeInstalled() },
] as const;

for (const { engine, here } of engines) {
  describeWhere(here, `the ${engine} engine is not installed (npm run native)`)(
    `a ${engine} detector`,
    () => {
      it('finds the face of a photograph, with its five points in their places', async () => {
        const detector = await detectorOf({ engine });
        const detection = await detector.detect(ASTRONAUT);
        expect(detection).toMatchObject({ width: 512, height: 512, engine, mode: 'scan' });
        const [face] = detection.faces;
        expect(face?.confidence).toBeGreaterThan(0.99);
        expectFace(face);
        const { left_eye, right_eye, nose, mouth_left, mouth_right } = face?.keypoints ?? {};
        expect(left_eye?.[0]).toBeLessThan(right_eye?.[0] ?? NaN);
        expect(mouth_left?.[0]).toBeLessThan(mouth_right?.[0] ?? NaN);
        expect(nose?.[1]).toBeGreaterThan(left_eye?.[1] ?? NaN);
        expect(mouth_left?.[1]).toBeGreaterThan(nose?.[1] ?? NaN);
        const { total, ...steps } = detection.durationMs;
        expect(total).toBeGreaterThanOrEqual(Object.values(steps).reduce((sum, step) => sum + step, 0) - 1);
      });

      it('tells those who choose thresholds what O-Net just rejects, before those who wait', async () => {
        const detector = await detectorOf({ engine });
        const photo = readFileSync(ASTRONAUT);
        const order: string[] = [];
        const note = (name: string) => () => order.push(name);
        const waiting = [1, 2, 3].map((number) => detector.detect(photo).then(note(`detect ${number}`)));
        const explained = detector.explain(photo, { thresholdOnet: 0.9999 });
        await Promise.all([...waiting, explained.then(note('explain'))]);
        expect(order).toEqual(['detect 1', 'explain', 'detect 2', 'detect 3']);

        const { faces, rejected } = await explained;
        expect(faces).toEqual([]);
        expect(rejected[0]).toMatchObject({ stage: 'output' });
        expect(rejected[0]!.confidence).toBeGreaterThan(0.9);
      });

      it('tells places in pixels of the whole picture where it searches a smaller one', async () => {
        const detector = await detectorOf({ engine });
        const large = await sharp(ASTRONAUT).resize(2048).jpeg().toBuffer();
        const options = { maxImageSide: 256, thresholdOnet: 0.9999 };
        const video = new VideoMode();
        for (const mode of ['scan', 'track']) {
          const found = await detector.detect(large, { maxImageSide: 256 }, video.at(0));
          expect(found).toMatchObject({ width: 2048, height: 2048, mode });
          expectFace(found.faces[0], 4);
        }
        expectFace((await detector.explain(large, options)).rejected[0], 4);
      });

      it('goes on after images that are none', async () => {
        const detector = await detectorOf({ engine });
        const pid = onlyPid(detector);
        await expect(detector.detect(Buffer.from('not an image'))).rejects.toMatchObject({
          code: 'image-unreadable',
        });
        await expect(detector.detect({ data: new Uint8Array(3), width: 1, height: 1 })).rejects.toMatchObject(
          {
            code: 'image-too-small',
          },
        );
        await expect(detector.detect(ASTRONAUT, { minFaceSize: -1 })).rejects.toMatchObject({
          code: 'option-invalid',
        });
        await expect(detector.detect(ASTRONAUT, { maxPixels: 1000 })).rejects.toMatchObject({
          code: 'image-too-large',
        });
        expect((await detector.detect(ASTRONAUT)).faces.length).toBeGreaterThan(0);
        expect(onlyPid(detector), 'it is still the same process').toBe(pid);
      });
    },
  );
}

describe('a detector process that fails', () => {
  for (const signal of ['SIGKILL', 'SIGILL', 'SIGSEGV', 'SIGABRT'] as const) {
    it(`by ${signal} in mid-request fails that request, and the next one succeeds`, async () => {
      const { detector, atWork } = await tellingDetector();
      const pid = onlyPid(detector);
      const request = detector.detect(ASTRONAUT);
      expect(await atWork()).toBe(pid);
      process.kill(pid, signal);
      await expect(request).rejects.toMatchObject({
        name: 'FaceError',
        code: 'detector-crashed',
        got: expect.stringContaining(signal) as string,
      });
      expect((await detector.detect(ASTRONAUT)).faces.length).toBeGreaterThan(0);
      expect(onlyPid(detector)).not.toBe(pid);
    });
  }

  it('by SIGKILL while it is idle goes unnoticed', async () => {
    const detector = await detectorOf();
    const pid = onlyPid(detector);
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
    expect((await detector.detect(ASTRONAUT)).faces.length).toBeGreaterThan(0);
  });

  it('by hanging is ended at its deadline, stray process and all', async () => {
    const detector = await detectorOf({ deadlineMs: 1500 });
    const pid = onlyPid(detector);
    process.kill(pid, 'SIGSTOP');
    await expect(detector.detect(ASTRONAUT)).rejects.toMatchObject({ code: 'detector-timeout' });
    await untilGone(pid);
    expect((await detector.detect(ASTRONAUT)).faces.length).toBeGreaterThan(0);
  });

  it('by an endless loop does not outlive the process that started it', async () => {
    const mark = path.join(folder, 'loop');
    const environment = { NODE_OPTIONS: `--require ${MARK_WORK}`, MARK: mark, LOOP: 'yes' };
    const program = `require(${JSON.stringify(COMPILED)})
      .createDetector(${JSON.stringify({ engine: 'wasm', environment })})
      .then((detector) => detector.detect(${JSON.stringify(ASTRONAUT)}))`;
    const parent = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
    const looping = await pidIn(mark);
    parent.kill('SIGKILL');
    await untilGone(looping);
  });

  it('by running out of memory fails that request, and the next one succeeds', async () => {
    // The preloaded program fills the child's heap when it is told to.
    const preload = path.resolve(__dirname, 'preload-memory-hog.cjs');
    const detector = await detectorOf({
      environment: { NODE_OPTIONS: `--max-old-space-size=64 --require ${preload}` },
    });
    const pid = onlyPid(detector);
    // Many requests: one of them is under way when the signal arrives.
    const request = Promise.all([1, 2, 3, 4].map(() => detector.detect(ASTRONAUT)));
    process.kill(pid, 'SIGUSR2');
    await expect(request).rejects.toMatchObject({ code: 'detector-crashed' });
    expect((await detector.detect(ASTRONAUT)).faces.length).toBeGreaterThan(0);
  });
});

describe('several detector processes', () => {
  it('share the work, and each answer is the one asked for', async () => {
    const detector = await detectorOf({ processes: 2 });
    expect(detector.pids).toHaveLength(2);
    const gray = (side: number) => ({ data: new Uint8Array(side * side * 3), width: side, height: side });
    const sizes = [60, 61, 62, 63, 64, 65];
    const detections = await Promise.all(sizes.map((side) => detector.detect(gray(side))));
    expect(detections.map(({ width }) => width)).toEqual(sizes);
  });

  it('go on when one of them dies', async () => {
    const { detector, atWork } = await tellingDetector({ processes: 2 });
    const requests = [1, 2, 3, 4].map(() => detector.detect(ASTRONAUT));
    const results = Promise.allSettled(requests);
    process.kill(await atWork(), 'SIGKILL');
    expect((await results).filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});

describe('a process that is started anew', () => {
  /** Two processes, one of which was killed at work, and the process that takes its place. */
  async function struckDetector() {
    const { detector, atWork } = await tellingDetector({ processes: 2 });
    const seen = new Set(detector.pids);
    /** The next process that is started. */
    const nextStart = async () => {
      const isNew = (pid: number) => !seen.has(pid) && commandOf(pid).includes('worker.js');
      let started: number | undefined;
      await until(() => (started = descendantsOf(process.pid).find(isNew)) !== undefined);
      seen.add(started!);
      return started!;
    };
    const request = detector.detect(ASTRONAUT);
    const struck = await atWork();
    process.kill(struck, 'SIGKILL');
    await expect(request).rejects.toMatchObject({ code: 'detector-crashed' });
    return { detector, nextStart, other: detector.pids.filter((pid) => pid !== struck) };
  }

  it.each([
    ['takes no image while it hangs: the other one goes on', 0],
    ['nor where it failed to start before', 1],
    ['nor where it failed twice', 2],
  ])('%s', async (_, failures) => {
    const { detector, nextStart, other } = await struckDetector();
    for (let i = 0; i < failures; i++) process.kill(await nextStart(), 'SIGKILL');
    const hanging = await nextStart();
    process.kill(hanging, 'SIGSTOP');
    for (const faces of await Promise.all([1, 2, 3].map(() => detector.detect(ASTRONAUT))))
      expect(faces.faces.length).toBeGreaterThan(0);
    expect(detector.pids).toEqual(other);
    await detector.close();
    await untilGone(hanging);
  });
});

describe('close', () => {
  it('ends every process, fails who waits, and refuses what comes later', async () => {
    const detector = await detectorOf();
    const pid = onlyPid(detector);
    const requests = [detector.detect(ASTRONAUT), detector.detect(ASTRONAUT)];
    const results = Promise.allSettled(requests);
    await detector.close();
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'detector-closed' } });
    }
    await untilGone(pid);
    await expect(detector.detect(ASTRONAUT)).rejects.toMatchObject({ code: 'detector-closed' });
    await detector.close();
  });
});

describeWhere(isNativeInstalled(), 'the native engine is not installed (npm run native)')('auto', () => {
  it('takes native where it loads', async () => {
    expect((await detectorOf({ engine: 'auto' })).engine).toBe('native');
  });

  it('falls back to WASM when native dies while loading, and says why once', async () => {
    const warnings: string[] = [];
    const preload = path.resolve(__dirname, 'preload-broken-native.cjs');
    const detector = await detectorOf({
      engine: 'auto',
      processes: 2,
      onWarning: (text) => warnings.push(text),
      environment: { NODE_OPTIONS: `--require ${preload}` },
    });
    expect(detector.engine).toBe('wasm');
    expect(warnings).toEqual([expect.stringContaining('native engine is not used')]);
    expect((await detector.detect(ASTRONAUT)).engine).toBe('wasm');
  });

  it('falls back to WASM when native keeps dying at work', async () => {
    const warnings: string[] = [];
    const detector = await detectorOf({ engine: 'auto', onWarning: (text) => warnings.push(text) });
    for (let crash = 0; crash < 2; crash++) {
      const request = detector.detect(ASTRONAUT);
      while (detector.pids.length === 0) await nextTurn();
      process.kill(onlyPid(detector), 'SIGILL');
      await expect(request).rejects.toMatchObject({ code: 'detector-crashed' });
    }
    expect((await detector.detect(ASTRONAUT)).engine).toBe('wasm');
    expect(warnings).toHaveLength(1);
  });
});

describe('the engine', () => {
  it('native that was asked for and is not there is an error that says what to do', async () => {
    const preload = path.resolve(__dirname, 'preload-missing-native.cjs');
    await expect(
      detectorOf({ engine: 'native', environment: { NODE_OPTIONS: `--require ${preload}` } }),
    ).rejects.toMatchObject({
      code: 'engine-unavailable',
      hint: expect.stringContaining('npm install') as string,
    });
  });

  it.each([
    { config: { engine: 'gpu' as 'wasm' }, reason: 'an engine that does not exist' },
    { config: { processes: 0 }, reason: 'no process at all' },
    { config: { processes: 1.5 }, reason: 'half a process' },
    { config: { deadlineMs: NaN }, reason: 'no deadline' },
  ])('refuses $reason', async ({ config }) => {
    await expect(createDetector(config)).rejects.toMatchObject({ code: 'option-invalid' });
  });
});

it('images decode and faces are found where sharp cannot load', async () => {
  const preload = path.resolve(__dirname, 'preload-without-sharp.cjs');
  const detector = await detectorOf({ environment: { NODE_OPTIONS: `--require ${preload}` } });
  const detection = await detector.detect(ASTRONAUT);
  expect(detection.faces[0]?.confidence).toBeGreaterThan(0.99);
  await expect(detector.detect(Buffer.from('not an image'))).rejects.toMatchObject({
    code: 'image-unreadable',
  });
});

it('the calling process stays responsive while a detector works at full load', async () => {
  const detector = await detectorOf();
  const image = readFileSync(ASTRONAUT);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let i = 0; i < 5; i++) await detector.detect(image);
  delay.disable();
  // A detection takes far longer than this: done here, it would show as one long delay each.
  expect(delay.percentile(50) / 1e6).toBeLessThan(20);
});
