import sharp from 'sharp';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Camera, type RunOptions, type StateChange } from '../../src/camera/camera';
import type { CameraFrame, Frame, FrameSource } from '../../src/camera/frame';
import { FaceError, type ErrorCode } from '../../src/errors';

/** What a source does each time it is started: frames by their numbers, silence, an error, or the end. */
type Step = number | 'silence' | ErrorCode | 'end';

const source = vi.hoisted(() => ({ current: undefined as FrameSource | undefined }));
vi.mock('../../src/camera/create-source', async (original) => ({
  ...(await original<object>()),
  createFrameSource: () => source.current,
}));

const plain = (background: string) =>
  sharp({ create: { width: 64, height: 48, channels: 3, background } })
    .jpeg()
    .toBuffer();
let grey: Buffer;
beforeAll(async () => {
  grey = await plain('#777');
});

const frame = (sequence: number): Frame => ({
  image: grey,
  sequence,
  timestamp: 0,
  width: 64,
  height: 48,
  source: 'test',
});

function failure(code: ErrorCode): FaceError {
  return new FaceError({ code, expected: 'a picture', got: code, hint: 'Look.' });
}

let starts: number;
/** Whether every source that began has ended. */
let open: number;

/** A camera whose source does one row of steps a start, and the last row for every start after it. */
function run(rows: Step[][], options: Partial<RunOptions> = {}) {
  source.current = async function* (signal) {
    const steps = rows[Math.min(starts++, rows.length - 1)] ?? [];
    open++;
    try {
      for (const step of steps) {
        if (typeof step === 'number') yield frame(step);
        else if (step === 'silence')
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        else if (step !== 'end') throw failure(step);
        if (signal.aborted) return;
      }
    } finally {
      open--;
    }
  };
  const frames: CameraFrame[] = [];
  const changes: StateChange[] = [];
  const errors: FaceError[] = [];
  const camera = new Camera(
    { kind: 'rtsp', address: 'rtsp://camera/' },
    options,
    {
      onFrame: (next) => frames.push(next),
      onState: (change) => changes.push(change),
      onError: (error) => errors.push(error),
    },
    () => 0.5, // in the middle: no jitter
  );
  camera.start();
  return { camera, frames, changes, errors, states: () => changes.map(({ state }) => state) };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  starts = open = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a camera', () => {
  it('starts, runs, and is stopped', async () => {
    const { camera, frames, states } = run([[0, 1, 'silence']]);
    await pass(1);
    expect(camera.active).toBe(true);
    await camera.stop();
    expect(states()).toEqual(['starting', 'running', 'stopped']);
    expect(frames.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect([camera.active, open, vi.getTimerCount()]).toEqual([false, 0, 0]);
  });

  it('ends with its source', async () => {
    const { camera, changes } = run([[0, 'end']]);
    await pass(1);
    expect(changes.at(-1)).toEqual({ state: 'stopped', ended: true });
    expect(camera.active).toBe(false);
  });

  it('counts dropped frames by the gaps in their numbers, over a new start, too', async () => {
    const { camera, frames } = run([
      [0, 3, 'camera-failed'],
      [2, 'silence'],
    ]);
    await pass(1_001);
    expect(frames.map(({ sequence, dropped }) => [sequence, dropped])).toEqual([
      [0, 0],
      [3, 2],
      [6, 2],
    ]);
    await camera.stop();
  });

  it('a second start while it runs changes nothing', async () => {
    const { camera } = run([['silence']]);
    camera.start();
    await pass(1);
    expect(starts).toBe(1);
    await camera.stop();
    await camera.stop();
  });

  it('can be started again after it was stopped', async () => {
    const { camera, states } = run([[0, 'silence']]);
    await pass(1);
    await camera.stop();
    camera.start();
    await pass(1);
    await camera.stop();
    expect(states()).toEqual(['starting', 'running', 'stopped', 'starting', 'running', 'stopped']);
  });
});

describe('a camera that falls silent', () => {
  it('has stalled after 10 s, and is started again', async () => {
    const { camera, states, errors, changes } = run([[0, 'silence']]);
    await pass(9_900);
    expect(states()).toEqual(['starting', 'running']);
    await pass(200);
    expect(states()).toEqual(['starting', 'running', 'stalled', 'reconnecting']);
    expect(errors.map(({ code }) => code)).toEqual(['camera-stalled']);
    expect(changes.at(-1)?.retryInMs).toBe(1_000);
    await pass(1_000);
    expect(states().slice(-2)).toEqual(['starting', 'running']);
    await camera.stop();
    expect([open, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('before its first frame has stalled, too', async () => {
    const { camera, states } = run([['silence']], { stallMs: 500 });
    await pass(600);
    expect(states()).toEqual(['starting', 'stalled', 'reconnecting']);
    await camera.stop();
  });

  it('is waited for without end where the limit is 0', async () => {
    const { camera, states } = run([[0, 'silence']], { stallMs: 0 });
    await pass(3_600_000);
    expect(states()).toEqual(['starting', 'running']);
    await camera.stop();
  });
});

describe('a camera that fails', () => {
  it('is started again after 1, 2, 4 … 60 s, for ever, and tells its error once', async () => {
    const { camera, changes, errors } = run([['camera-unreachable']]);
    await pass(600_000);
    const delays = changes.flatMap(({ retryInMs }) => retryInMs ?? []);
    expect(delays.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000));
    expect(errors).toHaveLength(1);
    expect(camera.state).toBe('reconnecting');
    await camera.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('spreads its starts by a fifth, so that many cameras do not return at once', async () => {
    const delays = [0, 1].map(async (random) => {
      const changes: StateChange[] = [];
      const listener = {
        onFrame: () => undefined,
        onError: () => undefined,
        onState: (change: StateChange) => void changes.push(change),
      };
      const camera = new Camera({ kind: 'rtsp', address: '' }, {}, listener, () => random);
      camera.start();
      await pass(1);
      await camera.stop();
      return changes.find(({ state }) => state === 'reconnecting')?.retryInMs;
    });
    source.current = () => {
      throw failure('camera-unreachable');
    };
    expect(await Promise.all(delays)).toEqual([800, 1200]);
  });

  it('begins with a short delay again after it has run well', async () => {
    const { camera, changes, errors } = run([['camera-failed'], ['camera-failed'], [0, 'silence']], {
      stallMs: 20_000,
    });
    await pass(1_000 + 2_000 + 20_100);
    expect(changes.flatMap(({ retryInMs }) => retryInMs ?? [])).toEqual([1_000, 2_000, 1_000]);
    expect(errors.map(({ code }) => code)).toEqual(['camera-failed', 'camera-stalled']);
    await camera.stop();
  });

  it('has not run well while it only waited for its first picture, however long', async () => {
    const { camera, changes, errors } = run([['silence']], { stallMs: 20_000 });
    await pass(3 * 20_100 + 1_000 + 2_000);
    expect(changes.flatMap(({ retryInMs }) => retryInMs ?? [])).toEqual([1_000, 2_000, 4_000]);
    expect(errors).toHaveLength(1);
    await camera.stop();
  });

  it('for another reason tells that one, too', async () => {
    const { camera, errors } = run([['camera-unreachable'], ['camera-failed'], ['camera-failed']]);
    await pass(10_000);
    expect(errors.map(({ code }) => code)).toEqual(['camera-unreachable', 'camera-failed']);
    await camera.stop();
  });

  it('gives up where attempts are limited', async () => {
    const { camera, states } = run([['camera-unreachable']], { maxRestarts: 2 });
    await pass(60_000);
    expect(starts).toBe(3);
    expect(states().at(-1)).toBe('failed');
    expect(camera.active).toBe(false);
  });

  it.each([
    { code: 'camera-program-missing', reason: 'nobody installs a program meanwhile' },
    { code: 'camera-device-invalid', reason: 'the name stays wrong' },
    { code: 'option-invalid', reason: 'the setting stays wrong' },
    { code: 'camera-source-missing', reason: 'the path stays wrong' },
  ] as const)('$code has failed at once: $reason', async ({ code }) => {
    const { states } = run([[code]]);
    await pass(60_000);
    expect(states()).toEqual(['starting', 'failed']);
    expect(starts).toBe(1);
  });

  it('with a wrong password is tried seldom: cameras lock an account', async () => {
    const { camera, changes } = run([['camera-access-denied']]);
    await pass(1);
    expect(changes.at(-1)).toMatchObject({ state: 'reconnecting', retryInMs: 60_000 });
    await camera.stop();
  });

  it('is stopped in the middle of its delay', async () => {
    const { camera, states } = run([['camera-unreachable']]);
    await pass(500);
    await camera.stop();
    expect(states()).toEqual(['starting', 'reconnecting', 'stopped']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('with a motion gate holds back what has not changed, and counts it', async () => {
  vi.useRealTimers();
  const white = await plain('#fff');
  source.current = async function* () {
    yield* [frame(0), frame(1), frame(2)];
    await Promise.resolve();
    yield { ...frame(3), image: white };
  };
  const frames: CameraFrame[] = [];
  await new Promise<void>((resolve, reject) => {
    new Camera(
      { kind: 'scene' },
      { motionPercent: 5 },
      {
        onFrame: (next) => frames.push(next),
        onError: reject,
        onState: ({ state }) => {
          if (state === 'stopped') resolve();
        },
      },
    ).start();
  });
  expect(frames.map(({ sequence, unchanged, dropped }) => [sequence, unchanged, dropped])).toEqual([
    [0, 0, 0],
    [3, 2, 0],
  ]);
});

it.each([
  { options: { stallMs: -1 }, reason: 'a negative time' },
  { options: { restartDelayMs: 0 }, reason: 'starts without a pause' },
  { options: { motionPercent: 101 }, reason: 'more than the whole picture' },
  { options: { maxRestarts: NaN }, reason: 'no number' },
])('refuses $reason', ({ options }) => {
  const listener = { onFrame: () => undefined, onState: () => undefined, onError: () => undefined };
  expect(() => new Camera({ kind: 'scene' }, options, listener)).toThrow(
    expect.objectContaining({ code: 'option-invalid' }) as Error,
  );
});
