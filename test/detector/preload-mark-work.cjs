// Preloaded into a detector process: a file with its id appears when the process begins to decode its first image. Where
// LOOP is set, it never comes back from that.
const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (request !== 'sharp') return loaded;
  return new Proxy(loaded, {
    apply(target, self, parameters) {
      writeFileSync(process.env.MARK, String(process.pid));
      while (process.env.LOOP);
      return Reflect.apply(target, self, parameters);
    },
  });
};
