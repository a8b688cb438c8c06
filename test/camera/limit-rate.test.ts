import { expect, it } from 'vitest';
import type { Frame } from '../../src/camera/frame';
import { limitRate } from '../../src/camera/limit-rate';

/** The times in ms at which frames pass that are read at these times, and how many of them the numbers say there were. */
async function pass(times: number[], framesPerSecond: number) {
  let now = 0;
  async function* read(): AsyncGenerator<Frame> {
    for (const [sequence, time] of times.entries()) {
      now = time;
      yield await Promise.resolve({
        ...{ image: Buffer.alloc(0), sequence, timestamp: time, width: 1, height: 1, source: 'camera' },
      });
    }
  }
  const frames: Frame[] = [];
  for await (const frame of limitRate(read(), framesPerSecond, () => now)) frames.push(frame);
  return { passed: frames.map(({ timestamp }) => timestamp), numbered: (frames.at(-1)?.sequence ?? -1) + 1 };
}

const every = (interval: number, count: number) => Array.from({ length: count }, (_, i) => i * interval);

it('a camera that sends more is thinned out, and nothing counts as dropped', async () => {
  const { passed, numbered } = await pass(every(20, 500), 10);
  // Ten seconds at ten frames, and the tenth that is forgiven.
  expect(passed.length).toBeGreaterThanOrEqual(100);
  expect(passed.length).toBeLessThanOrEqual(112);
  expect(numbered).toBe(passed.length);
});

it.each([
  { times: every(100, 5), reason: 'a camera as fast as asked for' },
  { times: [0, 103, 195, 306, 398], reason: 'its clock trembles' },
  { times: [0, 1000, 1000, 1000, 1000, 1001, 1001], reason: 'nobody read for a second' },
])('every picture passes: $reason', async ({ times }) => {
  expect(await pass(times, 10)).toEqual({ passed: times, numbered: times.length });
});

it('a camera that sends more does not catch up on a long silence', async () => {
  const { passed } = await pass([0, ...every(20, 500).map((time) => 60_000 + time)], 10);
  // Two seconds' worth more than at other times.
  expect(passed.length).toBeLessThanOrEqual(1 + 112 + 23);
});
