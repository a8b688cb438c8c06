/** Live pictures over Mosquitto, shared by N workers: how many, how late, and where each picture went. */
import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { EngineName } from '../../src';
import { type CountingMosquitto, startMosquitto, USER } from '../mosquitto';
import { cpuMs } from '../processes';
import { EXPIRY, LiveClient, type Sent, type Told } from './live-client';

import { type Arrivals, keepRate } from './schedule';
import { coreOf, startWorker, type Worker } from './worker';

export interface LiveConfig {
  workers: number;
  engine: EngineName;
  /** Of each part of the measurement. */
  seconds: number;
  /** Pictures a second where the workers shall have too many. @default far more than they can look at */
  rate?: number;
  /** JPEG files that are published in turn. */
  pictures: readonly Buffer[];
}

/** What was measured at one rate. */
export interface Point {
  /** Pictures a second that were published, in times of the saturated throughput. */
  load: number;
  arrivals: Arrivals;
  /** Pictures published a second. */
  rate: number;
  /** Faces heard a second. */
  throughput: number;
  /** Share of the pictures for which no faces came. */
  dropped: number;
  /** From publishing to the faces, in ms. */
  latencyMs: { mean: number; p50: number; p95: number };
  /** Standard errors of the two, told by how much ten parts of the pictures differ. */
  errors: { dropped: number; latencyMs: Point['latencyMs'] };
}

/** Where all pictures went: published = detected + dropped + failed + expired + lost. */
export interface Accounts extends Told {
  /** Confirmed by the broker. */
  published: number;
  /** Never handed to a worker, as the broker tells. */
  expired: number;
  /** Handed to a worker of which nothing was told: one that was killed. */
  lost: number;
  /** Pictures for which faces came. */
  heard: number;
  duplicates: number;
}

export interface LiveFigures {
  workers: number;
  /** The core of each. */
  cores: number[];
  /** Results a second while there are always too many pictures. */
  saturated: number;
  /** What the detector itself takes for a picture then: twenty values of the same probability, in ms. */
  detectorMs: number[];
  /** From publishing to the faces while there is one picture at a time, mean in ms. */
  aloneMs: number;
  /** CPU time of broker, publisher and collector for a picture, in ms. */
  besideMs: number;
  points: Point[];
  /** Before any worker is killed: nothing may be lost. */
  accounts: Accounts;
  /** With a worker that was killed at 90 % of the load, and another started. */
  killed: Accounts & { backAfterMs: number };
}

/** Pictures to each worker before anything is measured: the first ones compile, in Node-RED and in the detector. */
const WARM_UP = 100;
/** With too many pictures then: what drops them compiles, too. */
const WARM_UP_SECONDS = 5;
/** Pictures, one at a time, whose latency is taken then: the test scene, twice. */
const ALONE = 96;
/** How many times as many pictures as can be looked at there are when saturated. */
const TOO_MANY = 2.5;
/** ms between faces and the next picture: the worker still tells its counts. */
const REST_MS = 50;
/** Loads that are measured, in times of the saturated throughput; at random. */
const LOADS = [0.5, 0.9, 1.5];
/** Of the pictures of a load: how much they differ tells the standard error. */
const PARTS = 10;

/** How long the faces of one picture are waited for. */
const PATIENCE_MS = 30_000;
const NO_FACES = `expected the faces of a picture within ${PATIENCE_MS} ms, got none: look whether live-detector runs`;

export async function measureLive(config: LiveConfig): Promise<LiveFigures> {
  const { seconds, pictures } = config;
  const broker = await startMosquitto();
  const workers: Worker[] = [];
  let client: LiveClient | undefined;
  const start = (core: number) =>
    startWorker({
      example: 'live-detector.json',
      engine: config.engine,
      core,
      adapt: (node) => {
        if (node['type'] === 'mqtt-broker') node['port'] = broker.port;
      },
      credentials: { livedetbroker000: USER },
    });
  try {
    client = await LiveClient.connect(broker.port, pictures);
    const cores = Array.from({ length: config.workers }, (_, i) => coreOf(i));
    workers.push(...(await Promise.all(cores.map(start))));

    while (broker.subscribed() < config.workers) await wait(20);
    await oneAtATime(client, WARM_UP * config.workers);
    const alone = await oneAtATime(client, ALONE);
    const aloneMs = meanOf(latenciesOf(alone));

    const used = Math.min(config.workers, os.availableParallelism());
    const most = config.rate ?? (TOO_MANY * used * 1000) / aloneMs;
    const tooMany = { rate: most, arrivals: 'even' } as const;
    await at(client, broker, { ...tooMany, seconds: WARM_UP_SECONDS });
    const cpu = cpuOf(broker);
    // Half of it before the points, half after: the speed of a machine drifts within minutes.
    const before = await at(client, broker, { ...tooMany, seconds: seconds / 2 });
    const besideMs = (cpuOf(broker) - cpu) / before.length;

    const points: Point[] = [];
    const full = throughputOf(before);
    for (const load of LOADS) {
      const sent = await at(client, broker, { rate: load * full, arrivals: 'random', seconds });
      points.push(pointOf(sent, load, seconds));
    }
    const after = await at(client, broker, { ...tooMany, seconds: seconds / 2 });
    const saturated = meanOf([full, throughputOf(after)]);
    await wait(EXPIRY * 1000);
    const accounts = accountsOf(client, broker);
    const backAfterMs = await killOne(client, workers, start, 0.9 * saturated, seconds);
    await drain(client, broker);
    await wait(EXPIRY * 1000);
    return {
      ...{ workers: config.workers, cores, saturated, aloneMs, besideMs, points, accounts },
      detectorMs: quantiles([...before, ...after].flatMap(({ detectorMs }) => detectorMs ?? [])),
      killed: { ...accountsOf(client, broker), backAfterMs },
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await client?.close();
    await broker.stop();
  }
}

/** Publishes the next picture when the worker is done with the one before. */
async function oneAtATime(client: LiveClient, count: number): Promise<Sent[]> {
  const first = client.sent.length;
  for (let i = 0; i < count; i++) {
    client.publish();
    const sent = client.sent.at(-1)!;
    while (sent.heardAt === undefined) {
      if (performance.now() - sent.at > PATIENCE_MS) throw new Error(NO_FACES);
      await wait(1);
    }
    await wait(REST_MS);
  }
  return client.sent.slice(first);
}

/** Publishes so many a second for so long, and waits until nothing is on its way any more. */
async function at(
  client: LiveClient,
  broker: CountingMosquitto,
  { rate, arrivals, seconds }: { rate: number; arrivals: Arrivals; seconds: number },
): Promise<Sent[]> {
  const first = client.sent.length;
  await keepRate(
    rate,
    arrivals,
    (ms) => ms < seconds * 1000,
    () => client.publish(),
  );
  await drain(client, broker);
  return client.sent.slice(first);
}

/** Waits until the broker has confirmed all pictures, and the workers have told of all that they were given. */
async function drain(client: LiveClient, broker: CountingMosquitto): Promise<void> {
  const state = () => JSON.stringify([client.published, broker.handedOut(), client.sum()]);
  const done = () => {
    const { detected, dropped, failed } = client.sum();
    return client.published === client.sent.length && detected + dropped + failed === broker.handedOut();
  };
  // One that was killed tells nothing any more: then until nothing has changed for a second.
  for (let before = '', quiet = 0; quiet < 10 && !done(); quiet = state() === before ? quiet + 1 : 0) {
    before = state();
    await wait(100);
  }
  await wait(200); // a last picture that waits in the broker
}

/** Kills the first worker amid the pictures and starts another; returns the ms after which that one has looked at one. */
async function killOne(
  client: LiveClient,
  workers: Worker[],
  start: (core: number) => Promise<Worker>,
  rate: number,
  seconds: number,
): Promise<number> {
  let end = Infinity;
  const publishing = keepRate(
    rate,
    'random',
    () => performance.now() < end,
    () => client.publish(),
  );
  try {
    await wait(seconds * 500);
    const victim = workers.shift()!;
    const known = client.told.size;
    const killedAt = performance.now();
    await victim.kill();
    workers.push(await start(victim.core));
    while (client.told.size === known) {
      if (performance.now() - killedAt > PATIENCE_MS) throw new Error(NO_FACES);
      await wait(5);
    }
    const backAfterMs = performance.now() - killedAt;
    await wait(seconds * 500);
    return backAfterMs;
  } finally {
    end = 0;
    await publishing;
  }
}

function accountsOf(client: LiveClient, broker: CountingMosquitto): Accounts {
  const { detected, dropped, failed } = client.sum();
  const { published, duplicates } = client;
  const handedOut = broker.handedOut();
  return {
    ...{ published, detected, dropped, failed, duplicates },
    expired: published - handedOut,
    lost: handedOut - detected - dropped - failed,
    heard: client.sent.filter(({ heardAt }) => heardAt !== undefined).length,
  };
}

function pointOf(sent: Sent[], load: number, seconds: number): Point {
  const whole = figuresOf(sent);
  const parts = Array.from({ length: PARTS }, (_, i) =>
    figuresOf(sent.slice((i * sent.length) / PARTS, ((i + 1) * sent.length) / PARTS)),
  );
  const error = (value: (of: typeof whole) => number) => {
    const mean = meanOf(parts.map(value));
    return Math.sqrt(meanOf(parts.map((part) => (value(part) - mean) ** 2)) / (PARTS - 1));
  };
  return {
    ...{ load, arrivals: 'random', rate: sent.length / seconds },
    ...{ throughput: ((1 - whole.dropped) * sent.length) / seconds, ...whole },
    errors: {
      dropped: error(({ dropped }) => dropped),
      latencyMs: {
        mean: error(({ latencyMs }) => latencyMs.mean),
        p50: error(({ latencyMs }) => latencyMs.p50),
        p95: error(({ latencyMs }) => latencyMs.p95),
      },
    },
  };
}

function figuresOf(sent: Sent[]): Pick<Point, 'dropped' | 'latencyMs'> {
  const latencies = latenciesOf(sent).sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.floor(share * latencies.length)] ?? NaN;
  return {
    dropped: 1 - latencies.length / sent.length,
    latencyMs: { mean: meanOf(latencies), p50: quantile(0.5), p95: quantile(0.95) },
  };
}

/** Faces heard a second between the first and the last of them. */
function throughputOf(sent: Sent[]): number {
  const heard = sent.flatMap(({ heardAt }) => heardAt ?? []).sort((a, b) => a - b);
  return ((heard.length - 1) * 1000) / (heard.at(-1)! - heard[0]!);
}

/** CPU time of the broker and of this process so far, in ms. */
function cpuOf(broker: CountingMosquitto): number {
  return cpuMs(broker.pid) + cpuMs(process.pid);
}

const latenciesOf = (sent: Sent[]) =>
  sent.flatMap(({ at: from, heardAt }) => (heardAt === undefined ? [] : heardAt - from));

const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Twenty values that stand for all. */
function quantiles(values: number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from({ length: 20 }, (_, i) => sorted[Math.floor(((i + 0.5) / 20) * sorted.length)] ?? NaN);
}
