import type { Node, NodeMessageInFlow } from 'node-red';
import { toFaceError } from '../../src/errors';
import { type Delivery, type FrameId, FrameOrder } from '../../src/tracking/frame-order';
import { PerCamera } from '../../src/tracking/per-camera';
import { type Arrival, type AtOnceConfig, type Done, type Send, workAtOnce } from './handle-input';
import type { FaceMessage, FrameMessage } from './message';
import { readFields } from './options';
import { readUserProperties } from './user-properties';

/** A camera that sends nothing for so long, in ms, is forgotten with the numbers of its frames. */
const FORGET_MS = 600_000;

/** What the dialog of such a node has. */
export interface OrderFields {
  /** How long a frame waits for those before it, in ms; 0: not at all. */
  orderWindow?: number | string;
}

interface InOrderConfig extends AtOnceConfig {
  fields: OrderFields;
  /** Told of the number of frames dropped so far, as late or as duplicates, whenever it grows. */
  onLost: (total: number) => void;
}

/**
 * The way of `handleAtOnce`, with the frames of each camera in order: a frame that came too soon is held for a while, and
 * one that came too late, or again, is dropped and counted. What has no number, such as a command, is worked on as it comes.
 */
export function handleInOrder(node: Node, { fields, onLost, ...config }: InOrderConfig): void {
  let timer: NodeJS.Timeout | undefined;
  let lost = 0;

  const deliver = (deliveries: Delivery<Arrival<FaceMessage>>[]) => {
    for (const { item, order } of deliveries) {
      item.message.order = order;
      workAtOnce(config, item);
    }
  };
  const cameras = new PerCamera(
    () => new FrameOrder<Arrival<FaceMessage>>(readWindow(fields)),
    FORGET_MS,
    (camera) => deliver(camera.flush()),
  );

  /** Sets the clock for the frame that is due next. */
  const wait = () => {
    clearTimeout(timer);
    const dueMs = Math.min(...[...cameras.entries()].map(([, camera]) => camera.dueMs));
    if (dueMs !== Infinity) timer = setTimeout(look, Math.ceil(dueMs - performance.now()));
  };
  const look = () => {
    for (const [, camera] of cameras.entries()) deliver(camera.tick(performance.now()));
    wait();
  };

  const take = (arrival: Arrival<FaceMessage>) => {
    const frame = readFrameId(arrival.message);
    if (frame === undefined || readWindow(fields).windowMs === 0) {
      workAtOnce(config, arrival);
      return;
    }
    const now = performance.now();
    const { fate, deliveries } = cameras.of(arrival.message.topic ?? '', now).push(frame, arrival, now);
    if (fate !== 'taken') {
      onLost(++lost);
      arrival.done();
    }
    deliver(deliveries);
    wait();
  };

  node.on('input', (message: NodeMessageInFlow, send: Send, done: Done) => {
    readUserProperties(message);
    try {
      take({ message, send, done });
    } catch (error) {
      config.status.show({ fill: 'red', shape: 'ring', text: config.failedText });
      done(toFaceError(error));
    }
  });
  node.on('close', () => {
    clearTimeout(timer);
    for (const [, camera] of cameras.entries()) deliver(camera.flush());
  });
}

/** @throws FaceError `option-invalid` */
function readWindow(fields: OrderFields): { windowMs: number } {
  const { orderWindow = 0 } = readFields(fields, { orderWindow: 'number' } as const);
  return { windowMs: orderWindow };
}

/** What tells the frame of a message from others; nothing where it has no number. */
function readFrameId(message: FaceMessage): FrameId | undefined {
  const given: unknown = message.frame; // any node may have set it, to anything
  if (typeof given !== 'object' || given === null) return undefined;
  const frame = given as FrameMessage;
  if (!Number.isInteger(frame.sequence) || !Number.isFinite(frame.timestamp)) return undefined;
  const { run, sequence, timestamp, dropped, unchanged } = frame;
  const count = (value: unknown) => (Number.isInteger(value) ? Number(value) : 0);
  return {
    ...(typeof run === 'string' ? { run } : {}),
    ...{ sequence, timestamp, dropped: count(dropped), unchanged: count(unchanged) },
  };
}
