import { describe, expect, it } from 'vitest';
import { Inbox, type InboxConfig } from '../../nodes/shared/inbox';

/** An inbox whose work ends when the test says so. */
function inboxOf(config: Partial<InboxConfig<number>> = {}) {
  const running = new Map<number, () => void>();
  const delivered: [item: number, dropped: number][] = [];
  const droppedItems: number[] = [];
  const inbox = new Inbox<number>({
    whenBusy: 'latest',
    queueLimit: 2,
    concurrency: () => 1,
    onDrop: (item) => droppedItems.push(item),
    work: (item, dropped) =>
      new Promise((resolve) => {
        running.set(item, () => resolve(() => delivered.push([item, dropped])));
      }),
    ...config,
  });
  const finish = async (item: number) => {
    running.get(item)?.();
    running.delete(item);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { inbox, running, delivered, droppedItems, finish };
}

describe('latest', () => {
  it('works on the first, keeps the newest, drops and counts those between', async () => {
    const { inbox, running, delivered, droppedItems, finish } = inboxOf();
    for (const item of [1, 2, 3, 4]) inbox.push(item);
    expect([...running.keys()]).toEqual([1]);
    expect(droppedItems).toEqual([2, 3]);
    await finish(1);
    expect([...running.keys()]).toEqual([4]);
    await finish(4);
    expect(delivered).toEqual([
      [1, 0],
      [4, 2],
    ]);
    expect(inbox.dropped).toBe(2);
  });

  it('loses no count: what is worked on and what is dropped add up to what came', async () => {
    const { inbox, delivered, finish } = inboxOf();
    let last = 0;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i <= round; i++) inbox.push(++last);
      for (let item = 1; item <= last; item++) await finish(item);
    }
    const dropped = delivered.reduce((sum, [, count]) => sum + count, 0);
    expect(delivered.length + dropped).toBe(15);
    expect(inbox.dropped).toBe(dropped);
  });
});

it('a message that fails leaves the count that it was to tell to the next one', async () => {
  const { inbox, delivered, finish } = inboxOf();
  for (const item of [1, 2, 3]) inbox.push(item);
  await finish(1);
  inbox.tellLater(1); // 3 has failed
  await finish(3);
  inbox.push(4);
  await finish(4);
  expect(delivered.at(-1)).toEqual([4, 1]);
  expect(inbox.dropped, 'they are counted once').toBe(1);
});

describe('queue', () => {
  it('keeps all in their order, up to the limit, and refuses what is beyond', async () => {
    const { inbox, delivered, finish } = inboxOf({ whenBusy: 'queue' });
    for (const item of [1, 2, 3]) inbox.push(item);
    expect(() => inbox.push(4)).toThrow(expect.objectContaining({ code: 'queue-full' }) as Error);
    await finish(1);
    inbox.push(5);
    for (const item of [2, 3, 5]) await finish(item);
    expect(delivered).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [5, 1],
    ]);
    expect(inbox.dropped).toBe(1);
  });
});

it('several at a time are delivered in the order in which they came', async () => {
  const { inbox, running, delivered, finish } = inboxOf({ whenBusy: 'queue', concurrency: () => 2 });
  for (const item of [1, 2, 3]) inbox.push(item);
  expect([...running.keys()]).toEqual([1, 2]);
  await finish(2);
  expect(delivered).toEqual([]);
  expect([...running.keys()]).toEqual([1, 3]);
  await finish(1);
  await finish(3);
  expect(delivered.map(([item]) => item)).toEqual([1, 2, 3]);
});

it('close drops what waits and tells of it; what is worked on is delivered', async () => {
  const { inbox, delivered, droppedItems, finish } = inboxOf({ whenBusy: 'queue' });
  for (const item of [1, 2, 3]) inbox.push(item);
  inbox.close();
  expect(droppedItems).toEqual([2, 3]);
  await finish(1);
  expect(delivered.map(([item]) => item)).toEqual([1]);
});
