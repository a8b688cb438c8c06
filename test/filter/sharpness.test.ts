import { describe, expect, it } from 'vitest';
import { sharpness } from '../../src/filter/sharpness';
import type { Pixels } from '../../src/image/pixels';

/** A picture of `side` x `side` whose grey at (x, y), both 0 to 1, is given. */
function picture(side: number, grey: (x: number, y: number) => number): Pixels {
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    data.fill(grey(((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side), 3 * i, 3 * i + 3);
  }
  return { data, width: side, height: side };
}

const whole = (side: number): [number, number, number, number] => [0, 0, side, side];
/** Upright waves, `cycles` of them across the picture. */
const waves =
  (cycles: number, amplitude = 100) =>
  (x: number) =>
    128 + amplitude * Math.sin(2 * Math.PI * cycles * x);

describe('sharpness', () => {
  it('of a plain face and of a slope is 0', () => {
    expect(
      sharpness(
        picture(64, () => 90),
        whole(64),
      ),
    ).toBeCloseTo(0, 3);
    expect(
      sharpness(
        picture(64, (x, y) => 64 * (x + y)),
        whole(64),
      ),
    ).toBeLessThan(1);
  });

  it('of waves is what their second difference says', () => {
    // Over 64 pixels a wave of n cycles has a Laplacian of amplitude 2 (1 - cos(2 pi n / 64)) times its own.
    const amplitude = 100 * 2 * (1 - Math.cos((2 * Math.PI * 8) / 64));
    const value = sharpness(picture(64, waves(8)), whole(64));
    expect(value / (amplitude ** 2 / 2)).toBeCloseTo(1, 1);
  });

  it('is lower the coarser the detail, and falls with the square of the contrast', () => {
    const [fine, coarse] = [picture(64, waves(8)), picture(64, waves(4))];
    expect(sharpness(coarse, whole(64))).toBeLessThan(sharpness(fine, whole(64)) / 8);
    const faint = sharpness(picture(64, waves(8, 50)), whole(64));
    expect(faint / sharpness(fine, whole(64))).toBeCloseTo(0.25, 1);
  });

  it.each([128, 256, 640])('is the same for the same face at %i pixels', (side) => {
    const small = sharpness(picture(64, waves(6)), whole(64));
    expect(sharpness(picture(side, waves(6)), whole(side)) / small).toBeCloseTo(1, 1);
  });

  it('looks at the box alone, and takes one that is partly outside', () => {
    const half = picture(128, (x) => (x < 0.5 ? 128 : waves(16)(x)));
    expect(sharpness(half, [0, 0, 60, 60])).toBeCloseTo(0, 3);
    expect(sharpness(half, [64, 0, 64, 64])).toBeGreaterThan(100);
    expect(sharpness(half, [96, -32, 64, 64])).toBeGreaterThan(50);
    expect(sharpness(half, [200, 200, 64, 64])).toBeCloseTo(0, 3);
  });
});
