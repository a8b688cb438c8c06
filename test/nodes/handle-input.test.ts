import { EventEmitter } from 'node:events';
import type { Node, NodeMessage } from 'node-red';
import { describe, expect, it } from 'vitest';
import { handleInput } from '../../nodes/shared/handle-input';
import { StatusLine } from '../../nodes/shared/status-line';

interface Message extends NodeMessage {
  number: number;
}

/** A node that works on numbered messages until the test says so, and what it did. */
function nodeOf() {
  // What handleInput needs of a node is its events.
  const node = Object.assign(new EventEmitter(), { status: () => undefined }) as unknown as Node;
  const working = new Map<number, { succeed: () => void; fail: () => void }>();
  const sent: [number: number, dropped: number][] = [];
  const done: [number: number, error: string | undefined][] = [];
  handleInput<Message>(node, {
    status: new StatusLine(node),
    failedText: 'failed',
    whenBusy: 'latest',
    queueLimit: 1,
    work: (message, dropped) =>
      new Promise((resolve, reject) => {
        working.set(message.number, {
          succeed: () => {
            sent.push([message.number, dropped]);
            resolve(message);
          },
          fail: () => reject(new Error('broken')),
        });
      }),
  });
  const take = (...numbers: number[]) => {
    for (const number of numbers) {
      const finish = (error?: Error) => done.push([number, error?.message]);
      node.emit('input', { number }, () => undefined, finish);
    }
  };
  const finish = async (number: number, how: 'succeed' | 'fail') => {
    working.get(number)?.[how]();
    working.delete(number);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  };
  return { node, working, sent, done, take, finish };
}

describe('messages that were dropped', () => {
  it('are told of by a later message where the one that should have told of them fails', async () => {
    const { sent, take, finish } = nodeOf();
    take(1, 2, 3, 4); // 2 and 3 are dropped
    await finish(1, 'succeed');
    await finish(4, 'fail');
    take(5);
    await finish(5, 'succeed');
    expect(sent).toEqual([
      [1, 0],
      [5, 2],
    ]);
  });
});

describe('a node that is closing', () => {
  it('begins no work on what still arrives, and answers it', () => {
    const { node, working, done, take } = nodeOf();
    node.emit('close');
    take(1);
    expect([...working.keys()]).toEqual([]);
    expect(done).toEqual([[1, undefined]]);
  });

  it('answers what it was working on, without an error where its end was the cause', async () => {
    const { node, done, take, finish } = nodeOf();
    take(1);
    node.emit('close');
    await finish(1, 'fail');
    expect(done).toEqual([[1, undefined]]);
  });
});
