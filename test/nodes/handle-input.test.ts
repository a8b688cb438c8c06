import { EventEmitter } from 'node:events';
import type { Node, NodeMessage } from 'node-red';
import { expect, it } from 'vitest';
import { handleInput } from '../../nodes/shared/handle-input';
import { StatusLine } from '../../nodes/shared/status-line';
import { until } from '../support/processes';

it('drops before a message that fails are told by the next one', async () => {
  // Of a node, handleInput uses its events alone.
  const node = Object.assign(new EventEmitter(), { status: () => undefined }) as unknown as Node;
  const sent: [payload: unknown, dropped: number][] = [];
  const failed: string[] = [];
  const running = new Map<unknown, (fails: boolean) => void>();
  handleInput<NodeMessage>(node, {
    status: new StatusLine(node),
    failedText: 'failed',
    whenBusy: 'latest',
    queueLimit: 1,
    work: ({ payload }, dropped) =>
      new Promise((resolve, reject) => {
        running.set(payload, (fails) => {
          if (fails) reject(new Error(`no ${String(payload)}`));
          else resolve({ payload: [payload, dropped] });
        });
      }),
  });
  const push = (payload: number) =>
    node.emit(
      'input',
      { payload },
      (message: NodeMessage) => sent.push(message.payload as [unknown, number]),
      (error?: Error) => error !== undefined && failed.push(error.message),
    );
  const finish = async (payload: number, fails = false) => {
    await until(() => running.has(payload));
    running.get(payload)?.(fails);
  };

  for (const payload of [1, 2, 3, 4]) push(payload);
  await finish(1);
  await finish(4, true);
  await until(() => failed.length === 1);
  push(5);
  await finish(5);
  await until(() => sent.length === 2);
  expect(sent).toEqual([
    [1, 0],
    [5, 2],
  ]);
});
