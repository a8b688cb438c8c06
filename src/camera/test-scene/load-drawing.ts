import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Jimp } from 'jimp';
import { loadSharp } from '../../image/load-sharp';
import type { Stamp } from './stamp';

/** One of the PNG drawings beside this file (`scripts/draw-scene.mjs` draws them), colours multiplied by alpha. */
export async function loadDrawing(name: string): Promise<Stamp> {
  const file = await readFile(path.join(__dirname, `${name}.png`));
  const sharp = loadSharp();
  const { data, width, height } =
    sharp === undefined
      ? (await Jimp.read(file)).bitmap
      : await sharp(file)
          .ensureAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true })
          .then(({ data: pixels, info }) => ({ data: pixels, width: info.width, height: info.height }));
  const multiplied = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    for (let c = 0; c < 3; c++) multiplied[i + c] = Math.round((data[i + c]! * alpha) / 255);
    multiplied[i + 3] = alpha;
  }
  return { data: multiplied, width, height };
}
