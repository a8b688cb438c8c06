// The compiled package finds the native engine as users' installations do.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  BOX_VALUES,
  cellsAlong,
  confidenceOf,
  FACE_VALUES,
  KEYPOINTS,
  LOGIT,
  logitOf,
  type Networks,
} from '../../dist/src/networks/networks';
import { isNativeInstalled, createNativeNetworks } from '../../dist/src/networks/native';
import { createTfjsNetworks } from '../../dist/src/networks/tfjs';
import { createVectorNetworks } from '../../dist/src/networks/vector';
import { createWasmNetworks } from '../../dist/src/networks/wasm';
import { describeWhere } from '../support/requires';
import { readGolden } from './golden';

const golden = readGolden();

/** The largest difference that the engines may show from the published Python networks. */
const TOLERANCE = 1e-4;

function normalised(name: string): { count: number; height: number; width: number; values: Float32Array } {
  const { shape, values } = golden(name);
  const [count = 0, height = 0, width = 0] = shape;
  return { count, height, width, values: Float32Array.from(values, (value) => (value - 127.5) / 128) };
}

/** Columns `from` to `to` of rows of `stride` values. */
function columns(rows: Float32Array, stride: number, from: number, to: number): number[] {
  return Array.from(rows).filter((_, at) => at % stride >= from && at % stride < to);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((largest, value, at) => Math.max(largest, Math.abs(value - (b[at] ?? NaN))), 0);
}

const engines = [
  { name: 'wasm', create: createWasmNetworks, here: true },
  { name: 'wasm without vector instructions', create: createTfjsNetworks, here: true },
  { name: 'native', create: createNativeNetworks, here: isNativeInstalled() },
] as const;

for (const { name, create, here } of engines) {
  describeWhere(here, `the ${name} engine is not installed (npm run native)`)(`${name} networks`, () => {
    let networks: Networks;
    beforeAll(async () => {
      networks = await create();
    });
    afterAll(() => networks.close());

    it('P-Net answers as the published one, over a whole level', () => {
      const { count, height, width, values } = normalised('pnet/input');
      const size = height * width * 3;
      const answers: number[] = [];
      for (let at = 0; at < count; at++) {
        answers.push(...networks.propose(values.subarray(at * size, (at + 1) * size), width, height));
      }
      const rows = Float32Array.from(answers);
      expect(rows.length).toBe(count * cellsAlong(width) * cellsAlong(height) * BOX_VALUES);
      expect(largestDifference(columns(rows, BOX_VALUES, 0, 4), golden('pnet/offsets').values)).toBeLessThan(
        TOLERANCE,
      );
      const confidences = columns(rows, BOX_VALUES, LOGIT, LOGIT + 1).map(confidenceOf);
      expect(largestDifference(confidences, golden('pnet/confidence').values)).toBeLessThan(TOLERANCE);
    });

    it('R-Net answers as the published one', () => {
      const { count, values } = normalised('rnet/input');
      const rows = networks.refine(values, count);
      expect(largestDifference(columns(rows, BOX_VALUES, 0, 4), golden('rnet/offsets').values)).toBeLessThan(
        TOLERANCE,
      );
      const confidences = columns(rows, BOX_VALUES, LOGIT, LOGIT + 1).map(confidenceOf);
      expect(largestDifference(confidences, golden('rnet/confidence').values)).toBeLessThan(TOLERANCE);
      expect(confidences[0], 'the first patch is a face').toBeGreaterThan(0.9);
    });

    it('O-Net answers as the published one', () => {
      const { count, values } = normalised('onet/input');
      const rows = networks.output(values, count);
      expect(largestDifference(columns(rows, FACE_VALUES, 0, 4), golden('onet/offsets').values)).toBeLessThan(
        TOLERANCE,
      );
      const confidences = columns(rows, FACE_VALUES, LOGIT, LOGIT + 1).map(confidenceOf);
      expect(largestDifference(confidences, golden('onet/confidence').values)).toBeLessThan(TOLERANCE);
      expect(
        largestDifference(
          columns(rows, FACE_VALUES, KEYPOINTS, FACE_VALUES),
          golden('onet/keypoints').values,
        ),
      ).toBeLessThan(TOLERANCE);
      expect(confidences[0], 'the first patch is a face').toBeGreaterThan(0.9);
    });

    it('answers a batch larger than one call as it answers each patch alone', () => {
      const { values } = normalised('rnet/input');
      const patch = 24 * 24 * 3;
      const count = 300;
      const many = new Float32Array(count * patch);
      for (let at = 0; at < count; at++)
        many.set(values.subarray((at % 3) * patch, ((at % 3) + 1) * patch), at * patch);
      const rows = networks.refine(many, count);
      const alone = networks.refine(values, 3);
      expect(rows.length).toBe(count * BOX_VALUES);
      expect(largestDifference(rows.slice(-3 * BOX_VALUES), alone)).toBeLessThan(1e-5);
    });
  });
}

it('a confidence and its logit are each other’s inverse', () => {
  for (const confidence of [0.01, 0.4, 0.6, 0.7, 0.999]) {
    expect(confidenceOf(logitOf(confidence))).toBeCloseTo(confidence, 12);
  }
});

it('a processor without vector instructions gets TensorFlow.js', async () => {
  const module = vi.spyOn(WebAssembly, 'Module').mockImplementation(() => {
    throw new WebAssembly.CompileError('invalid value type');
  });
  expect(createVectorNetworks()).toBeUndefined();
  const networks = await createWasmNetworks();
  module.mockRestore();
  expect(networks.engine).toBe('wasm');
  expect(networks.refine(new Float32Array(24 * 24 * 3), 1)).toHaveLength(BOX_VALUES);
  networks.close();
});
