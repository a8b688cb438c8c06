import { expect, it } from 'vitest';
import type { Frame, FrameSource } from '../../src/camera/frame';
import { newestOnly } from '../../src/camera/newest';

const frame = (sequence: number): Frame => ({
  image: Buffer.of(sequence),
  sequence,
  timestamp: 0,
  width: 1,
  height: 1,
  source: 'test',
});

/** A source whose frames a test brings. */
function pushSource() {
  const waiting: (Frame | Error | 'end')[] = [];
  let wake: () => void = () => undefined;
  let closed = false;
  const source: FrameSource = async function* (signal) {
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (next === 'end') return;
        else if (next instanceof Error) throw next;
        else yield next;
      }
    } finally {
      closed = true;
    }
  };
  return {
    source,
    isClosed: () => closed,
    push(...items: (Frame | Error | 'end')[]) {
      waiting.push(...items);
      wake();
    },
  };
}

it('a consumer that was busy gets the newest frame, whose number tells how many it missed', async () => {
  const camera = pushSource();
  const frames = newestOnly(camera.source)(new AbortController().signal)[Symbol.asyncIterator]();
  const first = frames.next();
  camera.push(frame(0));
  expect((await first).value).toEqual(frame(0));
  camera.push(frame(1), frame(2), frame(3));
  expect((await frames.next()).value).toEqual(frame(3));
  camera.push(frame(4), 'end');
  expect((await frames.next()).value).toEqual(frame(4));
  expect((await frames.next()).done).toBe(true);
});

it('a failure of the source arrives after its last frame', async () => {
  const camera = pushSource();
  const frames = newestOnly(camera.source)(new AbortController().signal)[Symbol.asyncIterator]();
  camera.push(frame(0), new Error('unplugged'));
  expect((await frames.next()).value).toEqual(frame(0));
  await expect(frames.next()).rejects.toThrow('unplugged');
});

it('the source is closed when the consumer leaves', async () => {
  const camera = pushSource();
  const frames = newestOnly(camera.source)(new AbortController().signal)[Symbol.asyncIterator]();
  const first = frames.next();
  camera.push(frame(0));
  await first;
  await frames.return?.();
  expect(camera.isClosed()).toBe(true);
});

it('the source is closed when the signal is aborted while nothing comes', async () => {
  const camera = pushSource();
  const controller = new AbortController();
  const frames = newestOnly(camera.source)(controller.signal)[Symbol.asyncIterator]();
  const next = frames.next();
  controller.abort();
  expect((await next).done).toBe(true);
  expect(camera.isClosed()).toBe(true);
});
