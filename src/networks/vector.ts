import { runInBatches } from './batches';
import { FLOAT, type Kernels, loadKernels } from './kernels/kernels';
import { Convolution, type LayerWeights, Pooling, WinogradConvolution } from './kernels/layers';
import { arrayOf, readWeights } from './model-files';
import { BOX_VALUES, cellsAlong, FACE_VALUES, type Networks, ONET_SIDE, RNET_SIDE } from './networks';

/** Patches whose layers are computed together: what they hand on stays in a cache of 512 kB. */
const GROUP = { refine: 8, output: 4 } as const;

/** Most patches of one call: bounds the memory, which never shrinks. */
const BATCH = { refine: 128, output: 32 } as const;

/** Finds the weights of a layer such as `pnet/conv1`. */
type LayerOf = (name: string) => LayerWeights;

/**
 * The networks on our own kernels: WebAssembly with vector instructions, in 0.45 to 0.5 of the time of TensorFlow.js'.
 * @returns undefined where the processor lacks these instructions
 */
export function createVectorNetworks(): Networks | undefined {
  const kernels = loadKernels();
  if (kernels === undefined) return undefined;
  const layerOf = readLayers();
  const propose = createPnet(kernels, layerOf);
  const refine = createRnet(kernels, layerOf);
  const output = createOnet(kernels, layerOf);
  return {
    engine: 'wasm',
    grain: 1,
    shared: 0,
    propose,
    refine: (patches, count) =>
      runInBatches(patches, count, RNET_SIDE ** 2 * 3, (left) => Math.min(left, BATCH.refine), refine),
    output: (patches, count) =>
      runInBatches(patches, count, ONET_SIDE ** 2 * 3, (left) => Math.min(left, BATCH.output), output),
    close: () => undefined, // the memory goes with the last reference to it
  };
}

function readLayers(): LayerOf {
  const weights = readWeights();
  return (name) => ({
    filter: weights.get(`${name}/filter`) ?? arrayOf(weights, `${name}/weights`),
    bias: arrayOf(weights, `${name}/bias`).values,
    slope: weights.get(`${name}/slope`)?.values,
  });
}

/** P-Net. Each layer goes on as soon as the one before has the rows that it needs, while the cache holds them. */
function createPnet(kernels: Kernels, layerOf: LayerOf): Networks['propose'] {
  const conv1 = new Convolution(kernels, layerOf('pnet/conv1'));
  const pool1 = new Pooling(kernels, conv1.floats, 2);
  const conv2 = new WinogradConvolution(kernels, layerOf('pnet/conv2'));
  const conv3 = new WinogradConvolution(kernels, layerOf('pnet/conv3'));
  const head = new Convolution(kernels, layerOf('pnet/head'));

  return (level, width, height) => {
    const { mark } = kernels;
    const [width1, height1] = [width - 2, height - 2];
    const [width2, height2] = [Math.ceil(width1 / 2), Math.ceil(height1 / 2)];
    const [width3, height3] = [width2 - 2, height2 - 2];
    const [columns, rows] = [cellsAlong(width), cellsAlong(height)];
    const input = kernels.place(level.subarray(0, width * height * 3));
    const twoRows = kernels.reserve(2 * width1 * conv1.floats);
    const pooled1 = kernels.reserve(width2 * height2 * conv1.floats);
    const plane2 = kernels.reserve(width3 * height3 * conv2.floats);
    const plane3 = kernels.reserve(columns * rows * conv3.floats);
    const answers = kernels.reserve(columns * rows * BOX_VALUES);

    let pooledRows = 0;
    const poolUpTo = (row: number): void => {
      for (; pooledRows < row; pooledRows++) {
        const count = Math.min(2, height1 - 2 * pooledRows);
        conv1.run(input + 2 * pooledRows * width * 3 * FLOAT, width, twoRows, width1, count);
        pool1.run(twoRows, width1, count, pooled1 + pooledRows * width2 * conv1.floats * FLOAT, width2, 1);
      }
    };
    // Winograd's tiles are four rows of results, which need six.
    const tiles2 = Math.ceil(width3 / 4);
    let rows3 = 0;
    const convolveUpTo = (row: number): void => {
      for (; rows3 < row; rows3 += 4) {
        poolUpTo(Math.min(rows3 + 6, height2));
        const tile = (rows3 / 4) * tiles2;
        conv2.run(pooled1, width2, height2, plane2, tile, tile + tiles2);
      }
    };
    const tiles3 = Math.ceil(columns / 4);
    for (let row = 0; row < rows; row += 4) {
      convolveUpTo(Math.min(row + 6, height3));
      const tile = (row / 4) * tiles3;
      conv3.run(plane2, width3, height3, plane3, tile, tile + tiles3);
      const cell = row * columns * FLOAT;
      const count = Math.min(4, rows - row);
      head.run(
        plane3 + cell * conv3.floats,
        columns,
        answers + cell * BOX_VALUES,
        columns,
        count,
        BOX_VALUES,
      );
    }
    const values = kernels.read(answers, columns * rows * BOX_VALUES);
    kernels.free(mark);
    return values;
  };
}

/** R-Net on at most {@link BATCH} patches of 24x24. */
function createRnet(kernels: Kernels, layerOf: LayerOf): Networks['refine'] {
  const conv1 = new Convolution(kernels, layerOf('rnet/conv1'));
  const pool1 = new Pooling(kernels, conv1.floats, 3);
  const conv2 = new WinogradConvolution(kernels, layerOf('rnet/conv2'));
  const pool2 = new Pooling(kernels, conv2.floats, 3);
  const conv3 = new Convolution(kernels, layerOf('rnet/conv3'));
  const dense = new Convolution(kernels, layerOf('rnet/dense'));
  const head = new Convolution(kernels, layerOf('rnet/head'));

  return (patches, count) => {
    const { mark } = kernels;
    const input = kernels.place(patches);
    const plane1 = kernels.reserve(22 * 22 * conv1.floats);
    const pooled1 = kernels.reserve(GROUP.refine * 11 * 11 * conv1.floats);
    const plane2 = kernels.reserve(GROUP.refine * 9 * 9 * conv2.floats);
    const pooled2 = kernels.reserve(4 * 4 * conv2.floats);
    const plane3 = kernels.reserve(count * 3 * 3 * conv3.floats);
    const hidden = kernels.reserve(count * dense.floats);
    const answers = kernels.reserve(count * BOX_VALUES);
    for (let first = 0; first < count; first += GROUP.refine) {
      const group = Math.min(GROUP.refine, count - first);
      for (let i = 0; i < group; i++) {
        conv1.run(input + (first + i) * 24 * 24 * 3 * FLOAT, 24, plane1, 22, 22);
        pool1.run(plane1, 22, 22, pooled1 + i * 11 * 11 * conv1.floats * FLOAT, 11, 11);
      }
      conv2.run(pooled1, 11, 11, plane2, 0, group * 3 * 3);
      for (let i = 0; i < group; i++) {
        pool2.run(plane2 + i * 9 * 9 * conv2.floats * FLOAT, 9, 9, pooled2, 4, 4);
        conv3.run(pooled2, 4, plane3 + (first + i) * 3 * 3 * conv3.floats * FLOAT, 3, 3);
      }
    }
    dense.run(plane3, count, hidden, count, 1);
    head.run(hidden, count, answers, count, 1, BOX_VALUES);
    const values = kernels.read(answers, count * BOX_VALUES);
    kernels.free(mark);
    return values;
  };
}

/** O-Net on at most {@link BATCH} patches of 48x48. */
function createOnet(kernels: Kernels, layerOf: LayerOf): Networks['output'] {
  const conv1 = new Convolution(kernels, layerOf('onet/conv1'));
  const pool1 = new Pooling(kernels, conv1.floats, 3);
  const conv2 = new WinogradConvolution(kernels, layerOf('onet/conv2'));
  const pool2 = new Pooling(kernels, conv2.floats, 3);
  const conv3 = new WinogradConvolution(kernels, layerOf('onet/conv3'));
  const pool3 = new Pooling(kernels, conv3.floats, 2);
  const conv4 = new Convolution(kernels, layerOf('onet/conv4'));
  const dense = new Convolution(kernels, layerOf('onet/dense'));
  const head = new Convolution(kernels, layerOf('onet/head'));

  return (patches, count) => {
    const { mark } = kernels;
    const input = kernels.place(patches);
    const plane1 = kernels.reserve(46 * 46 * conv1.floats);
    const pooled1 = kernels.reserve(GROUP.output * 23 * 23 * conv1.floats);
    const plane2 = kernels.reserve(GROUP.output * 21 * 21 * conv2.floats);
    const pooled2 = kernels.reserve(GROUP.output * 10 * 10 * conv2.floats);
    const plane3 = kernels.reserve(GROUP.output * 8 * 8 * conv3.floats);
    const pooled3 = kernels.reserve(4 * 4 * conv3.floats);
    const plane4 = kernels.reserve(count * 3 * 3 * conv4.floats);
    const hidden = kernels.reserve(count * dense.floats);
    const answers = kernels.reserve(count * head.floats);
    for (let first = 0; first < count; first += GROUP.output) {
      const group = Math.min(GROUP.output, count - first);
      for (let i = 0; i < group; i++) {
        conv1.run(input + (first + i) * 48 * 48 * 3 * FLOAT, 48, plane1, 46, 46);
        pool1.run(plane1, 46, 46, pooled1 + i * 23 * 23 * conv1.floats * FLOAT, 23, 23);
      }
      conv2.run(pooled1, 23, 23, plane2, 0, group * 6 * 6);
      for (let i = 0; i < group; i++) {
        const to = pooled2 + i * 10 * 10 * conv2.floats * FLOAT;
        pool2.run(plane2 + i * 21 * 21 * conv2.floats * FLOAT, 21, 21, to, 10, 10);
      }
      conv3.run(pooled2, 10, 10, plane3, 0, group * 2 * 2);
      for (let i = 0; i < group; i++) {
        pool3.run(plane3 + i * 8 * 8 * conv3.floats * FLOAT, 8, 8, pooled3, 4, 4);
        conv4.run(pooled3, 4, plane4 + (first + i) * 3 * 3 * conv4.floats * FLOAT, 3, 3);
      }
    }
    dense.run(plane4, count, hidden, count, 1);
    head.run(hidden, count, answers, count, 1);
    const rows = kernels.read(answers, count * head.floats);
    kernels.free(mark);
    return withoutFilling(rows, head.floats, FACE_VALUES);
  };
}

/** The first `values` of every `floats`: a result of fifteen was filled up to whole vectors. */
function withoutFilling(rows: Float32Array, floats: number, values: number): Float32Array {
  const count = rows.length / floats;
  const packed = new Float32Array(count * values);
  for (let i = 0; i < count; i++) packed.set(rows.subarray(i * floats, i * floats + values), i * values);
  return packed;
}
