import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../endurance/random';

/** When pictures come: all the same time apart, or at random as those of many cameras together. */
export type Arrivals = 'even' | 'random';

/**
 * Calls `send` so many times a second as long as `goesOn` says, which is told the ms since the begin; one that is late is
 * made up for at once. The random times are the same at each call.
 */
export async function keepRate(
  rate: number,
  arrivals: Arrivals,
  goesOn: (ms: number) => boolean,
  send: () => void,
): Promise<void> {
  const random = new Random(1, 1);
  const gap = () => (arrivals === 'even' ? 1 : -Math.log(1 - random.next())) * (1000 / rate);
  const begin = performance.now();
  for (let due = gap(); ; due += gap()) {
    const ahead = begin + due - performance.now();
    if (ahead > 0) await wait(ahead);
    if (!goesOn(due)) return;
    send();
  }
}
