import { expect, it } from 'vitest';
import { runInBatches } from '../../src/networks/batches';

/** A network that answers the sum of a patch and its size of batch. */
function summing(calls: number[]) {
  return (batch: Float32Array, size: number): Float32Array => {
    calls.push(size);
    expect(batch).toHaveLength(2 * size);
    return Float32Array.from({ length: size }, (_, i) => batch[2 * i]! + batch[2 * i + 1]!);
  };
}

it('runs what fits in one call', () => {
  const calls: number[] = [];
  const patches = Float32Array.of(1, 2, 3, 4);
  expect([...runInBatches(patches, 2, 2, (left) => left, summing(calls))]).toEqual([3, 7]);
  expect(calls).toEqual([2]);
});

it('runs more in several calls, the answers one after the other', () => {
  const calls: number[] = [];
  const patches = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect([...runInBatches(patches, 3, 2, (left) => Math.min(left, 2), summing(calls))]).toEqual([3, 7, 11]);
  expect(calls).toEqual([2, 1]);
});

it('fills the last call up, and forgets what is answered to that', () => {
  const calls: number[] = [];
  const patches = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  expect([...runInBatches(patches, 3, 2, () => 2, summing(calls))]).toEqual([3, 7, 11]);
  expect(calls).toEqual([2, 2]);
});
