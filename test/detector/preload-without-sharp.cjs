// Preloaded into a detector process: sharp's native part cannot load.
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === 'sharp') throw new Error('Could not load the "sharp" module');
  return load.call(this, request, ...rest);
};
