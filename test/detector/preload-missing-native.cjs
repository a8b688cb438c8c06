// Preloaded into a detector process: tfjs-node is not there.
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === '@tensorflow/tfjs-node') throw new Error("Cannot find module '@tensorflow/tfjs-node'");
  return load.call(this, request, ...rest);
};
