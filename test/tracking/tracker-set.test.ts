import { expect, it } from 'vitest';
import { TrackerSet } from '../../src/tracking/tracker-set';

it('follows each camera for itself', () => {
  const set = new TrackerSet();
  expect(set.of('door', 0)).not.toBe(set.of('garden', 0));
  expect(set.of('door', 1)).toBe(set.of('door', 2));
});

it('forgets cameras that send nothing any more', () => {
  const set = new TrackerSet();
  const door = set.of('door', 0);
  set.of('garden', 600_001);
  expect(set.size).toBe(1);
  expect(set.of('door', 600_002)).not.toBe(door);
});

it('does not grow without bounds, whatever names messages bring', () => {
  const set = new TrackerSet();
  for (let i = 0; i < 5_000; i++) set.of(`camera ${i}`, i);
  expect(set.size).toBeLessThanOrEqual(1_000);
});

it('refuses wrong options at once', () => {
  expect(() => new TrackerSet({ smoothing: 2 })).toThrow();
});
