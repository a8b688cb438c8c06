// Mean time of @vladmandic/face-api 1.7.15 on a dataset: node face-api.cjs DATASET --engine wasm|native [--limit N] [--predictions FILE]
//
// Its most accurate detector, SSD MobileNet v1, with a low confidence so that the whole precision-recall curve is seen.
// As peer.py: decoded pictures, one to warm up, the time of the detection alone, JSON as last line.
const { readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const util = require('node:util');
const { parseArgs } = util;
const sharp = require('sharp');

const PEER = path.resolve(__dirname, '../../.peers/face-api');

async function load(engine) {
  if (engine === 'native') {
    // tfjs-node 4.22 asks for what Node 23 took away.
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
    // Through a link to the peer: it would look for TensorFlow beside itself.
    const native = Module.createRequire(path.join(PEER, 'native/'));
    const tensorflow = native.resolve('@tensorflow/tfjs-node');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (name, ...rest) =>
      name === '@tensorflow/tfjs-node' ? tensorflow : resolve(name, ...rest);
    const tf = native(tensorflow);
    return { tf, faceapi: native('@vladmandic/face-api/dist/face-api.node.js') };
  }
  const own = Module.createRequire(path.join(PEER, 'package.json'));
  const tf = own('@tensorflow/tfjs');
  const wasm = own('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(path.dirname(own.resolve('@tensorflow/tfjs-backend-wasm')) + path.sep);
  await tf.setBackend('wasm');
  return { tf, faceapi: own('@vladmandic/face-api/dist/face-api.node-wasm.js') };
}

async function measure() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string' }, limit: { type: 'string' }, predictions: { type: 'string' } },
  });
  const [dataset] = positionals;
  const { tf, faceapi } = await load(values.engine);
  await tf.ready();
  await faceapi.nets.ssdMobilenetv1.loadFromDisk(path.join(PEER, 'node_modules/@vladmandic/face-api/model'));
  const options = new faceapi.SsdMobilenetv1Options({ minConfidence: 0.1, maxResults: 1000 });

  const read = async ({ file }) => {
    const picture = sharp(path.join(dataset, file)).autoOrient().removeAlpha().toColourspace('srgb').raw();
    const { data, info } = await picture.toBuffer({ resolveWithObject: true });
    return tf.tensor3d(data, [info.height, info.width, 3], 'int32');
  };
  const entries = JSON.parse(readFileSync(path.join(dataset, 'ground-truth.json'), 'utf8'));
  const chosen = entries.slice(0, values.limit === undefined ? undefined : Number(values.limit));
  const predictions = {};
  let milliseconds = 0;
  for (const [number, entry] of [chosen[0], ...chosen].entries()) {
    const picture = await read(entry);
    const begin = performance.now();
    const faces = await faceapi.detectAllFaces(picture, options);
    if (number > 0) milliseconds += performance.now() - begin;
    tf.dispose(picture);
    predictions[entry.file] = faces.map(({ box: { x, y, width, height }, score }) => [
      x,
      y,
      width,
      height,
      score,
    ]);
  }
  if (values.predictions !== undefined) writeFileSync(values.predictions, JSON.stringify(predictions));
  const meanMs = Number((milliseconds / chosen.length).toFixed(2));
  console.log(JSON.stringify({ images: chosen.length, meanMs, engine: `face-api-1.7.15-${values.engine}` }));
}

measure().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
