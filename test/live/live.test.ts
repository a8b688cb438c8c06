import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type CountingMosquitto, startMosquitto, USER } from '../../bench/mosquitto';
import { ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { until, untilAsync } from '../support/processes';
import { describeWhere, hasProgram } from '../support/requires';

// The examples of live pictures as they are, in four real Node-REDs around a real broker with the documented settings:
// a publisher, two detectors that share its pictures, a collector. Functions of the test beside them note what passes.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PROGRAMS = ['mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'mosquitto_passwd'];
const REASON = 'no broker with its clients (apt install mosquitto mosquitto-clients)';

interface Accounts {
  published: number;
  detected: number;
  dropped: number;
  failed: number;
  expired: number;
}

/** A frame as a function of the test notes it. */
interface Noted {
  topic: string;
  run: string;
  sequence: number;
  order?: { missing: number; late: number; duplicate: number };
}

const nameOf = ({ topic, run, sequence }: Noted) => `${topic.split('/')[1]} ${run} ${sequence}`;

describeWhere(PROGRAMS.every(hasProgram), REASON)('live over MQTT 5', () => {
  let broker: CountingMosquitto;
  let publisher: RunningNodeRed;
  let detectors: [RunningNodeRed, RunningNodeRed];
  let collector: RunningNodeRed;
  const programs: ChildProcess[] = [];
  /** What a plain subscriber hears: every picture that the broker has taken, and every result, as they come. */
  const heard = { frames: [] as Noted[], faces: [] as Noted[] };

  const client = () => ['-p', String(broker.port), '-V', 'mqttv5', '-u', USER.user, '-P', USER.password];

  function listen(): void {
    const topics = ['frames/#', 'faces/#'].flatMap((topic) => ['-t', topic]);
    const subscriber = spawn('mosquitto_sub', [...client(), '-q', '1', ...topics, '-F', '%t %P']);
    programs.push(subscriber);
    createInterface(subscriber.stdout).on('line', (line) => {
      const [, topic = '', frame = ''] = /^(\S+) .*?frame:(\{.*?\})/.exec(line) ?? [];
      const noted = { topic, ...(JSON.parse(frame) as Omit<Noted, 'topic'>) };
      heard[topic.startsWith('frames/') ? 'frames' : 'faces'].push(noted);
    });
  }

  /** Publishes a result as a detector does, for a camera of the test. */
  function publishResult(sequence: number): void {
    const size = { width: 640, height: 480 };
    const frame = { ...size, run: 'test', sequence, timestamp: 1000 + sequence * 100, source: 'test' };
    const properties = Object.entries({ frame, detection: { ...size, dropped: 0 } });
    const sent = spawnSync('mosquitto_pub', [
      ...[...client(), '-q', '1', '-t', 'faces/test', '-m', '[]'],
      ...properties.flatMap(([name, value]) => [
        '-D',
        'publish',
        'user-property',
        name,
        JSON.stringify(value),
      ]),
    ]);
    expect(sent.status).toBe(0);
  }

  /** A Node-RED with one of the examples. What the nodes `noted` send is at /noted; /command reaches the node `commanded`. */
  async function run(example: string, { noted, commanded }: { noted: string[]; commanded?: string }) {
    const flow = JSON.parse(readFileSync(path.join(ROOT, 'examples', example), 'utf8')) as Record<
      string,
      unknown
    >[];
    const z = flow[0]!['id'];
    for (const node of flow) {
      if (node['type'] === 'mqtt-broker') Object.assign(node, { port: broker.port, credentials: USER });
      if (node['type'] === 'camera-input') node['start'] = 'message';
      if (noted.includes(String(node['id']))) (node['wires'] as string[][])[0]!.push('note');
    }
    const beside = (id: string, type: string, config: object) => ({ id, z, type, x: 1, y: 1, ...config });
    const note = `
      const notes = flow.get('notes') ?? [];
      const { run, sequence } = msg.frame ?? JSON.parse(msg.userProperties?.frame ?? '{}');
      notes.push(run === undefined ? msg.payload : { topic: msg.topic, run, sequence, order: msg.order });
      flow.set('notes', notes);`;
    const nodes = [
      beside('note', 'function', { func: note, wires: [[]] }),
      beside('read', 'http in', { url: '/noted', method: 'get', wires: [['tell']] }),
      beside('tell', 'function', {
        func: `return { ...msg, payload: flow.get('notes') ?? [] };`,
        wires: [['answer']],
      }),
      beside('answer', 'http response', { wires: [] }),
      beside('post', 'http in', { url: '/command', method: 'post', wires: [['command', 'answer']] }),
      beside('command', 'change', {
        rules: [{ t: 'move', p: 'payload.command', to: 'payload', tot: 'msg' }],
        wires: [commanded ? [commanded] : []],
      }),
    ];
    const nodeRed = await startNodeRed({ flows: [] });
    const response = await fetch(`${nodeRed.url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
      body: JSON.stringify([...flow, ...nodes]),
    });
    expect(response.status).toBe(204);
    await untilAsync(async () => (await fetch(`${nodeRed.url}/noted`)).ok);
    return nodeRed;
  }

  const noted = async (nodeRed: RunningNodeRed) =>
    (await (await fetch(`${nodeRed.url}/noted`)).json()) as unknown[];
  const received = async (nodeRed: RunningNodeRed) => (await noted(nodeRed)) as Noted[];
  /** What has left face-track, camera by camera, and the newest accounts. */
  const tracked = async (camera: string) =>
    ((await noted(collector)) as (Noted | Accounts)[]).filter(
      (each): each is Noted => 'topic' in each && each.topic === `faces/${camera}`,
    );
  const accounts = async () =>
    ((await noted(collector)) as (Noted | Accounts)[]).findLast(
      (each): each is Accounts => 'published' in each,
    );
  const command = (text: string) =>
    fetch(`${publisher.url}/command`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ command: text }),
    });

  beforeAll(async () => {
    broker = await startMosquitto();
    listen();
    const detector = () => run('live-detector.json', { noted: ['livedetframes000'] });
    const [first, second, ...rest] = await Promise.all([
      detector(),
      detector(),
      run('live-publisher.json', { noted: ['livepubcamera000'], commanded: 'livepubcamera000' }),
      run('live-collector.json', { noted: ['livecoltrack0000', 'livecolaccounts0'] }),
    ]);
    detectors = [first, second];
    [publisher, collector] = rest;
  });
  afterAll(async () => {
    for (const { process: each } of detectors) each.kill('SIGCONT');
    await Promise.all([publisher, ...detectors, collector].map((nodeRed) => nodeRed.stop()));
    for (const program of programs.reverse()) {
      program.kill();
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
    }
    await broker.stop();
  });

  it('restores order, and recognises what comes twice or too late', async () => {
    for (const sequence of [0, 2, 1, 1, 4]) publishResult(sequence);
    await untilAsync(async () => (await tracked('test')).length === 4); // 3 has been given up
    for (const sequence of [3, 5]) publishResult(sequence);
    await untilAsync(async () => (await tracked('test')).length === 5);
    const frames = await tracked('test');
    expect(frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 4, 5]);
    expect(frames.map(({ order }) => order).slice(3)).toEqual([
      { missing: 1, late: 0, duplicate: 1 },
      { missing: 0, late: 1, duplicate: 0 },
    ]);
    heard.faces.length = 0;
  });

  it('accounts for every frame, with a detector that freezes for a while', async () => {
    await command('start');
    const bothDetect = async () =>
      (await Promise.all(detectors.map(received))).every((frames) => frames.length > 5);
    await untilAsync(bothDetect);

    // Frozen for longer than the pictures are good for: the broker keeps some of them, and lets them expire.
    detectors[1].process.kill('SIGSTOP');
    const before = heard.frames.length;
    await until(() => heard.frames.length >= before + 45);
    detectors[1].process.kill('SIGCONT');
    const then = heard.frames.length;
    await until(() => heard.frames.length >= then + 20);
    await command('stop');

    // Each detector gets its pictures in their order: with the two last of all, nothing is on its way any more.
    const sent = async () => (await received(publisher)).length;
    await untilAsync(async () => heard.frames.length === (await sent()));
    const last = heard.frames.at(-1)!.sequence;
    const newest = async () =>
      (await Promise.all(detectors.map(received))).map((frames) => frames.at(-1)?.sequence ?? 0);
    await untilAsync(async () => (await newest()).every((sequence) => sequence >= last - 1));
    const ofDetectors = (await Promise.all(detectors.map(received))).flat().map(nameOf);
    await untilAsync(async () => {
      const { published = 0, expired = -1 } = (await accounts()) ?? {};
      return published === heard.frames.length && published - expired === ofDetectors.length;
    });

    const { published, detected, dropped, failed, expired } = (await accounts())!;
    console.log({ published, detected, dropped, failed, expired });
    // Each count against what passed at its place.
    expect(published).toBe(heard.frames.length);
    expect(new Set(ofDetectors).size).toBe(ofDetectors.length);
    await until(() => heard.faces.length === detected);
    expect(dropped).toBe(ofDetectors.length - heard.faces.length);
    const unheard = heard.frames.filter((frame) => !ofDetectors.includes(nameOf(frame)));
    expect(expired).toBe(unheard.length);
    expect(failed).toBe(0);
    expect(published).toBe(detected + dropped + expired);
    expect(expired).toBeGreaterThan(0);
    expect(dropped).toBeGreaterThan(0);

    // What the detectors found left face-track in order, or was too late for it.
    const inOrder = () => tracked('door');
    await untilAsync(async () => (await inOrder()).at(-1)?.sequence === last);
    const frames = await inOrder();
    const late = frames.reduce((sum, { order }) => sum + (order?.late ?? 0), 0);
    expect(frames.map(({ sequence }) => sequence)).toEqual(
      frames.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
    expect(frames.length + late).toBe(detected);
    expect(late).toBeGreaterThan(0); // the first picture that the frozen detector looked at again
  });
});
