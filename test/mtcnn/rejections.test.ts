import { describe, expect, it } from 'vitest';
import { Rejections } from '../../src/mtcnn/rejections';
import { boxesOf } from '../geometry/support';

describe('what thresholds just reject', () => {
  it.each([
    { confidence: 0.69, told: 1, reason: 'just below' },
    { confidence: 0.35, told: 1, reason: 'half of it' },
    { confidence: 0.34, told: 0, reason: 'far below: no matter of tuning' },
    { confidence: 0.7, told: 0, reason: 'at the threshold: not rejected' },
  ])('$confidence against 0.7: $reason', ({ confidence, told }) => {
    const rejections = new Rejections();
    rejections.note('output', boxesOf([10, 20, 40, 60, confidence]), 0.7);
    expect(rejections.list([])).toHaveLength(told);
  });

  it('is told with its box, its confidence and its stage; the last stage first', () => {
    const rejections = new Rejections();
    rejections.note('refine', boxesOf([100, 0, 140, 40, 0.625]), 0.7);
    rejections.note('output', boxesOf([10, 20, 40, 60, 0.5]), 0.7);
    expect(rejections.list([])).toEqual([
      { box: [10, 20, 30, 40], confidence: 0.5, stage: 'output' },
      { box: [100, 0, 40, 40], confidence: 0.625, stage: 'refine' },
    ]);
  });

  it('is told once, and not where there is a face', () => {
    const rejections = new Rejections();
    rejections.note('refine', boxesOf([0, 0, 40, 40, 0.6], [2, 0, 42, 40, 0.5], [100, 0, 140, 40, 0.6]), 0.7);
    expect(rejections.list([{ box: [98, 2, 40, 40], confidence: 0.9 }])).toEqual([
      { box: [0, 0, 40, 40], confidence: expect.closeTo(0.6) as number, stage: 'refine' },
    ]);
  });

  it('is never more than one can look at', () => {
    const rejections = new Rejections();
    for (let i = 0; i < 100; i++) rejections.note('refine', boxesOf([i * 50, 0, i * 50 + 40, 40, 0.6]), 0.7);
    expect(rejections.list([])).toHaveLength(20);
  });
});
