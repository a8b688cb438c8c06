/** What is read of the soak's processes, from outside in /proc and inside Node-RED by a preloaded script. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { commandOf, countHandles, descendantsOf, residentMb } from '../../processes';
import type { RunningNodeRed } from '../../start-node-red';

export interface ProcessSample {
  pid: number;
  /** `node-red`, `detector`, or the name of the program. */
  name: string;
  residentMb: number;
  /** Open files, sockets and pipes. */
  handles: number;
}

/** What Node-RED's process says of itself after a garbage collection: what is left is held by somebody. */
export interface InsideSample {
  heapMb: number;
  /** Memory outside the heap that its objects hold, such as pictures. */
  externalMb: number;
  /** What keeps the event loop alive, by Node's names, such as `Timeout` and `TCPSocketWrap`. */
  resources: Record<string, number>;
}

export interface Sample {
  /** Time in hours since the first one. */
  hours: number;
  processes: ProcessSample[];
  inside: InsideSample;
  /** Entries in Node-RED's folder for temporary files, at any depth. */
  temporaryFiles: number;
}

/** Preloaded into Node-RED: answers the message `measure`. */
export const MONITOR = `
require('node:v8').setFlagsFromString('--expose-gc');
const collectGarbage = require('node:vm').runInNewContext('gc');
process.on('message', (message) => {
  if (message !== 'measure') return;
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  const resources = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  process.send({ heapMb: heapUsed / 2 ** 20, externalMb: external / 2 ** 20, resources });
});`;

/** Entries below a folder. */
export const countEntries = (folder: string): number => readdirSync(folder, { recursive: true }).length;

/**
 * Reads everything once.
 * @param begin when the first sample was taken, in ms as `performance.now()` has it
 * @param temporary Node-RED's folder for temporary files
 */
export async function takeSample(nodeRed: RunningNodeRed, begin: number, temporary: string): Promise<Sample> {
  const { process: child } = nodeRed;
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(
      `Node-RED has ended (${child.exitCode ?? child.signalCode}):\n${nodeRed.log().slice(-2_000)}`,
    );
  const answer = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
  child.send('measure');
  const [inside] = (await answer) as [InsideSample]; // what MONITOR sends
  const { pid = NaN } = child;
  return {
    hours: (performance.now() - begin) / 3_600_000,
    processes: [pid, ...descendantsOf(pid)].flatMap((each) => readProcess(each, each === pid) ?? []),
    inside,
    temporaryFiles: countEntries(temporary),
  };
}

/** Longest time in ms in which Node-RED answers: its event loop hangs otherwise. */
const ANSWER_MS = 30_000;

function readProcess(pid: number, isNodeRed: boolean): ProcessSample | undefined {
  const command = commandOf(pid);
  const [memory, handles] = [residentMb(pid), countHandles(pid)];
  if (memory === undefined || handles === undefined) return undefined; // it ended meanwhile
  const program = path.basename(command.split(' ')[0] ?? '');
  const name = isNodeRed
    ? 'node-red'
    : command.includes(path.join('detector', 'worker.js'))
      ? 'detector'
      : program;
  return { pid, name, residentMb: memory, handles };
}
