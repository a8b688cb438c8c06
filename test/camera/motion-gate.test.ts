import sharp from 'sharp';
import { expect, it } from 'vitest';
import { MotionGate } from '../../src/camera/motion-gate';
import { changedShare } from '../../src/image/brightness';

/** A grey picture with a square of another brightness: `size` of its 320 x 240 pixels a side. */
async function picture(size: number, brightness = 220): Promise<Buffer> {
  const plain = sharp({ create: { width: 320, height: 240, channels: 3, background: '#606060' } });
  const background = `rgb(${brightness},${brightness},${brightness})`;
  const square = {
    create: { width: Math.max(1, size), height: Math.max(1, size), channels: 3 as const, background },
  };
  const placed = size > 0 ? plain.composite([{ input: square, left: 100, top: 60 }]) : plain;
  return placed.jpeg({ quality: 80 }).toBuffer();
}

it('the first picture passes, the same one does not pass again', async () => {
  const gate = new MotionGate(1);
  expect(await gate.passes(await picture(0))).toBe(true);
  expect(await gate.passes(await picture(0))).toBe(false);
});

it('a picture passes once enough of it has changed since the last that passed', async () => {
  const gate = new MotionGate(2);
  await gate.passes(await picture(0));
  expect(await gate.passes(await picture(10))).toBe(false); // 0.1 %
  expect(await gate.passes(await picture(80))).toBe(true); // 8 %
  expect(await gate.passes(await picture(80))).toBe(false);
});

it('the noise of a camera is no change', () => {
  const before = Uint8Array.from({ length: 768 }, () => 100);
  const noisy = before.map((value, index) => value + ((index * 7) % 9) - 4);
  expect(changedShare(before, noisy, 10)).toBe(0);
  expect(
    changedShare(
      before,
      before.map((value, index) => (index < 384 ? value + 50 : value)),
      10,
    ),
  ).toBe(0.5);
});
