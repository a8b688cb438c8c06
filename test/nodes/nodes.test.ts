import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningNodeRed, startNodeRed } from '../support/node-red';
import { MOST_CLIENTS } from '../../nodes/face-view/stream-clients';
import { descendantsOf, until, untilAsync } from '../support/processes';
import { testFlow } from '../support/test-flow';

const ASTRONAUT = readFileSync(path.resolve(__dirname, '../photos/astronaut.png'));

let nodeRed: RunningNodeRed;

beforeAll(async () => {
  nodeRed = await startNodeRed({
    flows: [],
    settings: { httpAdminRoot: '/admin', apiMaxLength: '50mb', functionExternalModules: false },
  });
});
afterAll(() => nodeRed.stop());

const { deploy, send, outWhen } = testFlow(() => nodeRed);

const detect = (config: object = {}) => ({
  id: 'first',
  type: 'mtcnn-detect',
  image: 'payload',
  result: 'payload',
  minFaceSize: '40',
  landmarks: true,
  fitToImage: true,
  whenBusy: 'latest',
  wires: [['keep']],
  ...config,
});
const photo = ASTRONAUT.toString('base64');
const face = {
  box: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)] as number[],
  confidence: expect.any(Number) as number,
  keypoints: {
    left_eye: expect.any(Array) as number[],
    right_eye: expect.any(Array) as number[],
    nose: expect.any(Array) as number[],
    mouth_left: expect.any(Array) as number[],
    mouth_right: expect.any(Array) as number[],
  },
};

describe('mtcnn-detect', () => {
  it('sends the faces, the picture, the details, and every other property', async () => {
    await deploy([detect()]);
    await send({ base64: photo, topic: 'hall', mine: { kept: true } });
    const { messages, statuses } = await outWhen(
      ({ messages, statuses }) => messages.length > 0 && statuses.length > 0,
    );
    const message = messages[0] as { payload: (typeof face)[]; image: { data: number[] } };
    expect(message).toMatchObject({
      payload: [face],
      topic: 'hall',
      mine: { kept: true },
      detection: {
        width: 512,
        height: 512,
        engine: expect.stringMatching(/^(wasm|native)$/) as string,
        mode: 'scan',
        durationMs: { total: expect.any(Number) as number },
        candidates: { output: 1 },
        dropped: 0,
      },
    });
    expect(Buffer.from(message.image.data).equals(ASTRONAUT)).toBe(true);
    expect(message.payload[0]?.box.every(Number.isInteger)).toBe(true);
    expect(message.payload[0]?.keypoints.nose.every(Number.isInteger)).toBe(true);
    expect(statuses.at(-1)?.text).toMatch(/^1 face · \d+ ms · (wasm|native)$/);
  });

  it('answers an array of pictures by an array of arrays', async () => {
    await deploy([detect({ annotations: true })]);
    const gray = Buffer.from(
      await (
        await import('sharp')
      )
        .default({ create: { width: 64, height: 64, channels: 3, background: 'gray' } })
        .png()
        .toBuffer(),
    );
    await send({ base64: [photo, gray.toString('base64')] });
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    expect(messages[0]).toMatchObject({
      payload: [[face], []],
      detection: [{ width: 512 }, { width: 64 }],
      annotations: [
        expect.arrayContaining([
          expect.objectContaining({ type: 'rect' }),
          expect.objectContaining({ type: 'circle' }),
        ]),
        [],
      ],
    });
  });

  it('takes picture and result from other properties, and options from the message', async () => {
    await deploy([detect({ image: 'photo.bytes', result: 'found.faces', landmarks: false })]);
    await send({
      json: 'untouched',
      photo: { bytes: `data:image/png;base64,${photo}` },
      options: { minFaceSize: 400 },
    });
    await send({ json: 'untouched', photo: { bytes: `data:image/png;base64,${photo}` } });
    const { messages } = await outWhen(({ messages }) => messages.length > 1);
    expect(messages[0]).toMatchObject({ payload: 'untouched', found: { faces: [] } });
    expect(messages[1]).toMatchObject({ found: { faces: [{ box: face.box }] } });
    expect(JSON.stringify(messages[1]?.['found'])).not.toContain('left_eye');
  });

  it.each([
    { reason: 'no picture at all', message: {}, says: 'image' },
    { reason: 'text that is no path', message: { json: 'hello' }, says: 'no file at' },
    {
      reason: 'bytes that are no picture',
      message: { base64: Buffer.from('text').toString('base64') },
      says: 'do not decode',
    },
    {
      reason: 'an option out of range',
      message: { base64: photo, options: { minFaceSize: -4 } },
      says: 'minFaceSize',
    },
    {
      reason: 'an option that does not exist',
      message: { base64: photo, options: { minSizeFace: 4 } },
      says: 'minSizeFace',
    },
    {
      reason: 'options that are no object',
      message: { base64: photo, options: 'fast' },
      says: 'msg.options',
    },
  ])('$reason reaches a catch node, and the next picture is searched', async ({ message, says }) => {
    await deploy([detect()]);
    await send(message);
    const failed = await outWhen(({ errors }) => errors.length > 0);
    expect(failed.errors[0]).toMatchObject({
      source: 'first',
      message: expect.stringContaining(says) as string,
    });
    expect(failed.messages).toEqual([]);
    await send({ base64: photo });
    expect((await outWhen(({ messages }) => messages.length > 0)).messages[0]).toMatchObject({
      payload: [face],
    });
  });

  it('while busy keeps the newest, and counts what it drops', async () => {
    await deploy([detect()]);
    await send({ base64: photo, burst: 10 });
    const { messages } = await outWhen(({ messages }) => messages.length === 2);
    expect(
      messages.map(({ index, detection }) => [index, (detection as { dropped: number }).dropped]),
    ).toEqual([
      [0, 0],
      [9, 8],
    ]);
  });

  it('queues on request, in order, and refuses beyond the limit', async () => {
    await deploy([detect({ whenBusy: 'queue', queueLimit: '3' })]);
    await send({ base64: photo, burst: 6 });
    const { messages, errors } = await outWhen(
      ({ messages, errors }) => messages.length === 4 && errors.length === 2,
    );
    expect(messages.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(errors[0]?.message).toContain('at most 3 waiting messages');
  });

  it('a detector that is killed fails one message; Node-RED and the next message do not notice', async () => {
    await deploy([
      detect({ detector: 'own' }),
      { id: 'own', type: 'mtcnn-detector', engine: 'wasm', processes: '1', deadline: '30' },
    ]);
    await send({ base64: photo });
    await outWhen(({ messages }) => messages.length === 1);
    const [worker = NaN] = descendantsOf(nodeRed.process.pid ?? NaN);
    await send({ base64: photo, burst: 1 });
    process.kill(worker, 'SIGKILL');
    // Either it died at work and one message failed, or between two and nobody saw it.
    await outWhen(({ messages, errors }) => messages.length + errors.length === 2);
    await send({ base64: photo });
    await outWhen(({ messages, errors }) => messages.length + errors.length === 3 && messages.length >= 2);
    expect(nodeRed.process.exitCode).toBeNull();
  });

  it('all nodes share one process unless a detector node says otherwise; none is left when they are gone', async () => {
    await deploy([
      detect(),
      ...[1, 2, 3].map((n) => detect({ id: `more${n}`, wires: [[]] })),
      detect({ id: 'special', detector: 'own', wires: [[]] }),
      { id: 'own', type: 'mtcnn-detector', engine: 'wasm', processes: '2', deadline: '30' },
    ]);
    const processes = () => descendantsOf(nodeRed.process.pid ?? NaN).length;
    await until(() => processes() === 3);
    await deploy([]);
    await until(() => processes() === 0);
  });
});

describe('face-annotate', () => {
  const annotate = {
    id: 'second',
    type: 'face-annotate',
    boxes: true,
    labels: true,
    points: true,
    format: 'png',
    wires: [['keep']],
  };

  it('while busy keeps the newest, and counts what it drops', async () => {
    await deploy([{ ...annotate, id: 'first' }]);
    const drawn = { box: [170, 60, 100, 140], confidence: 0.99 };
    await send({ json: [drawn], image: `data:image/png;base64,${photo}`, burst: 10 });
    const { messages } = await outWhen(({ messages }) => messages.length === 2);
    expect(
      messages.map(({ index, annotated }) => [index, (annotated as { dropped: number }).dropped]),
    ).toEqual([
      [0, 0],
      [9, 8],
    ]);
  });

  it('draws the faces, keeps them in msg.faces, and leaves the picture alone', async () => {
    await deploy([detect({ wires: [['second']] }), annotate]);
    await send({ base64: photo, mine: 1 });
    const { messages } = await outWhen(({ messages }) => messages.length > 0);
    const message = messages[0] as {
      payload: { data: number[] };
      image: { data: number[] };
      faces: (typeof face)[];
    };
    expect(message).toMatchObject({ faces: [face], mine: 1 });
    expect(Buffer.from(message.image.data).equals(ASTRONAUT)).toBe(true);
    const sharp = (await import('sharp')).default;
    const { data, info } = await sharp(Buffer.from(message.payload.data))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.format, info.width, info.height]).toEqual(['raw', 512, 512]);
    const [x = NaN, y = NaN] = message.faces[0]?.box ?? [];
    const at = ((y + 40) * 512 + x) * 3;
    expect([...data.subarray(at, at + 3)], 'the left side of the box has its colour').toEqual([
      0, 0xe5, 0xa0,
    ]);
  });

  it.each([
    {
      reason: 'faces that are none',
      message: { json: [{ box: [1, 2] }], image: 'x' },
      says: 'faces as mtcnn detect sends them',
    },
    { reason: 'no picture', message: { json: [] }, says: 'an image' },
  ])('$reason reaches a catch node', async ({ message, says }) => {
    await deploy([{ ...annotate, id: 'first' }]);
    await send(message);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain(says);
  });
});

describe('face-view', () => {
  const view = (config: object = {}) => ({
    id: 'second',
    type: 'face-view',
    path: '/show',
    inEditor: false,
    wires: [],
    ...config,
  });
  const get = (part: string) => fetch(`${nodeRed.url}/show${part}`);

  it('serves the page, the newest faces and the newest picture, drawn when somebody asks', async () => {
    await deploy([detect({ wires: [['second', 'keep']] }), view()]);
    expect((await get('/frame.jpg')).status).toBe(503);
    expect(await (await get('/faces.json')).json()).toMatchObject({ faces: [] });
    await send({ base64: photo });
    await outWhen(({ messages }) => messages.length > 0);
    expect(await (await get('/faces.json')).json()).toMatchObject({
      faces: [face],
      width: 512,
      height: 512,
      timestamp: expect.any(Number) as number,
      detection: { mode: 'scan' },
    });
    const picture = await get('/frame.jpg');
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    const bytes = Buffer.from(await picture.arrayBuffer());
    expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const page = await get('');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('Waiting for the first picture');
  });

  it('streams, and a viewer that does not read slows nobody', async () => {
    await deploy([
      {
        id: 'first',
        type: 'camera-input',
        source: 'scene',
        framesPerSecond: '30',
        width: '640',
        height: '480',
        start: 'deploy',
        wires: [['second', 'count']],
      },
      view(),
      { id: 'count', type: 'change', rules: [{ t: 'delete', p: 'payload', pt: 'msg' }], wires: [['keep']] },
    ]);
    const stalled = await get('/stream'); // its body is never read
    const stream = await get('/stream');
    expect(stream.headers.get('content-type')).toContain('multipart/x-mixed-replace');
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    let bytes = 0;
    let parts = 0;
    while (parts < 20) {
      const { value } = await reader.read();
      bytes += value?.length ?? 0;
      parts +=
        Buffer.from(value ?? [])
          .toString('latin1')
          .split('--frame').length - 1;
    }
    expect(bytes).toBeGreaterThan(20 * 5000);
    await outWhen(({ messages }) => messages.length > 40);
    await reader.cancel();
    await stalled.body?.cancel();
  });

  it('streams to so many viewers and no more; one that leaves makes room', async () => {
    await deploy([view()]);
    const streams = await Promise.all(Array.from({ length: MOST_CLIENTS }, () => get('/stream')));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    expect((await get('/stream')).status).toBe(503);
    expect((await get('/faces.json')).status).toBe(200);
    await streams[0]!.body!.cancel();
    await untilAsync(async () => {
      const again = await get('/stream');
      await again.body?.cancel();
      return again.status === 200;
    });
    for (const stream of streams.slice(1)) await stream.body!.cancel();
  });

  it('two views at one path: the second one says so', async () => {
    await deploy([view(), view({ id: 'third' })]);
    const { statuses } = await outWhen(({ statuses }) =>
      statuses.some(({ text }) => text === 'check the path'),
    );
    expect(statuses.find(({ text }) => text === 'check the path')?.source).toBe('third');
  });

  it('is gone with its node', async () => {
    await deploy([view()]);
    expect((await get('')).status).toBe(200);
    await deploy([]);
    expect((await get('')).status).toBe(404);
    await deploy([view({ path: '' })]);
    expect((await get('')).status).toBe(404);
  });

  it('what is no picture reaches a catch node', async () => {
    await deploy([{ ...view(), id: 'first' }]);
    await send({});
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain('a picture in msg.payload');
  });
});
