import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';

// Every route that the package adds to Node-RED, asked by those who may and those who may not.

vi.setConfig({ testTimeout: 20_000 });

/** bcrypt of `right`. */
const RIGHT = '$2b$08$71/RQQz7YjRLNA/yS10f9OSpvWZPb7nFl3xghkX6cI2C7gmTDrRlO';
const BASIC = { Authorization: `Basic ${Buffer.from('viewer:right').toString('base64')}` };

const ADMIN = [
  { method: 'GET', route: '/mtcnn/webcams' },
  { method: 'GET', route: '/mtcnn/camera-link/:id' },
  { method: 'GET', route: '/mtcnn/picture/:id' },
  { method: 'POST', route: '/mtcnn/try/:id' },
];
const VIEWS = ['/view', '/view/stream', '/view/frame.jpg', '/view/faces.json', '/phone'];

const wire = (id: string, type: string, config: object) => ({ id, type, z: 'tab', x: 1, y: 1, ...config });
const flows = [
  { id: 'tab', type: 'tab', label: 'Test' },
  wire('camera', 'camera-input', { source: 'browser', browserPath: '/phone', start: 'deploy', wires: [[]] }),
  wire('detect', 'mtcnn-detect', { wires: [[]] }),
  wire('view', 'face-view', { path: '/view', inEditor: false, wires: [] }),
];

it('no route of the sources is missing in these tests', () => {
  const sources = readdirSync(path.join(ROOT, 'nodes'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(ROOT, 'nodes', name), 'utf8'));
  const found = (server: string) =>
    sources.flatMap((text) => [
      ...text.matchAll(new RegExp(`${server}\\.(\\w+)\\(\\s*([^,]+),\\s*(\\w+)`, 'g')),
    ]);
  const admin = found('httpAdmin').map(([, method = '', route = '', guard]) => ({
    method: method.toUpperCase(),
    route: route.replaceAll("'", ''),
    guard,
  }));
  expect(admin).toHaveLength(ADMIN.length);
  expect(admin).toEqual(
    expect.arrayContaining(
      ADMIN.map((route) => expect.objectContaining({ ...route, guard: 'allowed' }) as object),
    ),
  );
  // All pages go through one place, which asks the user's own check first.
  expect(found('httpNode').map(([, , , guard]) => guard)).toEqual(['middlewareOf']);
});

describe('with adminAuth and httpNodeAuth', () => {
  let nodeRed: RunningNodeRed;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    const user = (username: string, permissions: string) => ({ username, password: RIGHT, permissions });
    nodeRed = await startNodeRed({
      flows,
      settings: {
        adminAuth: {
          type: 'credentials',
          users: [user('editor', '*'), user('reader', 'read'), user('stranger', 'nodes.read')],
        },
        httpNodeAuth: { user: 'viewer', pass: RIGHT },
        httpStaticAuth: { user: 'viewer', pass: RIGHT },
      },
    });
    for (const username of ['editor', 'reader', 'stranger']) {
      const answer = await fetch(`${nodeRed.url}/auth/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...{ client_id: 'node-red-editor', grant_type: 'password', scope: '' },
          ...{ username, password: 'right' },
        }),
      });
      tokens[username] = ((await answer.json()) as { access_token: string }).access_token;
    }
  });
  afterAll(() => nodeRed.stop());

  const ask = (method: string, route: string, headers: Record<string, string> = {}) =>
    fetch(nodeRed.url + route.replace(':id', 'detect'), { method, headers });
  const as = (username: string) => ({ Authorization: `Bearer ${tokens[username]}` });

  describe.each(ADMIN)('$method $route', ({ method, route }) => {
    it.each([
      { headers: () => ({}), reason: 'nobody' },
      { headers: () => ({ Authorization: 'Bearer wrong' }), reason: 'a wrong token' },
      { headers: () => BASIC, reason: 'a viewer of pages' },
      { headers: () => as('stranger'), reason: 'a user who may not see flows' },
    ])('is closed to $reason', async ({ headers }) => {
      expect((await ask(method, route, headers())).status).toBe(401);
    });

    it.each(['editor', 'reader'])('is open to an %s: it changes nothing', async (username) => {
      // 400: the picture to try is missing.
      expect((await ask(method, route, as(username))).status).toBe(method === 'POST' ? 400 : 200);
    });
  });

  describe.each(VIEWS)('GET %s', (route) => {
    it.each([
      { headers: () => ({}), reason: 'nobody' },
      {
        headers: () => ({ Authorization: `Basic ${Buffer.from('viewer:wrong').toString('base64')}` }),
        reason: 'a wrong password',
      },
      { headers: () => as('editor'), reason: 'a token of the editor' },
    ])('is closed to $reason', async ({ headers }) => {
      expect((await ask('GET', route, headers())).status).toBe(401);
    });

    it('is open to a viewer', async () => {
      const answer = await ask('GET', route, BASIC);
      // 503: there is no picture yet.
      expect(answer.status).toBe(route.endsWith('frame.jpg') ? 503 : 200);
      await answer.body?.cancel();
    });
  });

  describe('the browser camera’s connection', () => {
    const token = async () => {
      const page = await (await ask('GET', '/phone', BASIC)).text();
      return /"token":"([\w-]{22})"/.exec(page)?.[1] ?? '';
    };
    async function open(query: string, headers: Record<string, string>): Promise<number | undefined> {
      const socket = new WebSocket(`${nodeRed.url.replace('http', 'ws')}/phone/socket${query}`, { headers });
      socket.on('error', () => undefined);
      const status = await Promise.race([
        once(socket, 'open').then(() => 101),
        once(socket, 'unexpected-response').then(
          ([, response]) => (response as { statusCode: number }).statusCode,
        ),
      ]);
      socket.terminate();
      return status;
    }

    it.each([
      { query: '', headers: {}, reason: 'without anything' },
      { query: '', headers: BASIC, reason: 'with the password that a browser sends to every page' },
      { query: '?token=', headers: BASIC, reason: 'with an empty token' },
      { query: '?token=aaaaaaaaaaaaaaaaaaaaaa', headers: BASIC, reason: 'with a token of the right length' },
      { query: '?token=a&token=b', headers: BASIC, reason: 'with two tokens' },
    ])('is refused $reason', async ({ query, headers }) => {
      expect(await open(query, headers)).toBe(403);
    });

    it.each([
      { origin: () => 'https://evil.example', reason: 'another site' },
      { origin: () => 'null', reason: 'a file, or a frame that is shut off' },
      { origin: () => `${nodeRed.url}.evil.example`, reason: 'a site whose name begins the same' },
      { origin: () => 'http://127.0.0.1:1', reason: 'another port' },
      { origin: () => 'no address', reason: 'what is no address' },
    ])('is refused to a page of $reason, with the right token and password', async ({ origin }) => {
      expect(await open(`?token=${await token()}`, { ...BASIC, Origin: origin() })).toBe(403);
    });

    it('is open to its own page, and to a program that has the token', async () => {
      expect(await open(`?token=${await token()}`, { ...BASIC, Origin: nodeRed.url })).toBe(101);
      expect(await open(`?token=${await token()}`, {})).toBe(101);
    });
  });
});

describe('without adminAuth', () => {
  let nodeRed: RunningNodeRed;
  beforeAll(async () => {
    const settings = { httpAdminRoot: '/admin' };
    nodeRed = await startNodeRed({ flows, settings, preload: OWN_CHECK });
  });
  afterAll(() => nodeRed.stop());

  const tryPicture = (type: string, body: string) =>
    fetch(`${nodeRed.url}/admin/mtcnn/try/detect`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });

  it.each([
    { type: 'text/plain', reason: 'sends without asking' },
    { type: 'application/x-www-form-urlencoded', reason: 'sends from a form' },
    { type: 'multipart/form-data; boundary=x', reason: 'sends from a form with files' },
  ])('nothing is tried for what a page of another site $reason ($type)', async ({ type }) => {
    const image = 'data:image/png;base64,AAAA';
    const answer = await tryPicture(type, JSON.stringify({ image }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ problem: 'a picture as a data URL is expected' });
  });

  it.each([
    { image: '/etc/passwd', reason: 'a path' },
    { image: ['data:image/png;base64,AAAA', '/etc/passwd'], reason: 'several' },
    { image: 'DATA:text/plain,x', reason: 'other data' },
    { image: 7, reason: 'a number' },
  ])('nothing but a picture in the request is tried: $reason', async ({ image }) => {
    expect((await tryPicture('application/json', JSON.stringify({ image }))).status).toBe(400);
  });

  it('a body beyond Node-RED’s limit is not taken', async () => {
    const image = `data:image/png;base64,${'A'.repeat(6 * 1024 * 1024)}`;
    expect((await tryPicture('application/json', JSON.stringify({ image }))).status).toBe(413);
  });

  // Node-RED's own answers below its httpAdminRoot are for every site (`httpAdminCors`); ours are for none.
  it.each(VIEWS)('%s is given to no script of another site', async (route) => {
    const headers = { Origin: 'https://evil.example', 'x-key': 'right' };
    const answer = await fetch(nodeRed.url + route, { headers });
    await answer.body?.cancel();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['__proto__', 'constructor', '..%2f..%2fsettings.js', '%00', 'a'.repeat(5000)])(
    'an id that is none (%s) finds nothing',
    async (id) => {
      const get = async (route: string) => fetch(`${nodeRed.url}/admin/mtcnn/${route}/${id}`);
      expect(await (await get('picture')).text()).toBe('{}');
      expect((await tryPicture('application/json', '{}')).status).toBe(400);
      expect(nodeRed.process.exitCode).toBeNull();
    },
  );

  it.each(VIEWS)('%s asks the user’s own check (httpNodeMiddleware) first', async (route) => {
    expect((await fetch(nodeRed.url + route)).status).toBe(401);
    const answer = await fetch(nodeRed.url + route, { headers: { 'x-key': 'right' } });
    await answer.body?.cancel();
    // The camera's page needs its token besides.
    expect(answer.status).toBe(route === '/phone' ? 403 : route.endsWith('frame.jpg') ? 503 : 200);
  });
});

/** A check of the user's own cannot be written as JSON: it is laid into the settings as they are loaded. */
const OWN_CHECK = `
  const Module = require('node:module');
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (String(request).endsWith('settings.js') && loaded.uiPort)
      loaded.httpNodeMiddleware = (request, response, next) =>
        request.headers['x-key'] === 'right' ? next() : response.sendStatus(401);
    return loaded;
  };`;
