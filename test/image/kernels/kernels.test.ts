// The compiled package has the kernels beside it.
import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pixels } from '../../../dist/src/image/pixels';

// One instance of each module, as Node.js loads them: they share the kernels' memory.
const dist = createRequire(path.resolve(__dirname, '../../../dist/src/image/index.js'));
const { halve } = dist('./halve') as typeof import('../../../dist/src/image/halve');
const { halveByKernel, placeForKernels } = dist(
  './kernels/kernels',
) as typeof import('../../../dist/src/image/kernels/kernels');
const { reductionsOf } = dist('./reductions') as typeof import('../../../dist/src/image/reductions');
const { resample } = dist('./resample') as typeof import('../../../dist/src/image/resample');

/** Noise, the same for the same seed. */
function noise(width: number, height: number, seed = 1): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, state = seed; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    data[i] = state >>> 24;
  }
  return { data, width, height };
}

const side = fc.integer({ min: 1, max: 70 });

describe('kernels', () => {
  it('work on a copy, in a memory of their own', () => {
    const image = noise(7, 5);
    const placed = placeForKernels(image);
    expect(placed.data.buffer).not.toBe(image.data.buffer);
    expect(placed).toEqual(image);
  });

  it('halve as the plain loops do, to the last odd column and row', () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (width, height, seed) => {
        const image = noise(width, height, seed);
        const half = halveByKernel(placeForKernels(image));
        expect(half).toEqual(halve(image));
      }),
    );
  });

  it('resample as the plain loops do: shrinking, enlarging, between pixels, beyond the border', () => {
    const start = fc.double({ min: -40, max: 90, noNaN: true });
    const length = fc.double({ min: 0.5, max: 90, noNaN: true });
    const outside = fc.constantFrom<'edge' | 'grey'>('edge', 'grey');
    fc.assert(
      fc.property(
        fc.record({ width: side, height: side }),
        fc.record({ x: start, y: start, width: length, height: length }),
        fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) }),
        outside,
        fc.constantFrom(0, 5),
        (image, window, size, beyond, gap) => {
          const picture = noise(image.width, image.height);
          const [plain, fast] = [picture, placeForKernels(picture)].map((source) => {
            // One value before, one behind, and those between rows that do not follow one another: they must stay.
            const pitch = size.width * 3 + gap;
            const out = new Float32Array(pitch * size.height + 2).fill(9);
            resample(source, window, size.width, size.height, beyond, out, 1, pitch);
            expect(
              out.filter((_, i) => i === 0 || (i - 1) % pitch >= size.width * 3).every((nine) => nine === 9),
            ).toBe(true);
            return out;
          });
          const differences = plain!.map((value, i) => Math.abs(value - fast![i]!));
          expect(Math.max(...differences)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('resample more rows than fit in their memory at once', () => {
    const picture = noise(900, 700);
    const [plain, fast] = [picture, placeForKernels(picture)].map((source) => {
      const out = new Float32Array(600 * 500 * 3);
      resample(source, { x: 0, y: 0, width: 900, height: 700 }, 600, 500, 'edge', out);
      return out;
    });
    expect(plain!.every((value, i) => Math.abs(value - fast![i]!) < 1e-5)).toBe(true);
  });

  it('keep the halves of a large picture beside it, and give its memory back at the next small one', () => {
    const large = noise(6000, 4000);
    const { pixels } = reductionsOf(placeForKernels(large)).atLeastTwice(8);
    expect(Buffer.compare(pixels.data, halve(halve(large)).data)).toBe(0);
    const bytes = pixels.data.buffer.byteLength;
    expect(bytes).toBeGreaterThan(large.data.length);
    expect(placeForKernels(noise(8, 8)).data.buffer.byteLength).toBeLessThan(bytes / 10);
  });

  it('leave a task alone that is too wide for their scratch: the plain loops do it', () => {
    const picture = placeForKernels(noise(30_000, 2));
    const out = new Float32Array(30_000 * 3);
    resample(picture, { x: 0, y: 0, width: 30_000, height: 2 }, 30_000, 1, 'edge', out);
    const other = new Float32Array(30_000 * 3);
    resample(noise(30_000, 2), { x: 0, y: 0, width: 30_000, height: 2 }, 30_000, 1, 'edge', other);
    expect(out).toEqual(other);
  });
});
