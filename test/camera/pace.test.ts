import { expect, it } from 'vitest';
import { type Clock, pace } from '../../src/camera/pace';

/** Time that passes only when it is waited for, or when a test says so. */
function fakeClock(): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    wait(ms, signal) {
      if (signal.aborted) return Promise.reject(new Error('aborted'));
      this.time += ms;
      return Promise.resolve();
    },
  };
}

it('ticks on an absolute schedule, so that delays do not add up', async () => {
  const clock = fakeClock();
  const at: [number, number][] = [];
  for await (const tick of pace(10, new AbortController().signal, clock)) {
    at.push([tick, clock.time]);
    clock.time += 30; // the consumer's work
    if (tick === 3) break;
  }
  expect(at).toEqual([
    [0, 0],
    [1, 100],
    [2, 200],
    [3, 300],
  ]);
});

it('skips what was due while the consumer was busy', async () => {
  const clock = fakeClock();
  const ticks: number[] = [];
  for await (const tick of pace(10, new AbortController().signal, clock)) {
    ticks.push(tick);
    if (tick === 1) clock.time += 450; // from 100 to 550: 2, 3 and 4 are lost, 5 is late
    if (ticks.length === 4) break;
  }
  expect(ticks).toEqual([0, 1, 5, 6]);
});

it('ends when it is aborted, before and while it waits', async () => {
  const aborted = AbortSignal.abort();
  expect((await pace(10, aborted, fakeClock()).next()).done).toBe(true);
  const controller = new AbortController();
  const ticks = pace(0.01, controller.signal);
  await ticks.next();
  const waiting = ticks.next();
  controller.abort();
  expect((await waiting).done).toBe(true);
});
