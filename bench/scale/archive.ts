/** Pictures of an archive over RabbitMQ, shared by N workers: how many a second, and whether each comes once. */
import { setTimeout as wait } from 'node:timers/promises';
import amqplib, { type ChannelModel } from 'amqplib';
import type { EngineName } from '../../src';
import { type RunningRabbitMq, startRabbitMq } from '../rabbitmq';
import { coreOf, startWorker, type Worker } from './worker';

export interface ArchiveConfig {
  workers: number;
  engine: EngineName;
  /** How many pictures are fed, beside one that cannot be read. */
  images: number;
  /** JPEG files that are fed in turn. */
  pictures: readonly Buffer[];
}

export interface ArchiveFigures {
  workers: number;
  /** The core of each. */
  cores: number[];
  images: number;
  /** Results a second before a worker is killed. */
  throughput: number;
  /** Pictures without a result at the end. */
  lost: number;
  /** Results that came again: a collector must know them by their key. */
  again: number;
  /** Pictures that were set aside: the one that cannot be read. */
  failed: number;
  /** From the kill of a worker, and from the halt of the broker, to the next result, in ms. */
  backAfterMs: { worker: number; broker: number };
}

/** How long the last results are waited for: longer than a worker takes to come back to the broker. */
const PATIENCE_MS = 30_000;

/** Shares of the pictures after which a worker is killed, and the broker restarted. */
const [KILL, RESTART] = [1 / 3, 2 / 3];

export async function measureArchive(config: ArchiveConfig): Promise<ArchiveFigures> {
  const { images, engine } = config;
  const broker = await startRabbitMq();
  const workers: Worker[] = [];
  const results = new Results();
  try {
    await feed(broker, config);
    await results.listen(broker);
    const start = (core: number) =>
      startWorker({
        ...{ example: 'archive-detector.json', engine, core, modules: ['amqplib'] },
        adapt: ({ type, env }) => {
          if (type !== 'tab') return;
          for (const each of env as { name: string; value: string }[]) {
            if (each.name === 'RABBITMQ_URL') each.value = each.value.replace(':5672/', `:${broker.port}/`);
          }
        },
        credentials: { archdettab000000: { RABBITMQ_PASSWORD: 'change-me-detector' } },
      });
    const cores = Array.from({ length: config.workers }, (_, i) => coreOf(i));
    workers.push(...(await Promise.all(cores.map(start))));

    const first = 5 * config.workers; // the first pictures compile
    const begin = await results.reach(first);
    const end = await results.reach(Math.ceil(KILL * images));
    const throughput = ((results.times.size - first) * 1000) / (end - begin);

    const victim = workers.shift()!;
    await victim.kill();
    const before = results.times.size;
    const replaced = start(victim.core).then((fresh) => workers.push(fresh));
    const worker = (await results.reach(before + 1)) - end;

    const halted = await results.reach(Math.ceil(RESTART * images));
    if (results.times.size >= images)
      throw new Error('too few images to restart the broker amid them: raise --images');
    await Promise.all([broker.restart(), replaced]);
    const until = results.times.size;
    await results.listen(broker);
    const back = (await results.reach(until + 1)) - halted;

    await results.reach(images);
    const failed = await settle(broker);
    return {
      ...{ workers: config.workers, cores, images, throughput, failed },
      ...{ lost: images - results.times.size, again: results.again },
      backAfterMs: { worker, broker: back },
    };
  } finally {
    await Promise.all(workers.map((each) => each.stop()));
    await results.close();
    await broker.stop();
  }
}

/** A collector: it notes when the result of each picture came first. */
class Results {
  /** On the clock of performance.now(), by key. */
  readonly times = new Map<string, number>();
  again = 0;
  #connection: ChannelModel | undefined;

  /** Connects, also after the broker has been away. */
  async listen(broker: RunningRabbitMq): Promise<void> {
    this.#connection = await connect(broker, 'collector');
    const channel = await this.#connection.createChannel();
    await channel.prefetch(100);
    await channel.consume('archive.results', (message) => {
      if (message === null) return; // the broker halts
      const key = String(message.properties.headers?.['key']);
      if (this.times.has(key)) this.again++;
      else this.times.set(key, performance.now());
      channel.ack(message);
    });
  }

  /** Waits until there are so many, or until none has come for long; returns when that one came. */
  async reach(count: number): Promise<number> {
    let [last, known] = [performance.now(), this.times.size];
    while (this.times.size < count && performance.now() - last < PATIENCE_MS) {
      await wait(2);
      if (this.times.size > known) [last, known] = [performance.now(), this.times.size];
    }
    return [...this.times.values()][Math.min(count, this.times.size) - 1] ?? NaN;
  }

  async close(): Promise<void> {
    await this.#connection?.close().catch(() => undefined); // the broker may be gone
  }
}

async function connect(broker: RunningRabbitMq, user: string): Promise<ChannelModel> {
  const connection = await amqplib.connect(
    `amqp://${user}:change-me-${user}@127.0.0.1:${broker.port}/archive`,
  );
  connection.on('error', () => undefined); // its end is what we measure
  return connection;
}

/** Gives the broker all pictures, and in their middle one that cannot be read; ends once they are on its disk. */
async function feed(broker: RunningRabbitMq, { images, pictures }: ArchiveConfig): Promise<void> {
  const connection = await connect(broker, 'feeder');
  const channel = await connection.createConfirmChannel();
  const publish = (key: string, content: Buffer) =>
    channel.publish('archive.images', '', content, { persistent: true, mandatory: true, headers: { key } });
  for (let i = 0; i < images; i++) {
    publish(`${i}.jpg`, pictures[i % pictures.length]!);
    if (i === Math.floor(images / 2)) publish('broken.jpg', Buffer.from('no picture'));
    if (i % 50 === 49) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await connection.close();
}

/** Waits until no picture waits any more; returns how many were set aside. */
async function settle(broker: RunningRabbitMq): Promise<number> {
  const connection = await connect(broker, 'operator');
  const channel = await connection.createChannel();
  const count = async (queue: string) => (await channel.checkQueue(`archive.${queue}`)).messageCount;
  const begin = performance.now();
  while ((await count('images')) > 0 || (await count('failed')) === 0) {
    if (performance.now() - begin > PATIENCE_MS) break;
    await wait(100);
  }
  const failed = await count('failed');
  await connection.close();
  return failed;
}
