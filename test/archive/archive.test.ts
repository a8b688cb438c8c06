import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import amqplib, { type Channel, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hasRabbitMq, RABBITMQ_REASON, type RunningRabbitMq, startRabbitMq } from '../../bench/rabbitmq';
import { createRenderer } from '../../src/camera/test-scene/test-scene';
import { encodeImage } from '../../src/image/encode';
import { ROOT, type RunningNodeRed, startNodeRed } from '../support/node-red';
import { until, untilAsync } from '../support/processes';
import { describeWhere } from '../support/requires';

// The examples of an archive as they are, in real Node-REDs around a real broker with the documented definitions, each of
// which ends in the middle of the work: no picture is lost, none is written twice, and none that fails holds up the others.

const PICTURES = Number(process.env['ARCHIVE_PICTURES'] ?? 60);

vi.setConfig({ testTimeout: 120_000 + PICTURES * 200, hookTimeout: 60_000 + PICTURES * 20 });

/** Preloaded into detector processes: a picture with these bytes ends them, as a fault in native code would. */
const DEADLY = 'a deadly picture';
const PRELOAD = `
  if (process.argv[1]?.endsWith('/detector/worker.js')) {
    process.prependListener('message', (message) => {
      if (require('node:v8').serialize(message).includes('${DEADLY}')) process.kill(process.pid, 'SIGKILL');
    });
  }`;

type Role = 'feeder' | 'detector' | 'collector';

describeWhere(hasRabbitMq(), RABBITMQ_REASON)('archive over RabbitMQ', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'archive-'));
  const file = (name: string) => path.join(folder, name);
  const linesOf = (name: string) =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : [];
  /** The pictures that the CSV file tells of, as often as it does. */
  const written = () => linesOf('faces.csv').slice(1);
  const keysOf = (lines: string[]) => lines.map((line) => /^"(.*?)"/.exec(line)?.[1]).sort();
  let broker: RunningRabbitMq;
  let keys: string[];
  let feeder: RunningNodeRed;
  const nodeReds: RunningNodeRed[] = [];

  async function drawPictures(): Promise<void> {
    mkdirSync(file('photos/more'), { recursive: true });
    const render = await createRenderer(320, 240);
    keys = [];
    for (let i = 0; i < PICTURES; i++) {
      const key = `${i % 2 === 0 ? 'more/' : ''}picture, ${i}.jpg`;
      writeFileSync(file(`photos/${key}`), await encodeImage(await render(i / 4)));
      keys.push(key);
    }
    keys.sort();
    writeFileSync(file('photos/broken.jpg'), 'no picture');
    writeFileSync(
      file('photos/deadly.jpg'),
      Buffer.concat([await encodeImage(await render(0)), Buffer.from(DEADLY)]),
    );
  }

  /** A Node-RED with one of the examples, or the one that was there before, started again. */
  async function run(role: Role, userDir?: string): Promise<RunningNodeRed> {
    const environment = role === 'detector' ? { NODE_OPTIONS: `--require ${file('preload.cjs')}` } : {};
    const config = { modules: ['amqplib'], environment };
    const nodeRed = await startNodeRed(
      userDir === undefined ? { ...config, flows: [] } : { ...config, userDir },
    );
    nodeReds.push(nodeRed);
    if (userDir !== undefined) return nodeRed;
    const text = readFileSync(path.join(ROOT, `examples/archive-${role}.json`), 'utf8')
      .replace(':5672/', `:${broker.port}/`)
      .replaceAll('/tmp/archive', folder)
      .replace('/tmp/photos', file('photos'));
    const flow = JSON.parse(text) as [object, ...object[]];
    Object.assign(flow[0], { credentials: { RABBITMQ_PASSWORD: `change-me-${role}` } });
    const answer = await fetch(`${nodeRed.url}/flows`, {
      ...{ method: 'POST', body: JSON.stringify(flow) },
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
    });
    expect(answer.status).toBe(204);
    return nodeRed;
  }

  async function kill({ process: child }: RunningNodeRed): Promise<void> {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async function asOperator<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const address = `amqp://operator:change-me-operator@127.0.0.1:${broker.port}/archive`;
    const connection: ChannelModel = await amqplib.connect(address);
    try {
      return await work(await connection.createChannel());
    } finally {
      await connection.close(); // and what was looked at is there again
    }
  }

  /** How many messages wait in a queue, beside those that are being worked on. */
  const count = (queue: string) =>
    asOperator(async (channel) => (await channel.checkQueue(`archive.${queue}`)).messageCount);

  const failed = () =>
    asOperator(async (channel) => {
      const found = new Map<string, unknown>();
      for (let one; (one = await channel.get('archive.failed'));) {
        const { key, ...headers } = one.properties.headers ?? {};
        found.set(String(key), { ...headers, bytes: one.content.length });
      }
      return found;
    });

  beforeAll(async () => {
    writeFileSync(file('preload.cjs'), PRELOAD);
    [broker] = await Promise.all([startRabbitMq(), drawPictures()]);
  });
  afterAll(async () => {
    await Promise.all(nodeReds.map((nodeRed) => nodeRed.stop()));
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  it('writes each picture once, though a detector, the broker and the collector end midway', async () => {
    const began = performance.now();
    feeder = await run('feeder');
    const [first, collector] = await Promise.all([run('detector'), run('collector')]);
    await until(() => written().length >= 5);
    await kill(first);
    expect(written().length).toBeLessThan(PICTURES / 2);

    await run('detector');
    await until(() => written().length >= PICTURES / 2);
    await broker.restart('SIGKILL');
    expect(written().length).toBeLessThan(PICTURES);

    await until(() => written().length >= (PICTURES * 3) / 4);
    await kill(collector);
    writeFileSync(file('faces.csv'), '"torn by a power cut",1', { flag: 'a' });
    await run('collector', collector.userDir);

    await until(() => written().length >= PICTURES);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log({
      pictures: PICTURES,
      lines: written().length,
      once: new Set(keysOf(written())).size,
      seconds,
    });
    expect(keysOf(written())).toEqual(keys);
    expect(
      written().filter((line) => /^"[^"]+",[1-4],320,240,"\[\{""box"":\[\d+/.test(line)).length,
    ).toBeGreaterThan(PICTURES / 2);
  });

  it('sets aside with its error what cannot be read, and what kills its detector again and again', async () => {
    await untilAsync(async () => (await count('failed')) >= 2);
    const found = await failed();
    expect([...found.keys()].sort()).toEqual(['broken.jpg', 'deadly.jpg']);
    expect(found.get('broken.jpg')).toMatchObject({
      ...{ tries: 1, bytes: 10 },
      error: expect.stringMatching(/Expected .*image/) as string,
    });
    expect(found.get('deadly.jpg')).toMatchObject({
      tries: 3,
      error: expect.stringMatching(/detector process/) as string,
    });
  });

  it('does not mind that all pictures are given again, with a broker that ends in the middle of it', async () => {
    const before = await count('failed');
    await feeder.stop({ keep: true });
    rmSync(file('fed.txt'));
    await run('feeder', feeder.userDir);
    await until(() => linesOf('fed.txt').length > 10);
    await broker.restart();
    await until(() => linesOf('fed.txt').length > PICTURES + 2);
    await untilAsync(async () => (await count('failed')) >= before + 2);
    // Each is acknowledged, too.
    await untilAsync(async () => (await broker.messages('archive.images')) === 0);
    await untilAsync(async () => (await broker.messages('archive.results')) === 0);
    expect(keysOf(written())).toEqual(keys);
  });
});
