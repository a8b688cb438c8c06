import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../endurance/random';

/** When pictures come: all the same time apart, or at random as those of many cameras together. */
export type Arrivals = 'even' | 'random';

/** Calls `send` so many times a second for so long; one that is late is made up for at once. */
export async function keepRate(
  rate: number,
  arrivals: Arrivals,
  seconds: number,
  send: () => void,
): Promise<void> {
  const random = new Random(1, 1);
  const gap = () => (arrivals === 'even' ? 1 : -Math.log(1 - random.next())) * (1000 / rate);
  const begin = performance.now();
  for (let due = gap(); due < seconds * 1000; due += gap()) {
    const ahead = begin + due - performance.now();
    if (ahead > 0) await wait(ahead);
    send();
  }
}
