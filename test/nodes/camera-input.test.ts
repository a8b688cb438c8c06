import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { makeUserDir, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { descendantsOf, untilAsync } from '../support/processes';
import { describeWhere, hasProgram } from '../support/requires';
import { hasRtspServer, RTSP_REASON, startRtspServer } from '../support/rtsp-server';
import { putStandIns, type StandIns } from '../support/stand-ins';
import { testFlow } from '../support/test-flow';
import sharp from 'sharp';

let nodeRed: RunningNodeRed;
let programs: StandIns;

beforeAll(async () => {
  programs = putStandIns('rpicam-vid', 'rpicam-jpeg');
  nodeRed = await startNodeRed({
    flows: [],
    settings: { httpAdminRoot: '/admin', apiMaxLength: '50mb', functionExternalModules: false },
  });
});
afterAll(async () => {
  await nodeRed.stop();
  programs.remove();
});

const { deploy, send, out, outWhen } = testFlow(() => nodeRed);

const camera = (config: object = {}) => ({
  id: 'first',
  type: 'camera-input',
  name: 'door',
  source: 'scene',
  framesPerSecond: '20',
  width: '160',
  height: '120',
  start: 'deploy',
  wires: [['keep']],
  ...config,
});

describe('camera-input', () => {
  it('starts on deploy, and sends pictures with number, time, size and source', async () => {
    await deploy([camera()]);
    const { messages, statuses } = await outWhen(
      ({ messages, statuses }) => messages.length > 3 && statuses.some(({ text }) => text.includes('fps')),
    );
    expect(messages[0]).toMatchObject({
      topic: 'door',
      payload: { type: 'Buffer' },
      frame: {
        sequence: 0,
        timestamp: expect.any(Number) as number,
        width: 160,
        height: 120,
        source: 'test scene',
        run: expect.stringMatching(/^[\da-f]{8}$/) as string,
      },
    });
    expect(messages[0]).toMatchObject({ userProperties: { frame: JSON.stringify(messages[0]?.['frame']) } });
    expect(statuses.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^[\d.]+ fps · 160×120$/));
  });

  it('obeys start, stop and snapshot', async () => {
    await deploy([camera({ start: 'message' })]);
    await send({ json: 'snapshot', mine: 7 });
    const first = await outWhen(({ messages }) => messages.length > 0);
    expect(first.messages).toHaveLength(1);
    expect(first.messages[0]).toMatchObject({ mine: 7, frame: { sequence: 0 } });
    await send({ json: 'start' });
    await outWhen(
      ({ messages, statuses }) => messages.length > 5 && statuses.some(({ text }) => text.includes('fps')),
    );
    await send({ json: 'stop' });
    await outWhen(({ statuses }) => statuses.at(-1)?.text === 'stopped');
    const count = (await out()).messages.length;
    await send({ json: 1795479635726 });
    expect((await outWhen(({ messages }) => messages.length > count)).messages).toHaveLength(count + 1);
  });

  it('an unknown command is an error that lists the known ones', async () => {
    await deploy([camera({ start: 'message' })]);
    await send({ json: 'go' });
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain('start, stop, snapshot');
  });

  it.each([
    {
      config: { source: 'file', path: '/no/such/folder' },
      says: 'no such file or folder',
      status: 'nothing at the path',
    },
    { config: { source: 'file', path: '' }, says: 'no path', status: 'nothing at the path' },
    {
      config: { source: 'webcam', device: '/dev/video0; reboot' },
      says: 'a camera such as',
      status: 'device not valid',
    },
    {
      config: { source: 'video', path: __filename, ffmpeg: 'no-such-ffmpeg' },
      says: 'apt install ffmpeg',
      status: 'no program: see help',
    },
    { config: { framesPerSecond: '5000' }, says: 'framesPerSecond', status: 'check the settings' },
  ])('$says: an error for the catch node and a status', async ({ config, says, status }) => {
    await deploy([camera(config)]);
    const { errors } = await outWhen(
      ({ errors, statuses }) => errors.length > 0 && statuses.some(({ text }) => text === status),
    );
    expect(errors[0]?.message).toContain(says);
  });

  it('a folder that comes to its end says so', async () => {
    await deploy([camera({ source: 'file', path: path.resolve(__dirname, '../photos'), loop: false })]);
    const { messages } = await outWhen(({ statuses }) =>
      statuses.some(({ text }) => text === 'end of source'),
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ frame: { source: 'astronaut.png', width: 512, height: 512 } });
  });

  describeWhere(hasProgram('fswebcam'), 'fswebcam is not installed')('webcam', () => {
    it('a device that is not there is tried again', async () => {
      await deploy([
        camera({ source: 'snapshot', device: '/dev/video99', restartDelay: '0.1', skipFrames: '0' }),
      ]);
      const { errors } = await outWhen(
        ({ statuses }) => statuses.filter(({ text }) => text.startsWith('retry')).length >= 2,
      );
      expect(errors).toHaveLength(1);
      expect(errors[0]?.message).toContain('plugged in');
    });

    it('fswebcam’s test picture comes through', async () => {
      await deploy([camera({ source: 'snapshot', device: 'TEST:', start: 'message', skipFrames: '1' })]);
      await send({ json: 'snapshot' });
      const { messages } = await outWhen(({ messages }) => messages.length > 0);
      expect(messages[0]).toMatchObject({ frame: { width: 160, height: 120, source: 'webcam TEST:' } });
    });
  });
});

describe('states', () => {
  it('come as messages on the second output, when asked for', async () => {
    await deploy([camera({ outputs: 2, wires: [[], ['keep']], start: 'message' })]);
    await send({ json: 'start' });
    await outWhen(({ messages }) => messages.length >= 2);
    await send({ json: 'stop' });
    const { messages } = await outWhen(({ messages }) => messages.length >= 3);
    expect(messages.map(({ payload }) => payload)).toEqual(['starting', 'running', 'stopped']);
    expect(messages[1]).toMatchObject({
      topic: 'door',
      state: { state: 'running', timestamp: expect.any(Number) as number },
    });
  });

  it('tell of a failure with its code and the time of the next attempt', async () => {
    const address = 'http://127.0.0.1:1/camera';
    await deploy([camera({ source: 'http', address, outputs: 2, wires: [[], ['keep']] })]);
    const { messages, errors } = await outWhen(({ messages }) => messages.length >= 2);
    expect(messages[1]).toMatchObject({
      payload: 'reconnecting',
      state: { retryInMs: expect.any(Number) as number, error: { code: 'camera-unreachable' } },
    });
    expect(errors).toHaveLength(1);
  });
});

describe('{source: …} in the payload', () => {
  it('switches to another source and back', async () => {
    await deploy([camera()]);
    await outWhen(({ messages }) => messages.length > 0);
    const photos = path.resolve(__dirname, '../photos/astronaut.png');
    await send({ json: { source: photos } });
    await outWhen(({ messages }) => sourceOf(messages.at(-1)) === 'astronaut.png');
    await send({ json: { source: '' } });
    await outWhen(({ messages }) => sourceOf(messages.at(-1)) === 'test scene');
  });

  it.each([
    { source: 'gopher://x', says: 'msg.payload.source to be rtsp' },
    { source: 7, says: 'payload.source to be a text' },
  ])('$source is an error', async ({ source, says }) => {
    await deploy([camera({ start: 'message' })]);
    await send({ json: { source } });
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain(says);
  });

  const sourceOf = (message: Record<string, unknown> | undefined) =>
    (message?.['frame'] as { source?: string } | undefined)?.source;
});

describe('a device', () => {
  const pi = (config: object) => camera({ source: 'rpicam', device: '0', ...config });

  it('that another node holds is an error that names that node', async () => {
    await deploy([
      pi({ id: 'first', name: 'hall' }),
      pi({ id: 'other', name: 'garden', start: 'message', wires: [[]] }),
      {
        id: 'poke',
        type: 'inject',
        once: true,
        onceDelay: '0.5',
        payload: 'start',
        payloadType: 'str',
        wires: [['other']],
      },
    ]);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({
      source: 'other',
      message: expect.stringContaining('“hall”') as string,
    });
  });

  it('is free again once its node has stopped', async () => {
    await deploy([pi({ id: 'first', name: 'hall' }), pi({ id: 'other', name: 'garden', start: 'message' })]);
    await outWhen(({ messages }) => messages.length > 0);
    await send({ json: 'stop' });
    await outWhen(({ statuses }) => statuses.at(-1)?.text === 'stopped');
    await send({ json: 'start' });
    const count = (await out()).messages.length;
    await outWhen(({ messages }) => messages.length > count);
  });

  it('gives one picture to all who ask for one at the same time', async () => {
    const before = programs.starts().filter(([name]) => name === 'rpicam-jpeg').length;
    await deploy([pi({ start: 'message' })]);
    await send({ json: 'snapshot', burst: 3 });
    await outWhen(({ messages }) => messages.length === 3);
    expect(programs.starts().filter(([name]) => name === 'rpicam-jpeg')).toHaveLength(before + 1);
  });
});

it('100 deploys of a running camera leave no program behind', async () => {
  for (let turn = 0; turn < 100; turn++) {
    await deploy([camera({ source: 'rpicam', device: '0' })]);
    if (turn % 10 === 0) await outWhen(({ messages }) => messages.length > 0);
  }
  await deploy([]);
  await untilAsync(() => Promise.resolve(descendantsOf(nodeRed.process.pid ?? NaN).length === 0));
  expect(nodeRed.log()).not.toContain('Error stopping node');
}, 120_000);

describeWhere(hasProgram('ffmpeg') && hasRtspServer(), RTSP_REASON)('credentials', () => {
  it('of the dialog let in, and stand in no message, status, log, flow file or process list', async () => {
    const server = await startRtspServer({ user: 'jo', password: 'pass-word' });
    const userDir = makeUserDir();
    const flows = [
      { id: 'tab', type: 'tab', label: 'Test' },
      {
        ...camera({
          z: 'tab',
          x: 1,
          y: 1,
          source: 'rtsp',
          address: `rtsp://127.0.0.1:${server.port}/camera`,
        }),
        wires: [['log']],
        credentials: { username: 'jo', password: 'pass-word' },
      },
      {
        id: 'log',
        type: 'debug',
        z: 'tab',
        x: 1,
        y: 1,
        complete: 'true',
        console: true,
        active: true,
        tosidebar: false,
        wires: [],
      },
      { id: 'status', type: 'status', z: 'tab', x: 1, y: 1, scope: null, wires: [['log']] },
      { id: 'catch', type: 'catch', z: 'tab', x: 1, y: 1, scope: null, wires: [['log']] },
    ];
    const own = await startNodeRed({ userDir, flows: [] });
    const response = await fetch(`${own.url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(flows),
    });
    expect(response.ok).toBe(true);
    await untilAsync(() => Promise.resolve(own.log().includes("source: 'rtsp://")));
    const lines = descendantsOf(own.process.pid ?? NaN).map((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    );
    expect(lines.filter((line) => line.includes('ffmpeg'))).toHaveLength(1);
    const exported = await (await fetch(`${own.url}/flows`)).text();
    await server.kill();
    await untilAsync(() => Promise.resolve(own.log().includes('retry in')));
    const kept = readFileSync(path.join(userDir, 'flows.json'), 'utf8');
    for (const text of [...lines, exported, kept, own.log()]) expect(text).not.toContain('pass-word');
    await own.stop();
  });
});

describe('an HTTP camera and a watched folder', () => {
  it('send their pictures', async () => {
    const server = createServer((_request, response) => {
      void picture(64).then((jpeg) => response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(jpeg));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.jpg`;
    await deploy([camera({ source: 'http', address })]);
    const { messages } = await outWhen(({ messages }) => messages.length > 2);
    expect(messages[2]).toMatchObject({ frame: { width: 64, source: address, dropped: 0, unchanged: 0 } });
    server.closeAllConnections();
    server.close();
  });

  it('a new file is a picture', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'watched-'));
    await deploy([camera({ source: 'watch', path: folder })]);
    await outWhen(({ statuses }) => statuses.some(({ text }) => text === 'waiting for a file'));
    for (let i = 0; (await out()).messages.length === 0; i++) {
      writeFileSync(path.join(folder, `${i}.jpg`), await picture(32));
      await Promise.race([
        outWhen(({ messages }) => messages.length > 0),
        new Promise((resolve) => setTimeout(resolve, 300)),
      ]);
    }
    expect((await out()).messages[0]).toMatchObject({ frame: { width: 32 } });
    rmSync(folder, { recursive: true });
  });
});

it('a motion gate holds back pictures that do not change', async () => {
  const photo = path.resolve(__dirname, '../photos/astronaut.png');
  await deploy([
    camera({ source: 'file', path: photo, loop: true, framesPerSecond: '50', motionPercent: '1' }),
  ]);
  const first = await outWhen(({ messages }) => messages.length > 0);
  expect(first.messages).toHaveLength(1);
});

describe('the routes of the dialog', () => {
  it('list the webcams of this machine', async () => {
    const answer = (await (await fetch(`${nodeRed.url}/admin/mtcnn/webcams`)).json()) as {
      webcams: unknown[];
    };
    expect(Array.isArray(answer.webcams)).toBe(true);
  });

  it('are closed to those who may not see flows', async () => {
    const guarded = await startNodeRed({
      settings: {
        adminAuth: { type: 'credentials', users: [{ username: 'a', password: 'x', permissions: '*' }] },
      },
    });
    for (const route of ['webcams', 'camera-link/first']) {
      expect((await fetch(`${guarded.url}/mtcnn/${route}`)).status).toBe(401);
    }
    await guarded.stop();
  });
});

describe('the browser camera', () => {
  const browser = (config: object = {}) =>
    camera({ source: 'browser', browserPath: '/phone', maxClients: '2', ...config });

  async function link(): Promise<string> {
    const answer = await fetch(`${nodeRed.url}/admin/mtcnn/camera-link/first`);
    return ((await answer.json()) as { query: string }).query;
  }
  const socketTo = (query: string, headers: Record<string, string> = {}) =>
    new WebSocket(`${nodeRed.url.replace('http', 'ws')}/phone/socket${query}`, { headers });
  const answerOf = (socket: WebSocket) =>
    new Promise<number | undefined>((resolve) => {
      socket.on('open', () => resolve(101));
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        socket.terminate();
      });
      socket.on('error', () => undefined);
    });
  /** Messages of the page's other side, in their order. */
  function listen(socket: WebSocket) {
    const told: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as Record<string, unknown>));
    return told;
  }
  const toldOf = (told: Record<string, unknown>[], type: string) =>
    untilAsync(() => Promise.resolve(told.some((message) => message['type'] === type)));

  it('serves its page to those with the whole link alone', async () => {
    await deploy([browser()]);
    const page = await fetch(`${nodeRed.url}/phone${await link()}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('getUserMedia');
    for (const query of ['', '?token=', '?token=wrong-token-of-22-char']) {
      expect((await fetch(`${nodeRed.url}/phone${query}`)).status, query).toBe(403);
    }
  });

  it('opens no connection without the token, or from the page of another site', async () => {
    await deploy([browser()]);
    const query = await link();
    expect(await answerOf(socketTo('?token=x'))).toBe(403);
    expect(await answerOf(socketTo(query, { Origin: 'https://evil.example' }))).toBe(403);
    const good = socketTo(query, { Origin: nodeRed.url });
    expect(await answerOf(good)).toBe(101);
    good.terminate();
  });

  it.each([
    { target: '//', reason: 'no address' },
    { target: '//:0/phone/socket', reason: 'no address, with our path' },
    { target: '/phone/socket?token=x', reason: 'refused, and the client is gone before it hears so' },
  ])('goes on after a connection to $target: $reason', async ({ target }) => {
    await deploy([browser()]);
    const { port } = new URL(nodeRed.url);
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        () => socket.resetAndDestroy(),
      );
      await once(socket, 'close');
    }
    expect((await fetch(`${nodeRed.url}/phone${await link()}`)).status).toBe(200);
    expect(nodeRed.process.exitCode).toBeNull();
  });

  it('is shown in no frame of another site', async () => {
    await deploy([browser()]);
    const page = await fetch(`${nodeRed.url}/phone${await link()}`);
    expect(page.headers.get('content-security-policy')).toBe("frame-ancestors 'self'");
  });

  it('takes pictures, asks for the next, counts those skipped, and sends faces back', async () => {
    await deploy([
      browser({ wires: [['keep', 'faces']] }),
      { id: 'faces', type: 'function', func: FACES, wires: [['first']] },
    ]);
    const socket = socketTo(`${await link()}&client=abc123`);
    const told = listen(socket);
    await toldOf(told, 'state');
    socket.send(await picture(32));
    await toldOf(told, 'next');
    socket.send('{"skipped":3}');
    socket.send(await picture(32));
    const { messages } = await outWhen(({ messages }) => messages.length >= 2);
    expect(messages.map(({ frame }) => frame)).toMatchObject([
      { sequence: 0, dropped: 0, width: 32, source: 'browser abc123' },
      { sequence: 4, dropped: 3, width: 32, source: 'browser abc123' },
    ]);
    await toldOf(told, 'faces');
    expect(told.find(({ type }) => type === 'faces')).toMatchObject({
      faces: [{ box: [1, 2, 3, 4] }],
      width: 32,
      height: 32,
    });
    socket.terminate();
  });

  it('refuses what is no JPEG, reports it, and closes the connection', async () => {
    await deploy([browser()]);
    const socket = socketTo(await link());
    const told = listen(socket);
    await toldOf(told, 'state');
    socket.send(Buffer.from('no picture'));
    await once(socket, 'close');
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain('one JPEG picture');
  });

  it('closes a connection that sends too much', async () => {
    await deploy([browser()]);
    const socket = socketTo(await link());
    await toldOf(listen(socket), 'state');
    socket.send(Buffer.alloc(9 * 1024 * 1024));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  it('lets in so many browsers and no more; one that comes back takes its own place', async () => {
    await deploy([browser()]);
    const query = await link();
    const [one, two] = ['one', 'two'].map((name) => socketTo(`${query}&client=${name}`));
    await Promise.all([toldOf(listen(one!), 'state'), toldOf(listen(two!), 'state')]);
    const third = socketTo(`${query}&client=three`);
    await toldOf(listen(third), 'full');
    const again = socketTo(`${query}&client=one`);
    await Promise.all([toldOf(listen(again), 'state'), once(one!, 'close')]);
    for (const socket of [two!, again]) socket.terminate();
  });

  it('tells the page when the camera is stopped', async () => {
    await deploy([browser()]);
    const socket = socketTo(await link());
    const told = listen(socket);
    await toldOf(told, 'state');
    await send({ json: 'stop' });
    await untilAsync(() => Promise.resolve(told.at(-1)?.['state'] === 'stopped'));
    socket.terminate();
  });

  it('closes its connections with its node, and its path is free', async () => {
    await deploy([browser()]);
    const socket = socketTo(await link());
    await answerOf(socket);
    await deploy([]);
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    expect((await fetch(`${nodeRed.url}/phone`)).status).toBe(404);
  });

  it('has the same link after a restart', async () => {
    await deploy([browser()]);
    const before = await link();
    expect(before).toMatch(/^\?token=[\w-]{22}$/);
    await deploy([browser()]);
    expect(await link()).toBe(before);
    const userDir = makeUserDir();
    const links: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const own = await startNodeRed({ userDir, flows: [] });
      links.push(await (await fetch(`${own.url}/mtcnn/camera-link/first`)).text());
      const kept = path.join(userDir, '.config.runtime.json');
      await untilAsync(() => Promise.resolve(readFileSync(kept, 'utf8').includes('mtcnnCameraSecret')));
      await own.stop({ keep: turn === 0 });
    }
    expect(links[1]).toBe(links[0]);
  });

  it('behind Node-RED’s own password needs no token in its link', async () => {
    const guarded = await startNodeRed({
      settings: {
        httpNodeAuth: { user: 'u', pass: '$2b$08$mPyNBTkA4zxqXhWVcXvNEOr0BWPN8Pu3/THj61xGUTyTdyThaSfuu' },
      },
      flows: [
        { id: 'tab', type: 'tab', label: 'Test' },
        { ...browser(), z: 'tab', x: 1, y: 1, wires: [[]] },
      ],
    });
    expect(
      ((await (await fetch(`${guarded.url}/mtcnn/camera-link/first`)).json()) as { query: string }).query,
    ).toBe('');
    expect((await fetch(`${guarded.url}/phone`)).status).toBe(401);
    await guarded.stop();
  });
});

const picture = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#a50' } })
    .jpeg()
    .toBuffer();

/** Answers each picture with one face. */
const FACES = 'return { payload: [{ box: [1, 2, 3, 4], confidence: 1 }], frame: msg.frame };';
