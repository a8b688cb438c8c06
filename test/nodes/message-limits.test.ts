import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningNodeRed, startNodeRed } from '../support/node-red';
import { testFlow } from '../support/test-flow';

const PHOTO = path.resolve(__dirname, '../photos/astronaut.png');
const folder = mkdtempSync(path.join(os.tmpdir(), 'limits-'));
const inside = path.join(folder, 'allowed', 'a.png');
const outside = path.join(folder, 'secret.png');
const link = path.join(folder, 'allowed', 'link.png');
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'image/png' }).end(readFileSync(PHOTO));
});

let nodeRed: RunningNodeRed;
let address: string;

beforeAll(async () => {
  mkdirSync(path.dirname(inside));
  for (const file of [inside, outside]) copyFileSync(PHOTO, file);
  symlinkSync(outside, link);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png`;
  nodeRed = await startNodeRed({
    flows: [],
    settings: {
      ...{ httpAdminRoot: '/admin', apiMaxLength: '50mb', functionExternalModules: false },
      mtcnn: { allowedFolder: path.dirname(inside), blockedAddresses: ['127.0.0.1'] },
    },
  });
});
afterAll(async () => {
  await nodeRed.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const { deploy, send, outWhen } = testFlow(() => nodeRed);

const face = {
  box: [200, 60, 100, 130],
  confidence: 1,
  keypoints: {
    left_eye: [220, 100],
    right_eye: [270, 100],
    nose: [245, 130],
    mouth_left: [225, 160],
    mouth_right: [265, 160],
  },
};
const SIZE = { width: 512, height: 512 };
const node = (type: string, config: object = {}) => ({ id: 'first', type, wires: [['keep']], ...config });
const camera = (config: object = {}) =>
  node('camera-input', { source: 'scene', framesPerSecond: '10', start: 'message', ...config });

describe('a path in a message', () => {
  it('to a picture in the allowed folder is read, and stands in msg.image as it came', async () => {
    await deploy([node('mtcnn-detect', { minFaceSize: '40' })]);
    await send({ json: inside });
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    expect(messages[0]).toMatchObject({ payload: [{ box: expect.any(Array) as number[] }], image: inside });
  });

  it.each([
    { json: outside, reason: 'another folder' },
    { json: link, reason: 'a link that leads out' },
    { json: [outside, inside], reason: 'the first of several' },
  ])('is refused by mtcnn-detect, and shown in no dialog: $reason', async ({ json }) => {
    await deploy([node('mtcnn-detect', { minFaceSize: '40' })]);
    await send({ json });
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'path-not-allowed' });
    expect(errors[0]?.message).not.toContain('secret');
    expect(await (await fetch(`${nodeRed.url}/admin/mtcnn/picture/first`)).json()).toEqual({});
  });

  it('is refused by mtcnn-detect as the last of several, which send no faces', async () => {
    await deploy([node('mtcnn-detect', { minFaceSize: '40' })]);
    await send({ json: [inside, outside] });
    const { errors, messages } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'path-not-allowed' });
    expect(messages).toEqual([]);
  });

  it.each([
    { type: 'face-filter', config: { minSharpness: '1' } },
    { type: 'face-crop', config: {} },
    { type: 'face-annotate', config: { boxes: true } },
  ])('is refused by $type', async ({ type, config }) => {
    await deploy([node(type, config)]);
    await send({ json: [face], image: outside, detection: SIZE });
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'path-not-allowed' });
  });

  it.each([
    { message: { json: outside }, reason: 'as the picture' },
    { message: { json: [face], image: outside }, reason: 'as the picture of the faces' },
  ])('is shown by no face-view: $reason', async ({ message }) => {
    await deploy([node('face-view', { path: '/show', inEditor: true, wires: [] })]);
    await send(message);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'path-not-allowed' });
    expect((await fetch(`${nodeRed.url}/show/frame.jpg`)).status).toBe(500);
  });

  it('as the source of a camera is read in the allowed folder', async () => {
    await deploy([camera()]);
    await send({ json: { source: inside } });
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    expect(messages[0]).toMatchObject({ frame: { source: 'a.png' } });
  });

  it.each([
    { source: outside, reason: 'a picture' },
    { source: '/etc/*', reason: 'a pattern' },
    { source: path.join(folder, 'secret.mp4'), reason: 'a video' },
  ])('as the source of a camera is refused elsewhere: $reason', async ({ source }) => {
    await deploy([camera()]);
    await send({ json: { source } });
    const { errors } = await outWhen(
      ({ errors, statuses }) => errors.length > 0 && statuses.some(({ text }) => text === 'path not allowed'),
    );
    expect(errors[0]).toMatchObject({ code: 'path-not-allowed' });
  });

  it('of the dialog is the user’s own', async () => {
    await deploy([camera({ source: 'file', path: outside, start: 'deploy' })]);
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    expect(messages[0]).toMatchObject({ frame: { source: 'secret.png' } });
  });
});

describe('an address in a message', () => {
  it.each([
    { host: '169.254.169.254', reason: 'metadata, always' },
    { host: '127.0.0.1:1', reason: 'named in the settings' },
  ])('is refused at $host: $reason', async ({ host }) => {
    await deploy([camera()]);
    await send({ json: { source: `http://${host}/latest` } });
    const { errors } = await outWhen(
      ({ errors, statuses }) =>
        errors.length > 0 && statuses.some(({ text }) => text === 'address not allowed'),
    );
    expect(errors[0]).toMatchObject({ code: 'camera-address-blocked' });
  });

  it('is the user’s own in the dialog', async () => {
    await deploy([camera({ source: 'http', address, start: 'deploy' })]);
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    expect(messages[0]).toMatchObject({ frame: { source: address } });
  });
});

it.each([
  { mtcnn: { allowedFolder: 7 }, says: 'allowedFolder', message: { json: PHOTO } },
  {
    mtcnn: { allowedFolder: '/no/such/folder' },
    says: 'the allowed folder to exist',
    message: { json: PHOTO },
  },
  { mtcnn: 'closed', says: 'mtcnn: {', message: { json: PHOTO } },
])('settings with a slip let nothing through: $mtcnn', async ({ mtcnn, says, message }) => {
  const settings = { httpAdminRoot: '/admin', functionExternalModules: false, mtcnn };
  const own = await startNodeRed({ flows: [], settings });
  const flow = testFlow(() => own);
  await flow.deploy([node('mtcnn-detect')]);
  await flow.send(message);
  const { errors, messages } = await flow.outWhen(({ errors }) => errors.length > 0);
  expect(errors[0]?.message).toContain(says);
  expect(messages).toEqual([]);
  await own.stop();
});
