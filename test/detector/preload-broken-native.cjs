// Preloaded into a detector process: requiring tfjs-node kills it, as an instruction that the processor lacks does.
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === '@tensorflow/tfjs-node') process.kill(process.pid, 'SIGILL');
  return load.call(this, request, ...rest);
};
