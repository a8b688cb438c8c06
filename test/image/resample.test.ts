import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve } from '../../src/image/halve';
import type { Pixels } from '../../src/image/pixels';
import { reductionsOf } from '../../src/image/reductions';
import { MEAN, resample, SPREAD, type Outside, type Window } from '../../src/image/resample';

/** A gray image from literal rows. */
function grayOf(...rows: number[][]): Pixels {
  const values = rows.flat();
  return {
    data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
    width: rows[0]?.length ?? 0,
    height: rows.length,
  };
}

/** Gray values of a resampled window, back in 0 to 255. */
function grayOut(
  image: Pixels,
  window: Window,
  width: number,
  height: number,
  outside: Outside = 'edge',
): number[][] {
  const out = new Float32Array(width * height * 3).fill(NaN);
  resample(image, window, width, height, outside, out);
  return Array.from({ length: height }, (_, y) =>
    Array.from(
      { length: width },
      (_, x) => Math.round(((out[(y * width + x) * 3] ?? NaN) * SPREAD + MEAN) * 100) / 100,
    ),
  );
}

const whole = ({ width, height }: Pixels): Window => ({ x: 0, y: 0, width, height });

describe('resample', () => {
  it('averages areas when it shrinks', () => {
    const image = grayOf([0, 20, 40, 60], [100, 120, 140, 160]);
    expect(grayOut(image, whole(image), 2, 1)).toEqual([[60, 100]]);
  });

  it('weights a source pixel by the part of it that a result covers', () => {
    const image = grayOf([0, 90, 180]);
    expect(grayOut(image, whole(image), 2, 1)).toEqual([[30, 150]]);
  });

  it('interpolates between pixel centres when it enlarges, and repeats the edge', () => {
    const image = grayOf([0, 100]);
    expect(grayOut(image, whole(image), 4, 1)).toEqual([[0, 25, 75, 100]]);
  });

  it('shrinks one axis while it enlarges the other', () => {
    const image = grayOf([0, 100, 200, 100]);
    expect(grayOut(image, whole(image), 2, 2)).toEqual([
      [50, 150],
      [50, 150],
    ]);
  });

  it('reads a window between pixels', () => {
    const image = grayOf([0, 100, 200, 100]);
    // Half of the first, the two between, half of the last: 350 / 3.
    expect(grayOut(image, { x: 0.5, y: 0, width: 3, height: 1 }, 1, 1)).toEqual([[116.67]]);
  });

  it('sees mid-grey beyond the border, in part and wholly', () => {
    const image = grayOf([255]);
    expect(grayOut(image, { x: -1, y: 0, width: 3, height: 1 }, 3, 1, 'grey')).toEqual([[MEAN, 255, MEAN]]);
    expect(grayOut(image, { x: 0.5, y: 0, width: 1, height: 1 }, 1, 1, 'grey')).toEqual([[(255 + MEAN) / 2]]);
    expect(grayOut(image, { x: 0, y: -1, width: 1, height: 3 }, 1, 3, 'grey')).toEqual([
      [MEAN],
      [255],
      [MEAN],
    ]);
    expect(grayOut(image, { x: 40, y: 40, width: 6, height: 6 }, 2, 2, 'grey')).toEqual([
      [MEAN, MEAN],
      [MEAN, MEAN],
    ]);
  });

  it('keeps the three channels apart', () => {
    const image: Pixels = { data: Uint8Array.of(10, 20, 30, 30, 40, 50), width: 2, height: 1 };
    const out = new Float32Array(3);
    resample(image, whole(image), 1, 1, 'edge', out);
    expect(Array.from(out, (value) => value * SPREAD + MEAN)).toEqual(
      [20, 30, 40].map((v) => expect.closeTo(v, 2) as number),
    );
  });

  it('leaves an even image even, whatever the window', () => {
    const side = fc.integer({ min: 1, max: 30 });
    const place = fc.double({ min: 0, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        place,
        fc.integer({ min: 0, max: 255 }),
        (w, h, toW, toH, at, value) => {
          const image = grayOf(...Array.from({ length: h }, () => new Array<number>(w).fill(value)));
          const window = { x: at * w, y: at * h, width: w * (0.6 + at / 2), height: h * (0.6 + at / 2) };
          for (const row of grayOut(image, window, toW, toH)) {
            for (const result of row)
              // Fixed point: each of up to 31 source rows errs by at most 0.004.
              expect(Math.abs(result - value)).toBeLessThan(0.13);
          }
        },
      ),
    );
  });
});

describe('halve', () => {
  it('averages two by two', () => {
    expect([...halve(grayOf([0, 20], [40, 60])).data]).toEqual([30, 30, 30]);
  });

  it('averages what is there at an odd side', () => {
    const { data, width, height } = halve(grayOf([0, 20, 100], [40, 60, 200], [10, 30, 50]));
    expect([width, height]).toEqual([2, 2]);
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([30, 150, 20, 50]);
  });
});

describe('reductions', () => {
  it('give the smallest power of two that leaves two source pixels for each one wanted', () => {
    const image = grayOf(...Array.from({ length: 64 }, () => new Array<number>(64).fill(7)));
    const reductions = reductionsOf(image);
    const cases = [
      { ratio: 0.5, divisor: 1, reason: 'enlarging takes the image itself' },
      { ratio: 2, divisor: 1, reason: 'half of it would leave only one' },
      { ratio: 3.99, divisor: 1, reason: 'still less than two of half of it' },
      { ratio: 4, divisor: 2, reason: 'exactly two of half of it' },
      { ratio: 17, divisor: 8, reason: 'two of an eighth' },
    ];
    for (const { ratio, divisor, reason } of cases) {
      const reduction = reductions.atLeastTwice(ratio);
      expect(reduction.divisor, reason).toBe(divisor);
      expect(reduction.pixels.width, reason).toBe(64 / divisor);
    }
    expect(reductions.atLeastTwice(17).pixels, 'made once').toBe(reductions.atLeastTwice(16).pixels);
  });
});
