import { expect, it } from 'vitest';
import { PerCamera } from '../../src/tracking/per-camera';

it('has one thing for each camera, made when the camera is first seen', () => {
  let made = 0;
  const cameras = new PerCamera(() => ++made);
  expect([cameras.of('door'), cameras.of('garden'), cameras.of('door')]).toEqual([1, 2, 1]);
  expect([...cameras.entries()]).toEqual([
    ['garden', 2],
    ['door', 1],
  ]);
});

it('forgets the camera that was used least lately, when there are too many', () => {
  const cameras = new PerCamera(() => ({}));
  const first = cameras.of('camera 0');
  const second = cameras.of('camera 1');
  for (let i = 2; i < 1_000; i++) cameras.of(`camera ${i}`);
  expect(cameras.of('camera 0')).toBe(first);
  cameras.of('one more');
  expect(cameras.of('camera 1')).not.toBe(second);
  expect(cameras.of('camera 0')).toBe(first);
});
