import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of the weights, found from the sources and from the compiled package alike. */
export const MODELS = findUpwards(__dirname, path.join('models', 'mtcnn.json'));

/** Arrays of `models/mtcnn.bin` by name, such as `pnet/conv1/filter`. */
export type Weights = ReadonlyMap<string, { shape: number[]; values: Float32Array }>;

/**
 * One array of the weights.
 * @throws Error if there is none by that name
 */
export function arrayOf(weights: Weights, name: string): { shape: number[]; values: Float32Array } {
  const array = weights.get(name);
  if (array === undefined) throw new Error(`models/mtcnn.json lacks ${name}: build the models anew`);
  return array;
}

interface Manifest {
  arrays: { name: string; shape: number[]; offset: number }[];
}

/** Reads every array of the three networks: little-endian float32, as `models/build.py` wrote them. */
export function readWeights(): Weights {
  // The manifest is our own file, written by models/build.py.
  const manifest = JSON.parse(readFileSync(path.join(MODELS, 'mtcnn.json'), 'utf8')) as Manifest;
  const bytes = new Uint8Array(readFileSync(path.join(MODELS, 'mtcnn.bin'))).buffer;
  return new Map(
    manifest.arrays.map(({ name, shape, offset }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, values: new Float32Array(bytes, offset, length) }];
    }),
  );
}

/** The nearest folder, from `folder` upwards, that has a file. @throws Error if none has it */
export function findUpwards(folder: string, file: string): string {
  for (let here = folder; ; here = path.dirname(here)) {
    if (existsSync(path.join(here, file))) return path.dirname(path.join(here, file));
    if (here === path.dirname(here)) throw new Error(`${file} is missing: reinstall the package`);
  }
}
