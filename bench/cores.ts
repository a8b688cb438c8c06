/** Programs pinned to processor cores, where `taskset` exists. */
import { spawnSync } from 'node:child_process';

/** True where programs can be pinned. */
export const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** The command that runs a program on some cores only, such as `0` or `0,1`. */
export function onCores(cores: string, command: string, parameters: string[]): [string, string[]] {
  return canPin ? ['taskset', ['-c', cores, command, ...parameters]] : [command, parameters];
}

/**
 * Runs a program on some cores and reads the JSON of its last line.
 * @throws Error with the last line of its errors if it fails
 */
export function measureOn(cores: string, command: string, parameters: string[]): unknown {
  const [program, rest] = onCores(cores, command, parameters);
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
