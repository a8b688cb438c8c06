import type { Node, NodeMessage, NodeMessageInFlow } from 'node-red';
import { toFaceError } from '../../src/errors';
import { Inbox, type WhenBusy } from './inbox';
import type { FaceMessage } from './message';
import type { StatusLine } from './status-line';
import { readUserProperties } from './user-properties';

/** One message, or one for each output; null for none. */
type Output = NodeMessage | (NodeMessage | NodeMessage[] | null)[];
export type Send = (message: Output) => void;
export type Done = (error?: Error) => void;

/** A message with the functions that Node-RED gives with it. */
export interface Arrival<M> {
  message: M;
  send: Send;
  done: Done;
}

interface StatusConfig {
  status: StatusLine;
  /** Shown under the node when a message failed. */
  failedText: string;
}

export interface InputConfig<M> extends StatusConfig {
  whenBusy: WhenBusy;
  queueLimit: number;
  /** @default 1 */
  concurrency?: () => number;
  /**
   * Works on one message.
   * @param dropped messages dropped between the one before and this one
   * @returns the message to send on (or one for each output), or nothing
   */
  work: (message: M, dropped: number) => Promise<Output | undefined>;
  /** Told of the number of messages dropped so far, whenever it grows. */
  onDropped?: (total: number) => void;
}

export interface AtOnceConfig extends StatusConfig {
  /** Works on one message, and sends what comes of it. */
  work: (message: FaceMessage, send: Send) => void;
}

/**
 * The way in which a node takes messages whose work is done at once: an error reaches `done(err)`, so that a Catch node
 * sees it, and the status.
 */
export function handleAtOnce(node: Node, config: AtOnceConfig): void {
  node.on('input', (message: NodeMessageInFlow, send: Send, done: Done) => {
    // A node-red message is any object: what a node reads of it is checked where it is used.
    readUserProperties(message);
    workAtOnce(config, { message, send, done });
  });
}

/** Works on one message; an error reaches `done(err)` and the status. */
export function workAtOnce(
  { status, failedText, work }: AtOnceConfig,
  { message, send, done }: Arrival<FaceMessage>,
): void {
  try {
    work(message, send);
    done();
  } catch (error) {
    status.show({ fill: 'red', shape: 'ring', text: failedText });
    done(toFaceError(error));
  }
}

/**
 * The way in which a node takes messages whose work takes time: back-pressure, then a promise whose result is sent and whose error
 * reaches `done(err)`, so that a Catch node sees it, and the status.
 */
export function handleInput<M extends NodeMessage>(
  node: Node,
  { status, failedText, whenBusy, queueLimit, concurrency = () => 1, work, onDropped }: InputConfig<M>,
): void {
  let closed = false;
  const fail = (done: Done, error: unknown) => {
    // Work that was ended with the node is no fault.
    if (!closed) status.show({ fill: 'red', shape: 'ring', text: failedText });
    done(closed ? undefined : toFaceError(error));
  };
  const inbox = new Inbox<Arrival<M>>({
    whenBusy,
    queueLimit,
    concurrency,
    async work({ message, send, done }, dropped) {
      try {
        const result = await work(message, dropped);
        return () => {
          if (result !== undefined) send(result);
          done();
        };
      } catch (error) {
        // The message that should have told of them is none.
        inbox.tellLater(dropped);
        return () => fail(done, error);
      }
    },
    onDrop({ done }) {
      onDropped?.(inbox.dropped);
      done();
    },
  });
  node.on('input', (message: NodeMessageInFlow, send: Send, done: Done) => {
    // Node-RED brings messages until all of the node is closed: work that begins now would never end.
    if (closed) {
      done();
      return;
    }
    try {
      // What a node reads of a message is checked where it is used.
      readUserProperties(message);
      inbox.push({ message: message as unknown as M, send, done });
    } catch (error) {
      onDropped?.(inbox.dropped);
      fail(done, error);
    }
  });
  node.on('close', () => {
    closed = true;
    inbox.close();
  });
}
