import { setTimeout as wait } from 'node:timers/promises';

/** What {@link pace} needs of time, so that a test can bring its own. */
export interface Clock {
  /** ms, from any origin */
  now(): number;
  /** Resolves after `ms`, rejects when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const systemClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => wait(ms, undefined, { signal }),
};

/**
 * Ticks at a steady rate, from now on: 0, 1, 2, … on an absolute schedule, so that no delay adds up. A tick that is
 * due while the consumer is busy is skipped, never queued: the numbers tell the gap.
 */
export async function* pace(
  framesPerSecond: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): AsyncGenerator<number, void, void> {
  const interval = 1000 / framesPerSecond;
  const start = clock.now();
  for (let tick = 0; !signal.aborted;) {
    try {
      await clock.wait(Math.max(0, start + tick * interval - clock.now()), signal);
    } catch {
      return; // aborted
    }
    yield tick;
    tick = Math.max(tick + 1, Math.floor((clock.now() - start) / interval));
  }
}
