import { describe, expect, it } from 'vitest';
import { Random } from '../../../bench/endurance/random';

describe('numbers from a seed', () => {
  const numbers = (...seeds: number[]) => {
    const random = new Random(...seeds);
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
