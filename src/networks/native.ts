import path from 'node:path';
import util from 'node:util';
import { FaceError } from '../errors';
import { runInBatches } from './batches';
import { MODELS } from './model-files';
import { ONET_SIDE, RNET_SIDE, type Networks } from './networks';

/** What is used of `@tensorflow/tfjs-node`, an optional peer that may be absent. */
interface TfjsNode {
  tensor4d(values: Float32Array, shape: [number, number, number, number]): Tensor;
  node: { loadSavedModel(folder: string): Promise<{ predict(input: Tensor): Tensor; dispose(): void }> };
}
interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** Sides of P-Net's levels are rounded up to multiples of it, so that few shapes occur. */
const GRAIN = 8;

/**
 * A call of P-Net costs 0.1 ms, as much as 4,000 pixels, since TensorFlow runs it in a thread of its own. With this limit
 * seven of a camera picture's ten levels share one, which takes 0.92 of the proposal's time (2^13: 0.94, 2^15: 0.93).
 */
const SHARED = 2 ** 14;

/** Largest batch: more is no faster. */
const MOST_PATCHES = 128;

/** The few sizes of batches: exact where one patch more would count, then in larger and larger steps. */
function batchSize(left: number): number {
  const step = left <= 8 ? 1 : left <= 16 ? 4 : 16;
  return Math.min(MOST_PATCHES, Math.ceil(left / step) * step);
}

const PACKAGE = '@tensorflow/tfjs-node';

/** True where tfjs-node can be found; whether it loads is known only after trying. */
export function isNativeInstalled(): boolean {
  try {
    require.resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/**
 * The networks on TensorFlow's C library through tfjs-node: one native call a network.
 * @throws FaceError `engine-unavailable` if tfjs-node is absent or does not load
 */
export async function createNativeNetworks(): Promise<Networks> {
  // TensorFlow uses oneDNN by itself only where the processor has AVX-512 VNNI; with AVX2 it takes 0.38 of the time
  // for P-Net and 0.63 for R-Net and O-Net all the same (measured on an AMD EPYC).
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  // oneDNN compiles each new shape: room for all that the sizes of a folder of photographs make.
  process.env['ONEDNN_PRIMITIVE_CACHE_CAPACITY'] ??= '8192';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const tf = loadTfjsNode();
  const [pnet, rnet, onet] = await Promise.all(
    (['pnet', 'rnet', 'onet'] as const).map((name) => tf.node.loadSavedModel(path.join(MODELS, name))),
  );
  if (!pnet || !rnet || !onet) throw new Error('unreachable: three models were asked for');

  type Model = typeof pnet;
  function run(model: Model, input: Float32Array, shape: [number, number, number, number]): Float32Array {
    const x = tf.tensor4d(input, shape);
    const y = model.predict(x);
    const values = y.dataSync();
    x.dispose();
    y.dispose();
    return values;
  }
  const runBatch = (model: Model, patches: Float32Array, count: number, side: number) =>
    runInBatches(patches, count, side * side * 3, batchSize, (batch, size) =>
      run(model, batch, [size, side, side, 3]),
    );

  return {
    engine: 'native',
    grain: GRAIN,
    shared: SHARED,
    propose: (level, width, height) =>
      run(pnet, level.subarray(0, height * width * 3), [1, height, width, 3]),
    refine: (patches, count) => runBatch(rnet, patches, count, RNET_SIDE),
    output: (patches, count) => runBatch(onet, patches, count, ONET_SIDE),
    close: () => {
      for (const model of [pnet, rnet, onet]) model.dispose();
    },
  };
}

function loadTfjsNode(): TfjsNode {
  restoreUtil();
  try {
    // Required at run time only, since it may be absent. Its own types would make it a hard dependency.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(PACKAGE) as TfjsNode;
  } catch (error) {
    throw new FaceError(
      {
        code: 'engine-unavailable',
        expected: `${PACKAGE} to load`,
        got: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'no reason',
        hint: `Install it beside this package (npm install ${PACKAGE}), or choose the engine "auto" or "wasm".`,
      },
      error,
    );
  }
}

/** tfjs-node 4.22 calls functions of `util` that Node 23 took away (tensorflow/tfjs#8425, unreleased). */
function restoreUtil(): void {
  const legacy = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value: unknown) => typeof value === 'string',
    isNumber: (value: unknown) => typeof value === 'number',
    isFunction: (value: unknown) => typeof value === 'function',
    isObject: (value: unknown) => typeof value === 'object' && value !== null,
  };
  const target = util as unknown as Record<string, unknown>; // the functions are gone from its types, too
  for (const [name, implementation] of Object.entries(legacy)) target[name] ??= implementation;
}
