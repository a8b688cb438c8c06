import { expect, it } from 'vitest';
import { timesOf } from '../../../../bench/endurance/faults/figures';

it.each([
  { values: [5], times: { count: 1, p50: 5, p95: 5, max: 5 }, reason: 'a single one is all of them' },
  { values: [3, 1, 2], times: { count: 3, p50: 2, p95: 3, max: 3 }, reason: 'they are sorted' },
  {
    values: Array.from({ length: 100 }, (_, i) => i + 1),
    times: { count: 100, p50: 50, p95: 95, max: 100 },
    reason: '95 of 100 are no more than the 95th',
  },
])('times: $reason', ({ values, times }) => {
  expect(timesOf(values)).toEqual(times);
});
