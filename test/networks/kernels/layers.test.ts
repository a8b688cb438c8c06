// The compiled package has the kernels beside it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Kernels, loadKernels } from '../../../dist/src/networks/kernels/kernels';
import { Convolution, Pooling, WinogradConvolution } from '../../../dist/src/networks/kernels/layers';

/** Numbers between -1 and 1, the same for the same seed. */
function noise(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function load(): Kernels {
  const kernels = loadKernels();
  if (kernels === undefined) throw new Error('no vector instructions here');
  return kernels;
}

interface Plane {
  width: number;
  height: number;
  channels: number;
  values: Float32Array;
}

/** What a convolution is: each result the sum over a window, plus the bias, through PReLU. */
function convolvePlainly(
  { width, height, channels, values }: Plane,
  [down, across]: [number, number],
  filter: Float32Array,
  bias: Float32Array,
  slope?: Float32Array,
): number[] {
  const results: number[] = [];
  for (let y = 0; y + down <= height; y++) {
    for (let x = 0; x + across <= width; x++) {
      bias.forEach((start, result) => {
        let sum = start;
        for (let v = 0; v < down; v++)
          for (let u = 0; u < across; u++)
            for (let c = 0; c < channels; c++)
              sum +=
                values[((y + v) * width + x + u) * channels + c]! *
                filter[((v * across + u) * channels + c) * bias.length + result]!;
        results.push(slope === undefined || sum > 0 ? sum : sum * slope[result]!);
      });
    }
  }
  return results;
}

/** A plane in memory, its channels filled up to `floats`. */
function placePlane(kernels: Kernels, { width, height, channels, values }: Plane, floats: number): number {
  const stored = new Float32Array(width * height * floats);
  for (let pixel = 0; pixel < width * height; pixel++) {
    stored.set(values.subarray(pixel * channels, (pixel + 1) * channels), pixel * floats);
  }
  return kernels.place(stored);
}

/** Results without what their channels were filled up with. */
function readResults(
  kernels: Kernels,
  at: number,
  pixels: number,
  floats: number,
  results: number,
): number[] {
  return Array.from(kernels.read(at, pixels * floats)).filter((_, i) => i % floats < results);
}

function expectClose(found: number[], expected: number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const difference = found.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...difference)).toBeLessThan(tolerance);
}

const seed = fc.integer({ min: 1, max: 2 ** 31 });
const side = fc.integer({ min: 3, max: 19 });

it.each([
  { name: 'a picture of three channels, which is not filled up', channels: 3, results: 10, window: [3, 3] },
  { name: 'an odd number of vectors', channels: 8, results: 28, window: [3, 3] },
  { name: 'a 2x2 window', channels: 48, results: 64, window: [2, 2] },
  {
    name: 'a 1x1 window without PReLU, five results',
    channels: 32,
    results: 5,
    window: [1, 1],
    linear: true,
  },
] as const)('a convolution is the sum over its window: $name', ({ channels, results, window, ...rest }) => {
  const kernels = load();
  const filter = noise(window[0] * window[1] * channels * results, 7);
  const bias = noise(results, 8);
  const slope = 'linear' in rest ? undefined : noise(results, 9);
  const shape = [...window, channels, results];
  const layer = new Convolution(kernels, { filter: { shape, values: filter }, bias, slope });
  const { mark } = kernels;
  fc.assert(
    fc.property(side, side, seed, (width, height, start) => {
      const plane = { width, height, channels, values: noise(width * height * channels, start) };
      const [outWidth, outHeight] = [width - window[1] + 1, height - window[0] + 1];
      const input = placePlane(kernels, plane, channels);
      const output = kernels.reserve(outWidth * outHeight * layer.floats);
      layer.run(input, width, output, outWidth, outHeight);
      const found = readResults(kernels, output, outWidth * outHeight, layer.floats, results);
      kernels.free(mark);
      expectClose(found, convolvePlainly(plane, [...window], filter, bias, slope), 1e-4);
    }),
    { numRuns: 20 },
  );
});

it('a dense layer is a convolution over rows of values', () => {
  const kernels = load();
  const weights = noise(12 * 6, 3);
  const bias = noise(6, 4);
  const layer = new Convolution(kernels, { filter: { shape: [12, 6], values: weights }, bias });
  const rows = { width: 5, height: 1, channels: 12, values: noise(5 * 12, 5) };
  const output = kernels.reserve(5 * layer.floats);
  layer.run(kernels.place(rows.values), 5, output, 5, 1);
  expectClose(
    readResults(kernels, output, 5, layer.floats, 6),
    convolvePlainly(rows, [1, 1], weights, bias),
    1e-5,
  );
});

it('Winograd’s convolution is the plain one, to the last odd row and column, over several planes', () => {
  const kernels = load();
  const [channels, results] = [10, 12];
  const filter = noise(9 * channels * results, 1);
  const bias = noise(results, 2);
  const slope = noise(results, 3);
  const layer = new WinogradConvolution(kernels, {
    filter: { shape: [3, 3, channels, results], values: filter },
    bias,
    slope,
  });
  const { mark } = kernels;
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 3 }), seed, (width, height, count, start) => {
      const planes = Array.from({ length: count }, (_, i) => ({
        ...{ width, height, channels },
        values: noise(width * height * channels, start + i),
      }));
      // Planes lie one after the other.
      const together = {
        ...{ width, channels, height: height * count },
        values: Float32Array.from(planes.flatMap(({ values }) => [...values])),
      };
      const pixels = (width - 2) * (height - 2) * count;
      const input = placePlane(kernels, together, 12);
      const output = kernels.reserve(pixels * layer.floats);
      const tiles = Math.ceil((width - 2) / 4) * Math.ceil((height - 2) / 4);
      layer.run(input, width, height, output, 0, count * tiles);
      const found = readResults(kernels, output, pixels, layer.floats, results);
      kernels.free(mark);
      const expected = planes.flatMap((plane) => convolvePlainly(plane, [3, 3], filter, bias, slope));
      expectClose(found, expected, 1e-4);
    }),
    { numRuns: 30 },
  );
});

it.each([
  { size: 2, width: 5, height: 4, outWidth: 3, outHeight: 2, why: 'the last window is half outside' },
  { size: 3, width: 7, height: 7, outWidth: 3, outHeight: 3, why: 'all windows are inside' },
  {
    size: 3,
    width: 6,
    height: 6,
    outWidth: 3,
    outHeight: 3,
    why: 'windows overlap, the last reaches outside',
  },
])(
  'pooling takes the greatest of a window of $size: $why',
  ({ size, width, height, outWidth, outHeight }) => {
    const kernels = load();
    const values = noise(width * height * 4, 6);
    const output = kernels.reserve(outWidth * outHeight * 4);
    new Pooling(kernels, 4, size).run(kernels.place(values), width, height, output, outWidth, outHeight);
    const expected: number[] = [];
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++)
        for (let c = 0; c < 4; c++) {
          const window: number[] = [];
          for (let v = 2 * y; v < Math.min(height, 2 * y + size); v++)
            for (let u = 2 * x; u < Math.min(width, 2 * x + size); u++)
              window.push(values[(v * width + u) * 4 + c]!);
          expected.push(Math.max(...window));
        }
    expect(Array.from(kernels.read(output, expected.length))).toEqual(expected);
  },
);

it('room is given back, and what is placed later takes it again', () => {
  const kernels = load();
  const { mark } = kernels;
  const first = kernels.place([1, 2, 3]);
  kernels.free(mark);
  expect(kernels.place([4])).toBe(first);
  expect(kernels.read(first, 1)).toEqual(Float32Array.of(4));
});
