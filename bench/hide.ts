/**
 * Whether anything of a found face is left in a hidden picture.
 *
 *   node dist/bench/hide.js [--engine wasm|native] [--every N] FILE_OR_FOLDER…
 *
 * Pictures, and videos (every Nth frame; needs ffmpeg). Each face that is found is hidden in every way, and each pixel of
 * its box counts as unhidden where
 * - solid: it has not the colour;
 * - pixelate: it has not the colour of its cell's first pixel in the box;
 * - pixelate and blur: it changes when the pixels of each cell trade places, so that it carries detail finer than a cell;
 * - pixelate and blur: the box is divided into more than 8 cells along its longer side.
 * Besides, each picture is searched again after it was hidden: a detector may still say that there is a face. The last
 * line printed is JSON: `{images, faces, unhidden}`; the exit code is 1 where `unhidden` is not 0.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createDetector, type Face } from '../src';
import { createFrameSource } from '../src/camera';
import {
  HIDE_SHAPES,
  HIDE_WAYS,
  hiddenArea,
  type HideOptions,
  hideFaces,
  hidePixels,
  MOST_CELLS,
} from '../src/drawing/hide';
import { decodeImage } from '../src/image/decode';
import type { Pixels } from '../src/image/pixels';
import { intersectionOverUnion } from '../src/geometry/overlap';

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;
const VIDEO = /\.(mp4|mkv|mjpeg|avi|webm|mov)$/i;

/** A colour that no photograph is likely to have. */
const INK = { text: '#01fe03', rgb: [1, 254, 3] } as const;

async function measure(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string', default: 'wasm' }, every: { type: 'string', default: '1' } },
  });
  const { engine } = values;
  if (positionals.length === 0 || (engine !== 'wasm' && engine !== 'native')) {
    throw new Error('Usage: node dist/bench/hide.js [--engine wasm|native] [--every N] FILE_OR_FOLDER…');
  }
  const detector = await createDetector({ engine });
  const counts = { images: 0, faces: 0, unhidden: 0 };
  const again: Record<string, number> = {};
  for await (const image of picturesOf(positionals, Number(values.every))) {
    const { faces, width, height } = await detector.detect(image);
    counts.images++;
    counts.faces += faces.length;
    if (faces.length === 0) continue;
    const picture = await decodeImage(image);
    for (const how of HIDE_WAYS) {
      for (const shape of HIDE_SHAPES) {
        for (const margin of [0, 0.2])
          counts.unhidden += unhiddenPixels(picture, faces, { how, shape, margin });
      }
      const hidden = await hideFaces(image, faces, { how }, { width, height });
      const { faces: found } = await detector.detect(hidden.image);
      const recovered = faces.filter((face) =>
        found.some(({ box }) => intersectionOverUnion(box, face.box) >= 0.5),
      );
      again[how] = (again[how] ?? 0) + recovered.length;
    }
  }
  await detector.close();
  console.log(`faces that the detector still takes for one: ${JSON.stringify(again)}`);
  console.log(JSON.stringify(counts));
  if (counts.unhidden > 0) process.exitCode = 1;
}

async function* picturesOf(places: readonly string[], every: number): AsyncGenerator<string | Buffer> {
  for (const place of places) {
    const files = statSync(place).isDirectory()
      ? readdirSync(place).map((name) => path.join(place, name))
      : [place];
    for (const file of files.sort()) {
      if (PICTURE.test(file)) yield file;
      if (!VIDEO.test(file)) continue;
      const frames = createFrameSource({ kind: 'video', path: file, realTime: false });
      for await (const { image, sequence } of frames(new AbortController().signal)) {
        if (sequence % every === 0) yield image;
      }
    }
  }
}

function unhiddenPixels(
  picture: Pixels,
  faces: readonly Face[],
  options: Required<Omit<HideOptions, 'color'>>,
): number {
  if (options.how !== 'solid') {
    return faces.reduce((sum, face) => sum + finerThanCells(picture, face, options), 0);
  }
  const hidden = copyOf(picture);
  hidePixels(hidden, faces, { ...options, color: INK.text });
  const isUnhidden = (at: number) => INK.rgb.some((value, c) => hidden.data[at + c] !== value);
  return faces.reduce((sum, { box }) => sum + countIn(box, picture, isUnhidden), 0);
}

function finerThanCells(picture: Pixels, face: Face, options: Required<Omit<HideOptions, 'color'>>): number {
  const { patch, cell } = hiddenArea(face.box, options, picture);
  if (Math.max(face.box[2], face.box[3]) / cell > MOST_CELLS) return countIn(face.box, picture, () => true);
  const hidden = copyOf(picture);
  const shuffled = copyOf(picture);
  shuffleCells(shuffled, patch, cell);
  hidePixels(hidden, [face], options);
  hidePixels(shuffled, [face], options);
  const fromX = Math.max(0, Math.floor(face.box[0]));
  const fromY = Math.max(0, Math.floor(face.box[1]));
  const firstOfCell = (at: number) => {
    const x = (at / 3) % picture.width;
    const y = Math.floor(at / 3 / picture.width);
    const left = Math.max(fromX, x - ((x - patch.left) % cell));
    const top = Math.max(fromY, y - ((y - patch.top) % cell));
    return (top * picture.width + left) * 3;
  };
  return countIn(face.box, picture, (at) => {
    const first = options.how === 'pixelate' ? firstOfCell(at) : at;
    return [0, 1, 2].some(
      (c) => hidden.data[at + c] !== shuffled.data[at + c] || hidden.data[at + c] !== hidden.data[first + c],
    );
  });
}

/** How many pixels of the picture that a box touches are so; `at` is a pixel's first byte. */
function countIn(
  [x, y, boxWidth, boxHeight]: Face['box'],
  { width, height }: Pixels,
  isSo: (at: number) => boolean,
): number {
  let count = 0;
  for (let row = Math.max(0, Math.floor(y)); row < Math.min(height, y + boxHeight); row++) {
    for (let column = Math.max(0, Math.floor(x)); column < Math.min(width, x + boxWidth); column++) {
      if (isSo((row * width + column) * 3)) count++;
    }
  }
  return count;
}

/** Reverses the order of the pixels of each cell. */
function shuffleCells(
  { data, width }: Pixels,
  patch: { left: number; top: number; right: number; bottom: number },
  cell: number,
): void {
  for (let top = patch.top; top < patch.bottom; top += cell) {
    for (let left = patch.left; left < patch.right; left += cell) {
      const pixels: number[] = [];
      for (let y = top; y < Math.min(patch.bottom, top + cell); y++) {
        for (let x = left; x < Math.min(patch.right, left + cell); x++) pixels.push((y * width + x) * 3);
      }
      const colours = pixels.map((at) => data.slice(at, at + 3)).reverse();
      pixels.forEach((at, i) => data.set(colours[i]!, at));
    }
  }
}

function copyOf(pixels: Pixels): Pixels {
  return { ...pixels, data: pixels.data.slice() };
}

measure().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
