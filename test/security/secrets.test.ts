import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningNodeRed, startNodeRed } from '../support/node-red';
import { untilAsync } from '../support/processes';
import { describeWhere, hasProgram } from '../support/requires';
import { testFlow } from '../support/test-flow';

// Names and passwords of cameras that fail in every way, and a Node-RED that logs all it can.

vi.setConfig({ testTimeout: 30_000 });

const USER = 'the-user';
const PASSWORD = 'the pass/word?';
/** The password in each form in which it may come out. */
const FORMS = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  Buffer.from(`${USER}:${PASSWORD}`).toString('base64'),
  'the%20pass',
];

let nodeRed: RunningNodeRed;
let server: Server;
let place: string;
const answers: Record<string, RequestListener> = {
  '/basic': (_request, response) =>
    void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end(),
  '/digest': (_request, response) =>
    void response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="x", nonce="y", qop="auth"' }).end(),
  '/forbidden': (_request, response) => void response.writeHead(403).end(),
  '/page': (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('x'),
  '/loop': (_request, response) => void response.writeHead(302, { Location: '/loop' }).end(),
  '/broken': (request) => void request.socket.end('no HTTP\r\n\r\n'),
  '/nothing': (request) => void request.socket.destroy(),
};

beforeAll(async () => {
  server = createServer((request, response) =>
    answers[(request.url ?? '').replace(/\?.*/, '')]?.(request, response),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  nodeRed = await startNodeRed({
    flows: [],
    settings: {
      ...{ httpAdminRoot: '/admin', functionExternalModules: false },
      logging: { console: { level: 'trace', metrics: false, audit: true } },
    },
  });
});
afterAll(async () => {
  await nodeRed.stop();
  server.closeAllConnections();
  server.close();
});

const { deploy, send, outWhen } = testFlow(() => nodeRed);

const camera = (config: object) => ({
  id: 'first',
  type: 'camera-input',
  name: 'door',
  restartDelay: '0.1',
  maxRestartDelay: '0.2',
  outputs: 2,
  wires: [['keep'], ['keep']],
  start: 'deploy',
  ...config,
});
/** All of an error and a status, to the flow's catch and status nodes. */
const telltales = ['catch', 'status'].flatMap((type) => [
  { id: `all-${type}`, type, scope: null, wires: [['all']] },
]);
const all = [
  ...telltales,
  { id: 'all', type: 'debug', complete: 'true', console: true, active: true, tosidebar: false, wires: [] },
];

async function expectNoSecret(): Promise<void> {
  const out = await outWhen(
    ({ errors, messages, statuses }) =>
      errors.length > 0 &&
      messages.length > 1 &&
      statuses.some(({ text }) => /retry|failed|wrong/.test(text)),
  );
  const exported = await (await fetch(`${nodeRed.url}/admin/flows`)).text();
  const kept = readFileSync(path.join(nodeRed.userDir, 'flows.json'), 'utf8');
  for (const secret of FORMS) {
    for (const text of [JSON.stringify(out), nodeRed.log()]) expect(text).not.toContain(secret);
  }
  // What a message brings, the flow knows: the dialog's credentials are in no flow and no export.
  for (const text of [exported, kept]) {
    for (const secret of [...FORMS, USER]) expect(text).not.toContain(secret);
  }
}

describe.each([...Object.keys(answers), 'unreachable'])('an HTTP camera that answers %s', (answer) => {
  const address = () =>
    answer === 'unreachable' ? 'http://127.0.0.1:1/x' : `http://${place}${answer}?key=%2Fkey`;

  it('tells no name and password of the dialog', async () => {
    const credentials = { username: USER, password: PASSWORD };
    await deploy([camera({ source: 'http', address: address(), credentials }), ...all]);
    await expectNoSecret();
  });

  it('tells no name and password of a message', async () => {
    await deploy([camera({ start: 'message' }), ...all]);
    const withLogin = address().replace('//', `//${USER}:${encodeURIComponent(PASSWORD)}@`);
    await send({ json: { source: withLogin } });
    await expectNoSecret();
  });
});

describeWhere(hasProgram('ffmpeg'), 'ffmpeg is not installed (apt install ffmpeg)')('an RTSP camera', () => {
  it.each([
    { credentials: { username: USER, password: PASSWORD }, reason: 'of the dialog' },
    { login: true, reason: 'of a message' },
  ])('that is not reached tells no name and password $reason', async ({ credentials, login }) => {
    const address = 'rtsp://127.0.0.1:1/x';
    await deploy([
      camera({ source: 'rtsp', address, credentials, start: login ? 'message' : 'deploy' }),
      ...all,
    ]);
    if (login) {
      const source = address.replace('//', `//${USER}:${encodeURIComponent(PASSWORD)}@`);
      await send({ json: { source } });
    }
    await expectNoSecret();
  });
});

it('the editor is given the name, never the password', async () => {
  await deploy([
    camera({
      source: 'http',
      address: `http://${place}/page`,
      credentials: { username: USER, password: PASSWORD },
    }),
  ]);
  const answer = await fetch(`${nodeRed.url}/admin/credentials/camera-input/first`);
  expect(await answer.json()).toEqual({ username: USER, has_password: true });
});

it('what is kept on the disk is encrypted, where Node-RED has a key', async () => {
  const own = await startNodeRed({
    flows: [],
    settings: { credentialSecret: 'a key', httpAdminRoot: '/admin' },
  });
  const flow = testFlow(() => own);
  await flow.deploy([
    camera({
      source: 'http',
      address: `http://${place}/page`,
      credentials: { username: USER, password: PASSWORD },
    }),
  ]);
  const file = path.join(own.userDir, 'flows_cred.json');
  await untilAsync(() => Promise.resolve(readFileSync(file, 'utf8').includes('"$"')));
  for (const secret of [...FORMS, USER]) expect(readFileSync(file, 'utf8')).not.toContain(secret);
  await own.stop();
});
