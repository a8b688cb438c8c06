import { setTimeout as wait } from 'node:timers/promises';
import { descendantsOf, isRunning } from '../../bench/processes';

export { descendantsOf, isRunning };

/** Waits until `condition` holds, where no event tells. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

/** The same for a condition that must itself be asked for. */
export async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

/** Waits until a process is gone. */
export async function untilGone(pid: number): Promise<void> {
  await until(() => !isRunning(pid));
}
