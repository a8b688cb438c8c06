import { setTimeout as wait } from 'node:timers/promises';
import { readFileSync, readdirSync } from 'node:fs';

/** True while a process lives, or has ended and is not yet collected by its parent. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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

/** Process ids of all living descendants of `pid`. */
export function descendantsOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return []; // it ended meanwhile
      }
    });
  const children = parents.filter(({ parent }) => parent === pid).map((child) => child.pid);
  return [...children, ...children.flatMap(descendantsOf)];
}
