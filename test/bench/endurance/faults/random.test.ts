import { describe, expect, it } from 'vitest';
import { randomOf, schedule } from '../../../../bench/endurance/faults/random';

describe('numbers from a seed', () => {
  const numbers = (...seeds: number[]) => {
    const random = randomOf(...seeds);
    return Array.from({ length: 1_000 }, () => random.between(10, 20));
  };

  it('are the same for the same seed, and others for another', () => {
    expect(numbers(1, 7)).toEqual(numbers(1, 7));
    expect(numbers(1, 7)[0]).not.toBe(numbers(1, 8)[0]);
    expect(numbers(1, 7)[0]).not.toBe(numbers(2, 7)[0]);
  });

  it('fill their range evenly', () => {
    const parts = Array.from({ length: 10 }, () => 0);
    for (const number of numbers(3)) parts[Math.floor(number) - 10]!++;
    for (const part of parts) expect(part).toBeGreaterThan(60);
  });
});

describe('a schedule', () => {
  const kinds = ['a', 'b', 'c', 'd'];

  it('has every kind equally often, in a random order', () => {
    const all = schedule(kinds, 40, 1);
    for (const kind of kinds) expect(all.filter((each) => each === kind)).toHaveLength(10);
    expect(all.slice(0, 4).join('')).not.toBe(all.slice(4, 8).join(''));
  });

  it('tells the kind of a fault by its number alone, whatever the count: one can be repeated', () => {
    expect(schedule(kinds, 10, 5)).toEqual(schedule(kinds, 40, 5).slice(0, 10));
  });
});
