/** The kinds of fault: what happens, and within what time all is well again. */
import { setTimeout as wait } from 'node:timers/promises';
import { RESTART_DEADLINE_MS, START_DEADLINE_MS } from '../../../src/detector/detector-process';
import { isRunning } from '../../processes';
import { FILL, HANG } from './faulty-detector';
import { changed, DEADLINE_S, DETECTOR, DETECTS, LONGEST_RESTART_S, STALL_S, without } from './flow';
import type { Random } from '../random';
import type { DeployType, World } from './world';

export interface Kind {
  name: string;
  /** Time in ms from the fault, or from the return of what was gone, until faces of each camera come out again. */
  allowedMs: number;
  /** Time in ms until what was struck is gone, where others may serve before. @default the same */
  goneMs?: number;
  /** Where that time goes. */
  why: string;
  /**
   * Makes the fault happen, and waits while something outside of Node-RED is gone.
   * @throws Error what is wrong already
   */
  inject(world: World, random: Random): Promise<Injected>;
}

export interface Injected {
  /** What happened, for people. */
  what: string;
  /** From when the time counts, in ms since 1970. @default now */
  since?: number;
  /** Processes that must end by it. */
  victims?: number[];
}

/**
 * Time in ms for a new detector process to load, and for the next picture of each camera to be taken and searched: 2 s
 * where a core is free, 6 s were seen with six others waiting for each core.
 */
const NEW_DETECTOR_MS = 8_000;

/** Time in ms for a camera's program to start, for its first picture to come, and for its faces to be found: 3 s of RTSP. */
const NEW_CAMERA_MS = 6_000;

/** Time in ms for Node-RED to start, with nodes, detectors and cameras: half of it is Node-RED, on a busy machine. */
const NEW_NODE_RED_MS = 25_000;

/** Time in ms in which the processes of a removed node, or of an ended Node-RED, must be gone. */
const GONE_MS = 5_000;

const LONGEST_RESTART_MS = LONGEST_RESTART_S * 1000;

/** One detector process suffers a signal. */
const detectorFault =
  (signal: NodeJS.Signals): Kind['inject'] =>
  async (world, random) => {
    const pid = await world.program('detector', (pids) => random.pick(pids));
    const since = Date.now();
    process.kill(pid, signal);
    return { what: `${signal} to detector ${pid}`, since, victims: [pid] };
  };

const killed: Kind = {
  name: 'detector-killed',
  allowedMs: NEW_DETECTOR_MS,
  why: 'a new process loads and takes its turn',
  inject: detectorFault('SIGKILL'),
};

/** One that hears of nothing any more, and is ended at its deadline: 60 s at most where starts before took too long. */
const hanging = (name: string, signal: NodeJS.Signals): Kind => ({
  name,
  allowedMs: RESTART_DEADLINE_MS + NEW_DETECTOR_MS,
  goneMs: START_DEADLINE_MS + NEW_DETECTOR_MS,
  why: `its deadline (${DEADLINE_S} s here; 15 s where it was struck in its start), then a new process`,
  inject: detectorFault(signal),
});

const stopped = hanging('detector-stopped', 'SIGSTOP');

const hung = hanging('detector-hung', HANG);

const outOfMemory: Kind = {
  name: 'detector-out-of-memory',
  allowedMs: RESTART_DEADLINE_MS + NEW_DETECTOR_MS,
  why: 'V8 gives up, or the deadline comes before, then a new process',
  inject: detectorFault(FILL),
};

const programKilled: Kind = {
  name: 'camera-program-killed',
  allowedMs: LONGEST_RESTART_MS + NEW_CAMERA_MS,
  why: `the longest restart delay (${LONGEST_RESTART_S} s here), then a new program`,
  async inject(world, random) {
    const program = random.pick(['ffmpeg', 'fswebcam']);
    const pid = await world.program(program, (pids) => random.pick(pids));
    const since = Date.now();
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // fswebcam has just ended by itself
    }
    return { what: `${program} ${pid} killed`, since, victims: [pid] };
  },
};

const serverGone: Kind = {
  name: 'server-gone',
  allowedMs: STALL_S * 1000 + LONGEST_RESTART_MS + NEW_CAMERA_MS,
  why: `from its return: an attempt that began before stalls (${STALL_S} s here), the longest restart delay, a new start`,
  async inject(world, random) {
    const name = random.pick(['rtsp', 'mjpeg']);
    const server = world.servers[name];
    const away = random.between(100, 3_000);
    const manner = random.pick(['leave', 'freeze']);
    await server[manner]();
    await wait(away);
    await server.comeBack();
    return { what: `${name} server gone (${manner}) for ${Math.round(away)} ms` };
  },
};

const diskFull: Kind = {
  name: 'disk-full',
  allowedMs: LONGEST_RESTART_MS + NEW_CAMERA_MS,
  why: 'from the moment when there is room again: the longest restart delay, then a new start',
  async inject({ disk }, random) {
    const free = Math.floor(random.between(0, 6));
    const full = random.between(100, 2_000);
    disk?.fill(free);
    await wait(full);
    disk?.empty();
    return { what: `temporary folder with ${free} free pages for ${Math.round(full)} ms` };
  },
};

const redeployed: Kind = {
  name: 'redeployed',
  allowedMs: NEW_DETECTOR_MS + NEW_CAMERA_MS,
  why: 'new detectors and new cameras',
  async inject(world, random) {
    const [ids, type] = random.pick<[string[], DeployType]>([
      [[], 'full'],
      [['scene'], 'flows'],
      [[...DETECTS], 'nodes'],
      [[DETECTOR], 'nodes'],
      [['rtsp', 'webcam'], 'nodes'],
      [['detect-newest', 'mjpeg'], 'nodes'],
    ]);
    const times = random.pick([1, 1, 2]);
    for (let i = 0; i < times; i++) {
      if (i > 0) await wait(random.between(0, 1_000));
      await world.deploy(changed(world.flow, ids, world.nextRevision()), type);
    }
    return { what: `deployed ${times} times (${type}), changed: ${ids.join(', ') || 'nothing'}` };
  },
};

const nodeRemoved: Kind = {
  name: 'node-removed',
  allowedMs: NEW_DETECTOR_MS + NEW_CAMERA_MS,
  why: 'from its return: new detectors and new cameras',
  async inject(world, random) {
    const ids = random.pick<string[]>([
      ['scene'],
      ['mjpeg'],
      ['rtsp'],
      ['webcam'],
      ['detect-newest'],
      ['detect-queue'],
      [...DETECTS],
      [...DETECTS, DETECTOR],
    ]);
    const type = random.pick<DeployType>(['full', 'flows', 'nodes']);
    await world.deploy(without(world.flow, ids), type);
    const left = await world.settle(() => [...world.strays(), ...world.litter()], GONE_MS);
    if (left.length > 0) throw new Error(`without ${ids.join(', ')}: ${left.join('; ')}`);
    await wait(random.between(0, 500));
    await world.deploy(world.flow, type);
    return { what: `${ids.join(', ')} removed (${type}) and put back` };
  },
};

const restarted: Kind = {
  name: 'node-red-restarted',
  allowedMs: NEW_NODE_RED_MS,
  why: 'from its start: Node-RED itself, new detectors and new cameras',
  async inject(world, random) {
    const signal = random.pick<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGKILL']);
    await world.endNodeRed(signal);
    const left = await world.settle(() => world.strays(), GONE_MS);
    const since = Date.now();
    await world.startNodeRed();
    if (left.length > 0) throw new Error(`after ${signal}: ${left.join('; ')}`);
    return { what: `Node-RED ended by ${signal} and started again`, since };
  },
};

export const KINDS: readonly Kind[] = [
  ...[killed, stopped, hung, outOfMemory, programKilled, serverGone],
  ...[diskFull, redeployed, nodeRemoved, restarted],
];

/** The victims that live on. */
export const alive = (victims: readonly number[]): string[] =>
  victims.filter(isRunning).map((pid) => `process ${pid} lives on`);
