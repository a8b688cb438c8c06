import { readFileSync } from 'node:fs';
import path from 'node:path';

const GOLDEN = path.resolve(__dirname, '../golden');

interface Entry {
  name: string;
  dtype: 'uint8' | 'float32';
  shape: number[];
  offset: number;
}

/** Arrays that `models/build.py` wrote: inputs, and the answers of the published Python networks. */
export function readGolden(): (name: string) => { shape: number[]; values: Uint8Array | Float32Array } {
  // Our own file, with the shape that the script above gives it.
  const { arrays } = JSON.parse(readFileSync(path.join(GOLDEN, 'networks.json'), 'utf8')) as {
    arrays: Entry[];
  };
  const bytes = new Uint8Array(readFileSync(path.join(GOLDEN, 'networks.bin'))).buffer;
  return (name) => {
    const entry = arrays.find((array) => array.name === name);
    if (entry === undefined) throw new Error(`no golden array ${name}`);
    const length = entry.shape.reduce((product, size) => product * size, 1);
    const values =
      entry.dtype === 'uint8'
        ? new Uint8Array(bytes, entry.offset, length)
        : new Float32Array(bytes, entry.offset, length);
    return { shape: entry.shape, values };
  };
}
