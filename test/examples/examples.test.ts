import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hasRabbitMq, RABBITMQ_REASON, startRabbitMq } from '../../bench/rabbitmq';
import { freePort, ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { untilAsync } from '../support/processes';
import { hasProgram } from '../support/requires';

// Every example, imported into a real Node-RED as it is but for places and addresses, deployed, and its result looked at.

vi.setConfig({ testTimeout: 40_000 });

const ASTRONAUT = path.join(ROOT, 'test/photos/astronaut.png');
let nodeRed: RunningNodeRed;
let folder: string;
let camera: ReturnType<typeof createServer>;
let cameraAddress: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'examples-'));
  nodeRed = await startNodeRed({ flows: [], modules: ['amqplib'] });
  const jpeg = await sharp(ASTRONAUT).jpeg().toBuffer();
  camera = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace;boundary=b' });
    const timer = setInterval(() => response.write(jpeg), 100);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(camera, 'listening');
  cameraAddress = `http://127.0.0.1:${(camera.address() as AddressInfo).port}/stream`;
});
afterAll(async () => {
  await nodeRed.stop();
  camera.closeAllConnections();
  camera.close();
  rmSync(folder, { recursive: true });
});

/** Deploys an example with some of its texts replaced, beside a page that tells statuses and errors. */
async function deploy(
  name: string,
  replace: Record<string, string> = {},
  credentials?: Record<string, string>,
): Promise<void> {
  let text = readFileSync(path.join(ROOT, 'examples', name), 'utf8');
  for (const [from, to] of Object.entries(replace)) {
    expect(text).toContain(from);
    text = text.replaceAll(from, to);
  }
  const flow = JSON.parse(text) as { id: string; type: string }[];
  const z = flow[0]!.id;
  if (credentials !== undefined) Object.assign(flow[0]!, { credentials });
  const keep = (kind: string) =>
    `const told = flow.get('told') || { statuses: [], errors: [] }; told.${kind}; flow.set('told', told);`;
  const node = (id: string, type: string, config: object) => ({ id, type, z, x: 1, y: 1, ...config });
  const watch = [
    node('w1', 'status', { scope: null, wires: [['w2']] }),
    node('w2', 'function', { func: keep('statuses.push(String(msg.status.text))'), wires: [[]] }),
    node('w3', 'catch', { scope: null, wires: [['w4']] }),
    node('w4', 'function', { func: keep('errors.push(msg.error.message)'), wires: [[]] }),
    node('w5', 'http in', { url: '/told', method: 'get', wires: [['w6']] }),
    node('w6', 'function', {
      func: `msg.payload = { statuses: [], errors: [], ...flow.get('told'), name: '${name}' }; return msg;`,
      wires: [['w7']],
    }),
    node('w7', 'http response', { headers: { 'content-type': 'application/json' }, wires: [] }),
  ];
  const response = await fetch(`${nodeRed.url}/flows`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
    body: JSON.stringify([...flow, ...watch]),
  });
  expect(response.status).toBe(204);
  await untilAsync(async () => (await told().catch(() => undefined))?.name === name);
}

async function told(): Promise<{ name: string; statuses: string[]; errors: string[] }> {
  return (await (await fetch(`${nodeRed.url}/told`)).json()) as Awaited<ReturnType<typeof told>>;
}

/** Waits for a status that matches. */
const status = (pattern: RegExp) =>
  untilAsync(async () => (await told()).statuses.some((text) => pattern.test(text)));

/** Waits until a view shows faces; these. */
async function facesAt(view: string): Promise<Record<string, unknown>[]> {
  let faces: Record<string, unknown>[] = [];
  await untilAsync(async () => {
    const answer = (await (await fetch(`${nodeRed.url}${view}/faces.json`)).json()) as {
      faces: typeof faces;
    };
    faces = answer.faces;
    return faces.length > 0;
  });
  return faces;
}
const click = (id: string) => fetch(`${nodeRed.url}/inject/${id}`, { method: 'POST' });

/**
 * Runs a real MQTT broker and a subscriber to all topics; `told` waits for a line that matches: `topic payload`, or one of
 * the broker's log.
 */
async function withBroker(port: number, work: (told: (line: RegExp) => Promise<void>) => Promise<void>) {
  if (!hasProgram('mosquitto') || !hasProgram('mosquitto_sub')) {
    const reason = 'no broker and subscriber (apt install mosquitto mosquitto-clients)';
    if (process.env['REQUIRE_ALL'] === '1') throw new Error(`REQUIRE_ALL=1, but: ${reason}`);
    console.warn(`skipped: ${reason}`);
    return;
  }
  const lines: string[] = [];
  const broker = spawn('mosquitto', ['-v', '-p', String(port)]);
  await new Promise<void>((resolve) => {
    createInterface(broker.stderr).on('line', (line) => {
      lines.push(line);
      if (line.includes('running')) resolve();
    });
  });
  const subscriber = spawn('mosquitto_sub', ['-p', String(port), '-t', '#', '-v']);
  createInterface(subscriber.stdout).on('line', (line) => lines.push(line));
  try {
    await work((pattern) => untilAsync(() => Promise.resolve(lines.some((line) => pattern.test(line)))));
  } finally {
    for (const program of [subscriber, broker]) {
      program.kill();
      if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
    }
  }
}

/** Runs a real RabbitMQ, with the documented definitions, and one of the examples of an archive connected to it. */
async function withArchive(role: 'feeder' | 'detector' | 'collector', replace: Record<string, string> = {}) {
  if (!hasRabbitMq()) {
    if (process.env['REQUIRE_ALL'] === '1') throw new Error(`REQUIRE_ALL=1, but: ${RABBITMQ_REASON}`);
    console.warn(`skipped: ${RABBITMQ_REASON}`);
    return;
  }
  const broker = await startRabbitMq();
  try {
    const places = { ':5672/': `:${broker.port}/`, ...replace };
    await deploy(`archive-${role}.json`, places, { RABBITMQ_PASSWORD: `change-me-${role}` });
    await status(/^connected$/);
    if (role === 'feeder') await status(/^1 given · 0 to go$/);
    expect((await told()).errors).toEqual([]);
  } finally {
    await broker.stop();
  }
}

/** Publishes with the user properties of a frame and its detection. */
function publish(port: number, topic: string, ...message: string[]): void {
  const size = { width: 512, height: 512 };
  const frame = { ...size, run: 'a', sequence: 0, timestamp: 1, source: 'test' };
  const properties = Object.entries({ frame, detection: { ...size, dropped: 0 } });
  spawnSync('mosquitto_pub', [
    ...['-p', String(port), '-V', 'mqttv5', '-q', '1', '-t', topic, ...message],
    ...properties.flatMap(([name, value]) => ['-D', 'publish', 'user-property', name, JSON.stringify(value)]),
  ]);
}

const CHECKS: Record<string, () => Promise<void>> = {
  'quick-start.json': async () => {
    await deploy('quick-start.json');
    expect((await facesAt('/faces')).length).toBeGreaterThanOrEqual(2);
  },
  'privacy-blur.json': async () => {
    await deploy('privacy-blur.json');
    await facesAt('/private');
    const picture = await fetch(`${nodeRed.url}/private/frame.jpg`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
  },
  'annotate-image.json': async () => {
    await deploy('annotate-image.json');
    await status(/[2-4] faces/);
    let drawn: Buffer | undefined;
    await untilAsync(async () => {
      const answer = await fetch(`${nodeRed.url}/annotated/frame.jpg`);
      drawn = answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
      return drawn !== undefined;
    });
    const { data } = await sharp(drawn).raw().toBuffer({ resolveWithObject: true });
    let yellow = 0;
    for (let i = 0; i < data.length; i += 3)
      if (data[i]! > 220 && data[i + 1]! > 160 && data[i + 2]! < 70) yellow++;
    expect(yellow).toBeGreaterThan(500);
  },
  // test/browser/dashboard.test.ts looks at its page, too.
  'dashboard.json': async () => {
    await deploy('dashboard.json');
    expect((await facesAt('/faces-live'))[0]).toMatchObject({ trackId: expect.any(Number) as number });
    expect((await fetch(`${nodeRed.url}/dashboard/faces`)).status).toBe(200);
  },
  'people-counter.json': async () => {
    await deploy('people-counter.json');
    expect((await facesAt('/counter'))[0]).toMatchObject({ trackId: expect.any(Number) as number });
    await status(/\d now · [1-9]\d* in all/);
  },
  'alert-when-a-face-appears.json': async () => {
    await deploy('alert-when-a-face-appears.json');
    await facesAt('/alert');
  },
  'aligned-crops-to-disk.json': async () => {
    const crops = path.join(folder, 'crops');
    await deploy('aligned-crops-to-disk.json', { '/tmp/faces/': `${crops}/` });
    await click('cropsinject00001');
    await untilAsync(() => Promise.resolve(existsSync(crops) && readdirSync(crops).length >= 2));
    const file = path.join(crops, readdirSync(crops)[0]!);
    expect(await sharp(file).metadata()).toMatchObject({ width: 112, height: 112 });
  },
  'folder-to-csv.json': async () => {
    const csv = path.join(folder, 'faces.csv');
    await deploy('folder-to-csv.json', { '/tmp/photos': path.dirname(ASTRONAUT), '/tmp/faces.csv': csv });
    await click('csvinject0000001');
    await untilAsync(() => Promise.resolve(existsSync(csv) && readFileSync(csv, 'utf8').includes('\n')));
    expect(readFileSync(csv, 'utf8')).toMatch(/^astronaut\.png,\d+,\d+,\d+,\d+,0\.9\d+/);
  },
  'mqtt-publish.json': async () => {
    const port = await freePort();
    await withBroker(port, async (told) => {
      await deploy('mqtt-publish.json', { '"port": 1883': `"port": ${port}` });
      await status(/faces? ·/);
      await told(/^faces\/\S+ \{"faces":\[\{"box":\[\d+/);
    });
  },
  // test/live has all three work together.
  'live-publisher.json': async () => {
    const port = await freePort();
    await withBroker(port, async (told) => {
      await deploy('live-publisher.json', { '"port": 1883': `"port": ${port}` });
      await told(/^counts\/frames\/door \{"id":"\w+","published":3\}/);
    });
  },
  'live-detector.json': async () => {
    const port = await freePort();
    await withBroker(port, async (told) => {
      await deploy('live-detector.json', { '"port": 1883': `"port": ${port}` });
      await told(/Sending SUBACK to nodered/);
      publish(port, 'frames/door', '-f', ASTRONAUT);
      await told(/^faces\/door \[\{"box":\[\d+/);
      publish(port, 'frames/door', '-m', 'no picture');
      await told(/^counts\/detectors \{"id":"\w+","detected":1,"dropped":0,"failed":1\}/);
    });
  },
  'live-collector.json': async () => {
    const port = await freePort();
    await withBroker(port, async (told) => {
      await deploy('live-collector.json', { '"port": 1883': `"port": ${port}` });
      await told(/Sending SUBACK to nodered/);
      publish(port, 'faces/door', '-m', '[]');
      await status(/0 present · 0 so far/);
      expect((await fetch(`${nodeRed.url}/dashboard/live`)).status).toBe(200);
    });
  },
  // test/archive has all three work together.
  'archive-feeder.json': () =>
    withArchive('feeder', { '/tmp/photos': path.dirname(ASTRONAUT), '/tmp/archive': folder }),
  'archive-detector.json': () => withArchive('detector'),
  'archive-collector.json': () => withArchive('collector', { '/tmp/archive': folder }),
  'watched-folder.json': async () => {
    await deploy('watched-folder.json', { '/tmp/faces': folder });
    const jpeg = await sharp(ASTRONAUT).jpeg().toBuffer();
    for (let i = 0; !(await told()).statuses.some((text) => text.includes('1 face')); i++) {
      writeFileSync(path.join(folder, `new${i}.jpg`), jpeg);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await status(/new\d+\.jpg: 1 faces/);
  },
  'esp32-cam.json': async () => {
    await deploy('esp32-cam.json', { 'http://192.168.1.30:81/stream': cameraAddress });
    expect(await facesAt('/esp32')).toHaveLength(1);
  },
  'two-rtsp-cameras.json': async () => {
    await deploy('two-rtsp-cameras.json', {
      'rtsp://192.168.1.20/stream': 'rtsp://127.0.0.1:1/a',
      'rtsp://192.168.1.21/stream': 'rtsp://127.0.0.1:1/b',
    });
    expect(await (await fetch(`${nodeRed.url}/wall`)).text()).toContain('wall/door/stream');
    await status(/retry in|no program/);
  },
  'phone-as-camera.json': async () => {
    await deploy('phone-as-camera.json');
    await status(/waiting for a browser/);
    const link = await fetch(`${nodeRed.url}/mtcnn/camera-link/phonecamera00001`);
    const { query } = (await link.json()) as { query: string };
    expect((await fetch(`${nodeRed.url}/camera${query}`)).status).toBe(200);
  },
  'photo-over-http.json': async () => {
    await deploy('photo-over-http.json');
    const flow = JSON.parse(readFileSync(path.join(ROOT, 'examples/photo-over-http.json'), 'utf8')) as {
      type: string;
      url?: string;
      upload?: boolean;
    }[];
    const { url = '' } = flow.find(({ type }) => type === 'http in') ?? {};
    const headers = { 'Content-Type': 'image/png' };
    const answer = await fetch(nodeRed.url + url, {
      ...{ method: 'POST', headers, body: readFileSync(ASTRONAUT) },
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('left_eye');
  },
  'video-file.json': async () => {
    await deploy('video-file.json');
    await status(/stopped|nothing at the path|no program|starting/);
  },
  'webcam-snapshot.json': async () => {
    await deploy('webcam-snapshot.json');
    await click('snapinject000001');
    await untilAsync(async () => (await told()).errors.length > 0 || (await told()).statuses.length > 0);
  },
};

it.each(Object.keys(CHECKS))('%s', async (name) => {
  await CHECKS[name]!();
});

it('all three of an archive have the same node RabbitMQ', () => {
  const nodes = ['feeder', 'detector', 'collector'].map((role) => {
    const text = readFileSync(path.join(ROOT, `examples/archive-${role}.json`), 'utf8');
    const flow = JSON.parse(text) as Record<string, unknown>[];
    const { func, initialize, finalize, libs } = flow.find(({ name }) => name === 'RabbitMQ') ?? {};
    return { func, initialize, finalize, libs };
  });
  expect(new Set(nodes.map((node) => JSON.stringify(node))).size).toBe(1);
});

it('no example is left out', () => {
  const all = readdirSync(path.join(ROOT, 'examples')).filter((name) => name.endsWith('.json'));
  expect(Object.keys(CHECKS).sort()).toEqual(all.sort());
});
