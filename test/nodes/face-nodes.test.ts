import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningNodeRed, startNodeRed } from '../support/node-red';
import { testFlow } from '../support/test-flow';

let nodeRed: RunningNodeRed;
beforeAll(async () => {
  nodeRed = await startNodeRed({
    flows: [],
    settings: { httpAdminRoot: '/admin', apiMaxLength: '50mb', functionExternalModules: false },
  });
});
afterAll(() => nodeRed.stop());

const { deploy, send, out, outWhen } = testFlow(() => nodeRed);

const ASTRONAUT = readFileSync(path.resolve(__dirname, '../photos/astronaut.png'));
const SIZE = { width: 640, height: 480 };
const face = (x: number, y = 100, size = 60, confidence = 0.99) => ({
  box: [x, y, size, size],
  confidence,
  keypoints: {
    left_eye: [x + 18, y + 22],
    right_eye: [x + 42, y + 22],
    nose: [x + 30, y + 36],
    mouth_left: [x + 20, y + 48],
    mouth_right: [x + 40, y + 48],
  },
});
/** A message of mtcnn-detect, without a picture. */
const faces = (...json: object[]) => ({ json, detection: SIZE });
const node = (type: string, config: object = {}) => ({ id: 'first', type, wires: [['keep']], ...config });
/** The astronaut found by mtcnn-detect, on its way to the node under test. */
const detected = (type: string, config: object) => [
  { id: 'first', type: 'mtcnn-detect', minFaceSize: '40', wires: [['next']] },
  { id: 'next', type, wires: [['keep']], ...config },
];
const photo = { base64: ASTRONAUT.toString('base64') };

/** Deploys one node of the flow anew with other settings: the rest goes on. */
async function redeploy(id: string, settings: object): Promise<void> {
  const url = `${nodeRed.url}/admin/flows`;
  const flows = (await (await fetch(url)).json()) as { id: string }[];
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'nodes' },
    body: JSON.stringify(flows.map((each) => (each.id === id ? { ...each, ...settings } : each))),
  });
  expect(response.status).toBe(204);
}

describe('face-track', () => {
  it('numbers faces, and tells who entered, is present and left', async () => {
    await deploy([node('face-track', { hiddenSeconds: 1 })]);
    for (const [i, x] of [100, 110, 120].entries()) {
      await send({ ...faces(face(x)), frame: { timestamp: 1000 + i * 100 } });
    }
    await send({ ...faces(), frame: { timestamp: 5000 } });
    const { messages } = await outWhen(({ messages }) => messages.length === 4);
    expect(messages.map(({ payload }) => payload)).toMatchObject([
      [{ trackId: 1 }],
      [{ trackId: 1 }],
      [{ trackId: 1 }],
      [],
    ]);
    expect(messages[1]).toMatchObject({ tracks: { entered: [{ trackId: 1, seen: 2 }], left: [] } });
    expect(messages[3]).toMatchObject({ tracks: { present: [], left: [{ trackId: 1, dwellMs: 200 }] } });
  });

  it('follows each camera for itself', async () => {
    await deploy([node('face-track')]);
    await send({ ...faces(face(100)), topic: 'door' });
    await send({ ...faces(face(400)), topic: 'garden' });
    const { messages } = await outWhen(({ messages }) => messages.length === 2);
    expect(messages.map(({ payload }) => payload)).toMatchObject([[{ trackId: 1 }], [{ trackId: 1 }]]);
  });

  describe('waits for late frames', () => {
    /** A result as it comes over MQTT. */
    const result = (sequence: number, run = 'a') => ({
      json: [face(100 + 10 * sequence)],
      topic: 'faces/door',
      userProperties: {
        frame: JSON.stringify({ ...SIZE, run, sequence, timestamp: 1000 + 100 * sequence, source: 'test' }),
        detection: JSON.stringify({ ...SIZE, dropped: 0 }),
      },
    });

    it('brings them into order, and drops and counts what comes too late or twice', async () => {
      await deploy([node('face-track', { orderWindow: '300' })]);
      for (const sequence of [0, 2, 1, 1, 4, 5]) await send(result(sequence));
      await outWhen(({ messages }) => messages.length === 5); // 3 has been given up
      await send(result(3));
      await send(result(6));
      const { messages, statuses } = await outWhen(
        ({ messages, statuses }) =>
          messages.length === 6 && statuses.at(-1)?.text.includes('2 late') === true,
      );
      expect(messages.map(({ frame }) => (frame as { sequence: number }).sequence)).toEqual([
        0, 1, 2, 4, 5, 6,
      ]);
      expect(messages.map(({ order }) => order)).toEqual([
        { missing: 0, late: 0, duplicate: 0 },
        { missing: 0, late: 0, duplicate: 0 },
        { missing: 0, late: 0, duplicate: 0 },
        { missing: 1, late: 0, duplicate: 1 },
        { missing: 0, late: 0, duplicate: 0 },
        { missing: 0, late: 1, duplicate: 0 },
      ]);
      expect(messages.at(-1)).toMatchObject({
        payload: [{ trackId: 1 }],
        tracks: { present: [{ seen: 6 }] },
      });
      expect(statuses.at(-1)?.text).toBe('1 present · 1 so far · 2 late or twice');
    });

    it('loses none of those that it holds when it is deployed anew', async () => {
      const track = node('face-track', { orderWindow: '10000' });
      await deploy([track]);
      for (const sequence of [0, 2, 3]) await send(result(sequence));
      await redeploy('first', { hiddenSeconds: 3 });
      const { messages } = await outWhen(({ messages }) => messages.length === 3);
      expect(messages.map(({ order }) => (order as { missing: number }).missing)).toEqual([0, 1, 0]);
    });

    it('refuses a window that is none', async () => {
      await deploy([node('face-track', { orderWindow: '-1' })]);
      await send(result(0));
      const { errors } = await outWhen(({ errors }) => errors.length > 0);
      expect(errors[0]?.message).toContain('windowMs');
    });
  });

  it.each([
    { reason: 'no faces', message: { json: 'x', detection: SIZE }, says: 'faces as mtcnn detect' },
    { reason: 'no size', message: { json: [face(1)] }, says: 'msg.detection' },
  ])('$reason reach a catch node', async ({ message, says }) => {
    await deploy([node('face-track')]);
    await send(message);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain(says);
  });
});

describe('face-filter', () => {
  const zone = JSON.stringify([
    {
      kind: 'include',
      points: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    },
  ]);

  it('divides faces over its two outputs, the rejected with their reason', async () => {
    await deploy([node('face-filter', { minSize: '40', zones: zone, wires: [['keep'], ['keep']] })]);
    await send(faces(face(100), face(400), face(20, 20, 20)));
    const { messages } = await outWhen(({ messages }) => messages.length === 2);
    expect(messages[0]).toMatchObject({
      payload: [{ box: [100, 100, 60, 60] }],
      zones: [{ kind: 'include' }],
    });
    expect(messages[1]).toMatchObject({
      payload: [
        { box: [400, 100, 60, 60], reason: 'outside-zones' },
        { box: [20, 20, 20, 20], reason: 'size', detail: '20 px < 40 px' },
      ],
    });
  });

  it('takes options from the message, and refuses wrong ones', async () => {
    await deploy([node('face-filter')]);
    await send({ ...faces(face(100), face(300, 50, 90)), options: { keep: 'largest' } });
    await send({ ...faces(face(100)), options: { minSise: 3 } });
    const { messages, errors } = await outWhen(
      ({ messages, errors }) => messages.length + errors.length === 2,
    );
    expect(messages[0]?.['payload']).toMatchObject([{ box: [300, 50, 90, 90] }]);
    expect(errors[0]?.message).toContain('minSise');
  });

  it('has its newest picture for the dialog', async () => {
    await deploy(detected('face-filter', {}));
    const url = `${nodeRed.url}/admin/mtcnn/picture/next`;
    const newest = async () => (await (await fetch(url)).json()) as { image?: string };
    expect(await newest()).toEqual({});
    await send(photo);
    await outWhen(({ messages }) => messages.length === 1);
    const [, base64 = ''] = (await newest()).image?.split(',') ?? [];
    expect(await sharp(Buffer.from(base64, 'base64')).metadata()).toMatchObject({
      format: 'jpeg',
      width: 512,
    });
  });
});

describe('face-alert', () => {
  it('tells once who appeared, with the picture, and once who left, by the clock alone', async () => {
    await deploy([
      node('face-alert', {
        ...{ presentSeconds: '0.2', gapSeconds: '2', absentSeconds: '0.4' },
        wires: [['keep'], ['state']],
      }),
      {
        id: 'state',
        type: 'change',
        rules: [{ t: 'set', p: 'state', pt: 'msg', to: 'true', tot: 'bool' }],
        wires: [['keep']],
      },
    ]);
    const hasAppeared = async () => (await out()).messages.some(({ state }) => state === undefined);
    while (!(await hasAppeared())) {
      await send({ ...faces(face(100)), image: 'the picture', topic: 'door' });
    }
    const { messages } = await outWhen(
      ({ messages }) => messages.filter(({ state }) => state === undefined).length === 2,
    );
    const events = messages.filter(({ state }) => state === undefined);
    expect(events).toMatchObject([
      { payload: { event: 'appeared', count: 1 }, image: 'the picture', topic: 'door' },
      { payload: { event: 'left', durationMs: expect.any(Number) as number }, topic: 'door' },
    ]);
    const states = messages.filter(({ state }) => state === true).map(({ payload }) => payload);
    expect(states.at(-1)).toEqual({ present: false, count: 0 });
    expect(states).toContainEqual(expect.objectContaining({ present: true, count: 1 }));
  });
});

it('face-alert waits for late frames, too, and shows what came too late or twice', async () => {
  await deploy([node('face-alert', { presentSeconds: '0', orderWindow: '100', wires: [['keep'], []] })]);
  const frame = { ...SIZE, run: 'a', sequence: 0, timestamp: 1000 };
  await send({ ...faces(face(100)), frame });
  await send({ ...faces(face(100)), frame });
  const { messages } = await outWhen(({ statuses }) =>
    statuses.some(({ text }) => text === '1 present · 1 late or twice'),
  );
  expect(messages).toMatchObject([{ payload: { event: 'appeared' } }]);
});

describe('face-crop', () => {
  it('sends a message a face with parts, so that they can be joined', async () => {
    await deploy([
      { id: 'first', type: 'mtcnn-detect', minFaceSize: '40', wires: [['crop']] },
      { id: 'crop', type: 'face-crop', mode: 'aligned', size: '112', wires: [['keep', 'join']] },
      { id: 'join', type: 'join', mode: 'auto', wires: [['keep']] },
    ]);
    await send(photo);
    const { messages } = await outWhen(({ messages }) => messages.length === 2);
    const crop = messages.find(({ crop, payload }) => crop !== undefined && !Array.isArray(payload));
    expect(crop).toMatchObject({
      parts: { index: 0, count: 1, type: 'array' },
      crop: { width: 112, height: 112 },
      face: { confidence: expect.any(Number) as number },
    });
    expect(crop?.['image']).toBeUndefined();
    const file = Buffer.from((crop?.['payload'] as { data: number[] }).data);
    expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width: 112, height: 112 });
  });

  it('without landmarks says how to switch them on', async () => {
    await deploy([
      { id: 'first', type: 'mtcnn-detect', minFaceSize: '40', landmarks: false, wires: [['crop']] },
      { id: 'crop', type: 'face-crop', mode: 'aligned', wires: [['keep']] },
    ]);
    await send(photo);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]?.message).toContain('landmarks');
  });
});

describe('face-annotate hides faces', () => {
  const hide = {
    hide: 'solid',
    hideColor: '#ff0000',
    boxes: false,
    labels: false,
    points: false,
    format: 'png',
  };

  it('and lets the unhidden picture out nowhere', async () => {
    await deploy(detected('face-annotate', hide));
    await send(photo);
    const { messages } = await outWhen(({ messages }) => messages.length === 1);
    const [message] = messages as {
      payload: { data: number[] };
      image: unknown;
      faces: { box: number[] }[];
    }[];
    expect(message!.image).toEqual(message!.payload);
    const { data, info } = await sharp(Buffer.from(message!.payload.data))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [x = 0, y = 0, width = 0, height = 0] = message!.faces[0]!.box;
    for (const [dx, dy] of [
      [0, 0],
      [width - 1, 0],
      [0, height - 1],
      [width - 1, height - 1],
      [width / 2, height / 2],
    ] as const) {
      const at = (Math.floor(y + dy) * info.width + Math.floor(x + dx)) * info.channels;
      expect([...data.subarray(at, at + 3)]).toEqual([255, 0, 0]);
    }
    expect(JSON.stringify(message)).not.toContain(
      JSON.stringify([...ASTRONAUT.subarray(0, 200)]).slice(1, -1),
    );
  });

  it.each([
    { reason: 'no size of the picture', message: { json: [face(1)] } },
    { reason: 'another size', message: { json: [face(1)], detection: { width: 100, height: 100 } } },
    { reason: 'no faces at all', message: { json: 'failed', detection: { width: 512, height: 512 } } },
    {
      reason: 'a box that is none',
      message: { json: [{ box: [1, 1, 0, 0], confidence: 1 }], detection: { width: 512, height: 512 } },
    },
  ])('closed: $reason, no picture', async ({ message }) => {
    await deploy([
      {
        id: 'first',
        type: 'function',
        func: `msg.image = Buffer.from('${ASTRONAUT.toString('base64')}', 'base64'); return msg;`,
        wires: [['hide']],
      },
      { id: 'hide', type: 'face-annotate', ...hide, wires: [['keep']] },
    ]);
    await send(message);
    const { errors } = await outWhen(({ errors }) => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'faces-invalid' });
    expect((await out()).messages).toEqual([]);
  });
});

describe('mtcnn-detect in video mode', () => {
  it('follows faces between scans, and says so', async () => {
    await deploy([
      {
        id: 'first',
        type: 'camera-input',
        source: 'scene',
        framesPerSecond: '5',
        width: '320',
        height: '240',
        start: 'deploy',
        wires: [['detect']],
      },
      {
        id: 'detect',
        type: 'mtcnn-detect',
        video: true,
        scanEvery: '5',
        whenBusy: 'latest',
        wires: [['short']],
      },
      { id: 'short', type: 'function', func: 'return { mode: msg.detection.mode };', wires: [['keep']] },
    ]);
    const { messages } = await outWhen(({ messages }) => messages.length >= 8);
    const modes = messages.map(({ mode }) => mode);
    expect(modes[0]).toBe('scan');
    expect(modes.filter((mode) => mode === 'track').length).toBeGreaterThan(modes.length / 2);
  });
});
