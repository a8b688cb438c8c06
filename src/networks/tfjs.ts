import path from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { FaceError } from '../errors';
import { runInBatches } from './batches';
import { arrayOf, readWeights } from './model-files';
import { ONET_SIDE, RNET_SIDE, type Networks } from './networks';

/** Largest batch in one call: bounds the heap, which never shrinks, at about 40 MB of activations. */
const BATCH = { refine: 128, output: 32 };

/**
 * The networks on TensorFlow.js' WebAssembly backend: no native part, no vector instructions needed.
 * @throws FaceError `engine-unavailable` if WebAssembly does not start
 */
export async function createTfjsNetworks(): Promise<Networks> {
  const entry = require.resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(path.dirname(entry) + path.sep);
  if (!(await tf.setBackend('wasm'))) {
    throw new FaceError({
      code: 'engine-unavailable',
      expected: 'WebAssembly to start',
      got: 'a failure of its backend',
      hint: 'Check that Node.js runs with WebAssembly, and that the package was installed whole.',
    });
  }
  const weights = readWeights();
  const tensors: tf.Tensor[] = [];

  function tensor<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const { shape, values } = arrayOf(weights, name);
    const made = tf.tensor<R>(values, shape as tf.ShapeMap[R], 'float32');
    tensors.push(made);
    return made;
  }

  type Layer = (x: tf.Tensor) => tf.Tensor;

  /** A convolution without padding, stride 1, PReLU fused where the layer has slopes. */
  function convolution(name: string): Layer {
    const filter = tensor<tf.Rank.R4>(`${name}/filter`);
    const bias = tensor<tf.Rank.R1>(`${name}/bias`);
    const prelu = weights.has(`${name}/slope`)
      ? ({ activation: 'prelu', preluActivationWeights: tensor<tf.Rank.R1>(`${name}/slope`) } as const)
      : {};
    return (x) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter, strides: 1, pad: 'valid', bias, ...prelu });
  }

  function dense(name: string): Layer {
    const b = tensor<tf.Rank.R2>(`${name}/weights`);
    const bias = tensor<tf.Rank.R1>(`${name}/bias`);
    const rows = b.shape[0];
    const prelu = weights.has(`${name}/slope`)
      ? ({ activation: 'prelu', preluActivationWeights: tensor<tf.Rank.R1>(`${name}/slope`) } as const)
      : {};
    return (x) => tf.fused.matMul({ a: tf.reshape<tf.Rank.R2>(x, [-1, rows]), b, bias, ...prelu });
  }

  function pool(size: number, padding: 'same' | 'valid'): Layer {
    return (x) => tf.maxPool(x as tf.Tensor4D, size, 2, padding);
  }

  const pnet: Layer[] = [
    convolution('pnet/conv1'),
    pool(2, 'same'),
    convolution('pnet/conv2'),
    convolution('pnet/conv3'),
    convolution('pnet/head'),
  ];
  const rnet: Layer[] = [
    convolution('rnet/conv1'),
    pool(3, 'same'),
    convolution('rnet/conv2'),
    pool(3, 'valid'),
    convolution('rnet/conv3'),
    dense('rnet/dense'),
    dense('rnet/head'),
  ];
  const onet: Layer[] = [
    convolution('onet/conv1'),
    pool(3, 'same'),
    convolution('onet/conv2'),
    pool(3, 'valid'),
    convolution('onet/conv3'),
    pool(2, 'same'),
    convolution('onet/conv4'),
    dense('onet/dense'),
    dense('onet/head'),
  ];

  function run(layers: Layer[], input: Float32Array, shape: [number, number, number, number]): Float32Array {
    // The values must not leave `tidy`: it would search them for tensors, one by one.
    const answers = tf.tidy(() => {
      let x: tf.Tensor = tf.tensor4d(input, shape, 'float32');
      for (const layer of layers) {
        const next = layer(x);
        x.dispose(); // the heap stays as small as the largest two layers
        x = next;
      }
      return x;
    });
    const values = answers.dataSync<'float32'>();
    answers.dispose();
    return values;
  }

  const runBatch = (layers: Layer[], patches: Float32Array, count: number, side: number, most: number) =>
    runInBatches(
      patches,
      count,
      side * side * 3,
      (left) => Math.min(left, most),
      (batch, size) => run(layers, batch, [size, side, side, 3]),
    );

  return {
    engine: 'wasm',
    grain: 1,
    shared: 0,
    propose: (level, width, height) =>
      run(pnet, level.subarray(0, height * width * 3), [1, height, width, 3]),
    refine: (patches, count) => runBatch(rnet, patches, count, RNET_SIDE, BATCH.refine),
    output: (patches, count) => runBatch(onet, patches, count, ONET_SIDE, BATCH.output),
    close: () => tf.dispose(tensors),
  };
}
