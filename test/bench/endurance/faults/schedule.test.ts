import { describe, expect, it } from 'vitest';
import { schedule } from '../../../../bench/endurance/faults/schedule';

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
