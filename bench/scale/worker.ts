/** A worker: a real Node-RED with an example of this package, held to one core. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { EngineName } from '../../src';
import { NO_DELAY } from '../../worker/user-directory';
import { descendantsOf } from '../processes';
import { makeUserDir, ROOT, startNodeRed } from '../start-node-red';

export interface WorkerConfig {
  /** A file of examples/. */
  example: string;
  engine: EngineName;
  /** The core that it is held to. */
  core: number;
  /** Changes a node of the example before it runs, such as the address of its broker. */
  adapt: (node: FlowNode) => void;
  /** Credentials by the id of their node. */
  credentials?: Record<string, object>;
  modules?: readonly string[];
  environment?: Record<string, string>;
}

export type FlowNode = Record<string, unknown>;

export interface Worker {
  core: number;
  /** Ends it at once, with its detector processes, as a machine that loses its power. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** The core of a worker: one each, and in turn where there are more workers than cores. */
export const coreOf = (worker: number): number => worker % os.availableParallelism();

/** Starts a worker, and waits until its flow runs. */
export async function startWorker(config: WorkerConfig): Promise<Worker> {
  const { example, engine, core, adapt, credentials, modules, environment } = config;
  // Our own file.
  const flow = JSON.parse(readFileSync(path.join(ROOT, 'examples', example), 'utf8')) as FlowNode[];
  for (const node of flow) {
    if (node['type'] === 'mtcnn-detect') node['detector'] = 'scaledetector000';
    adapt(node);
  }
  const detector = { id: 'scaledetector000', type: 'mtcnn-detector', engine, processes: 1, deadline: 30 };
  const userDir = makeUserDir(modules);
  writeFileSync(path.join(userDir, 'flows_cred.json'), JSON.stringify(credentials ?? {}));
  const nodeRed = await startNodeRed({
    userDir,
    core,
    flows: [...flow, detector],
    preload: NO_DELAY,
    ...(environment === undefined ? {} : { environment }),
  });
  const pid = nodeRed.process.pid ?? 0;
  return {
    core,
    async kill() {
      for (const each of [pid, ...descendantsOf(pid)]) process.kill(each, 'SIGKILL');
      await nodeRed.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
    stop: () => nodeRed.stop(),
  };
}
