/** Cameras and collector of the measurement in one: it publishes pictures, and hears faces and counts. */
import { Socket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { newRun } from '../../src/camera';
import { USER } from '../mosquitto';
import { SIZE } from './pictures';

/** As live-publisher sets it, in seconds. */
export const EXPIRY = 2;

/** What became of a picture. */
export interface Sent {
  /** On the clock of performance.now(). */
  at: number;
  /** When its faces came; undefined while they have not. */
  heardAt?: number;
  /** What the detector took, in ms. */
  detectorMs?: number;
}

export interface Told {
  detected: number;
  dropped: number;
  failed: number;
}

export class LiveClient {
  /** Every picture, by its sequence. */
  readonly sent: Sent[] = [];
  /** Pictures that the broker has confirmed. */
  published = 0;
  /** Faces that came for a second time. */
  duplicates = 0;
  /** The newest sums of each worker, by its id. */
  readonly told = new Map<string, Told>();
  readonly #client: MqttClient;
  readonly #pictures: readonly Buffer[];
  readonly #run = newRun();

  private constructor(client: MqttClient, pictures: readonly Buffer[]) {
    this.#client = client;
    this.#pictures = pictures;
  }

  static async connect(port: number, pictures: readonly Buffer[]): Promise<LiveClient> {
    const { user: username, password } = USER;
    const client = await connectAsync({ host: '127.0.0.1', port, protocolVersion: 5, username, password });
    // It stands for many: else a picture of one would wait up to 40 ms behind the answer of another (Nagle's algorithm).
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    const self = new LiveClient(client, pictures);
    client.on('message', (topic, payload, { properties }) => {
      if (topic.startsWith('faces/')) self.#hear(properties?.userProperties ?? {});
      // What the example publishes.
      else self.#note(JSON.parse(payload.toString()) as Told & { id: string });
    });
    await client.subscribeAsync({ 'faces/#': { qos: 1 }, 'counts/detectors': { qos: 1 } });
    return self;
  }

  /** Publishes the next picture as live-publisher does. */
  publish(): void {
    const sequence = this.sent.length;
    const image = this.#pictures[sequence % this.#pictures.length]!;
    const frame = {
      sequence,
      timestamp: Date.now(),
      ...SIZE,
      source: 'test scene',
      run: this.#run,
      dropped: 0,
    };
    this.sent.push({ at: performance.now() });
    const properties = {
      messageExpiryInterval: EXPIRY,
      contentType: 'image/jpeg',
      userProperties: { frame: JSON.stringify(frame) },
    };
    this.#client.publish('frames/scene', image, { qos: 1, properties }, (error) => {
      if (error == null) this.published++;
    });
  }

  /** The sums of all workers. */
  sum(): Told {
    const sum = { detected: 0, dropped: 0, failed: 0 };
    for (const told of this.told.values()) {
      sum.detected += told.detected;
      sum.dropped += told.dropped;
      sum.failed += told.failed;
    }
    return sum;
  }

  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  #hear(properties: Record<string, string | string[]>): void {
    // Both are written by the example's mtcnn-detect, the first from what we have published.
    const { sequence, run } = JSON.parse(String(properties['frame'])) as { sequence: number; run: string };
    const { durationMs } = JSON.parse(String(properties['detection'])) as { durationMs: { total: number } };
    const sent = this.sent[sequence];
    if (run !== this.#run || sent === undefined) return;
    if (sent.heardAt !== undefined) {
      this.duplicates++;
      return;
    }
    sent.heardAt = performance.now();
    sent.detectorMs = durationMs.total;
  }

  #note({ id, detected, dropped, failed }: Told & { id: string }): void {
    this.told.set(id, { detected, dropped, failed });
  }
}
