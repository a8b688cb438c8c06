import { expect, it } from 'vitest';
import { inTurns } from '../../nodes/shared/in-turns';

it('gives results in the order of the items, whichever is ready first', async () => {
  const waits = [3, 1, 2];
  const work = async (turns: number) => {
    for (let i = 0; i < turns; i++) await Promise.resolve();
    return turns;
  };
  expect(await inTurns(waits, 2, work)).toEqual(waits);
  expect(await inTurns([], 2, work)).toEqual([]);
});

it('begins nothing after a failure: bytes in an array are 100,000 wrong pictures', async () => {
  let begun = 0;
  const work = () => {
    begun++;
    return Promise.reject(new Error('no picture'));
  };
  await expect(inTurns(Array<number>(100_000).fill(0), 2, work)).rejects.toThrow('no picture');
  expect(begun).toBe(2);
});
