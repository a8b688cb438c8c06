import { describe, expect, it } from 'vitest';
import { type Delivery, type FrameId, FrameOrder } from '../../src/tracking/frame-order';

const WINDOW_MS = 100;

/** Frames of one camera, 10 ms apart, named by their numbers. */
const frame = (sequence: number, more: Partial<FrameId> = {}): FrameId => ({
  ...{ run: 'a', sequence, timestamp: sequence * 10 },
  ...more,
});
const numbers = (deliveries: Delivery<number>[]) => deliveries.map(({ item }) => item);

/** Lets frames come 10 ms apart; what is delivered in all once the window has passed. */
function arrive(frames: FrameId[]): Delivery<number>[] {
  const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
  const deliveries = frames.flatMap((each, i) => order.push(each, each.sequence, i * 10).deliveries);
  return [...deliveries, ...order.tick(frames.length * 10 + WINDOW_MS)];
}

describe('frames of one camera', () => {
  it.each([
    { came: [0, 1, 2, 3], reason: 'in order pass' },
    { came: [0, 2, 1, 3], reason: 'two that changed places are put back' },
    { came: [1, 0, 3, 2], reason: 'the first may be the one that waits' },
    { came: [3, 2, 1, 0], reason: 'backwards are turned round' },
  ])('$reason', ({ came }) => {
    const deliveries = arrive(came.map((sequence) => frame(sequence)));
    expect(numbers(deliveries)).toEqual([0, 1, 2, 3]);
    expect(deliveries.map(({ order }) => order)).toEqual(
      came.map(() => ({ missing: 0, late: 0, duplicate: 0 })),
    );
  });

  it('wait for none that the camera itself left out', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    const next = order.push(frame(4, { dropped: 2, unchanged: 1 }), 4, 10);
    expect(next.deliveries).toEqual([{ item: 4, order: { missing: 0, late: 0, duplicate: 0 } }]);
  });

  it('wait for a missing one as long as the window, and tell how many are missing', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    expect(order.push(frame(3), 3, 50).deliveries).toEqual([]);
    expect(order.push(frame(4), 4, 60).deliveries).toEqual([]);
    expect(order.dueMs).toBe(150);
    expect(order.tick(149)).toEqual([]);
    const deliveries = order.tick(150);
    expect(numbers(deliveries)).toEqual([3, 4]); // 4 follows 3, and need not wait for its own time
    expect(deliveries.map(({ order }) => order.missing)).toEqual([2, 0]);
    expect(order.dueMs).toBe(Infinity);
  });

  it('that came late let no earlier one wait beyond its time', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    order.push(frame(5), 5, 0);
    order.push(frame(3), 3, 90);
    expect(numbers(order.tick(100))).toEqual([3, 5]);
  });

  it('late and duplicate ones are recognised, dropped, and told with the next', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    order.push(frame(2), 2, 0);
    order.tick(WINDOW_MS);
    const fates = [frame(1), frame(1), frame(2), frame(0)].map((each) => order.push(each, 9, 200).fate);
    expect(fates).toEqual(['late', 'duplicate', 'duplicate', 'duplicate']);
    expect(order.push(frame(3), 3, 210).deliveries).toEqual([
      { item: 3, order: { missing: 0, late: 1, duplicate: 3 } },
    ]);
  });

  it('a duplicate of one that waits is one, too', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    order.push(frame(2), 2, 0);
    expect(order.push(frame(2), 2, 10).fate).toBe('duplicate');
  });

  it('wait in bounded number', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(0), 0, 0);
    const early = Array.from({ length: 101 }, (_, i) => order.push(frame(i + 2), i + 2, 1).deliveries).flat();
    // The first gives way to the 101st, and the others follow it.
    expect(numbers(early)).toEqual(Array.from({ length: 101 }, (_, i) => i + 2));
    expect(early[0]?.order.missing).toBe(1);
  });

  it('are all delivered at the end', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    for (const sequence of [0, 4, 2]) order.push(frame(sequence), sequence, 0);
    expect(numbers(order.flush())).toEqual([2, 4]);
    expect(order.dueMs).toBe(Infinity);
  });
});

describe('a camera that begins anew at 0', () => {
  it('is known by its run, whatever its clock says', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    order.push(frame(7), 7, 0);
    const [first, second] = [0, 1].map((sequence) => frame(sequence, { run: 'b', timestamp: 5 }));
    // What still waits of the run before comes first.
    expect(numbers(order.push(first!, 0, 10).deliveries)).toEqual([7, 0]);
    expect(numbers(order.push(second!, 1, 20).deliveries)).toEqual([1]);
    expect(order.push(frame(8), 8, 30).fate).toBe('late');
  });

  it('is known by its clock, where no run is named', () => {
    const order = new FrameOrder<number>({ windowMs: WINDOW_MS });
    const unnamed = (sequence: number, timestamp: number): FrameId => ({ sequence, timestamp });
    order.push(unnamed(0, 100), 0, 0);
    order.push(unnamed(1, 110), 1, 0);
    expect(order.push(unnamed(0, 200), 0, 0).fate).toBe('taken');
    expect(order.push(unnamed(1, 210), 1, 0).fate).toBe('taken');
  });
});

it('refuses a window out of range', () => {
  expect(() => new FrameOrder({ windowMs: -1 })).toThrow(
    expect.objectContaining({ code: 'option-invalid' }) as Error,
  );
});
