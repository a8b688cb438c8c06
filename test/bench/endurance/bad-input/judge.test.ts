import { expect, it } from 'vitest';
import type { Target } from '../../../../bench/endurance/bad-input/generators';
import { type Answer, judge } from '../../../../bench/endurance/bad-input/judge';

const FACE = { box: [0, 0, 9, 9], confidence: 1 };
const FOUND = { payload: [FACE], detection: { width: 9, height: 9 } };

const rows: { reason: string; target?: Target; answer: Partial<Answer>; faults: number }[] = [
  { reason: 'a result', answer: { results: [FOUND], completed: 1 }, faults: 0 },
  { reason: 'a typed error', answer: { errors: ['image-type'] }, faults: 0 },
  { reason: 'an unforeseen error', answer: { errors: ['internal'] }, faults: 1 },
  { reason: 'an error without a code', answer: { errors: [undefined] }, faults: 1 },
  { reason: 'no answer', answer: {}, faults: 1 },
  { reason: 'two errors', answer: { errors: ['image-type', 'image-type'] }, faults: 1 },
  { reason: 'a result and an error', answer: { results: [FOUND], errors: ['image-type'] }, faults: 1 },
  { reason: 'done without a result', answer: { completed: 1 }, faults: 1 },
  { reason: 'a late answer', answer: { results: [FOUND], completed: 1, ms: 101 }, faults: 1 },
  {
    reason: 'a face that is no number',
    answer: { results: [{ ...FOUND, payload: [{ ...FACE, box: [0, 0, NaN, 9] }] }], completed: 1 },
    faults: 1,
  },
  {
    reason: 'fewer detections than pictures',
    answer: { results: [{ image: [1, 2], payload: [[], []], detection: [] }], completed: 1 },
    faults: 1,
  },
  {
    reason: 'a view that cannot draw what it took',
    target: 'view',
    answer: { completed: 1, errors: ['image-type'] },
    faults: 0,
  },
  { reason: 'a tracker that was told to forget', target: 'track', answer: { completed: 1 }, faults: 0 },
];

it.each(rows)('$reason', ({ target = 'detect', answer, faults }) => {
  expect(judge(target, { results: [], errors: [], completed: 0, ms: 0, ...answer }, 100)).toHaveLength(
    faults,
  );
});
