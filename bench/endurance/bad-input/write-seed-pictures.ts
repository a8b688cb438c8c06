/** Makes the seed pictures, with sharp: what reads them must not need it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { ROOT } from '../../root';
import { jpegSegments, toPngChunk } from './mutate';
import { type Format, FORMATS } from './seed-pictures';

/** Side in pixels of a bomb: nine times the pixels that are allowed. */
const BOMB_SIDE = 30_000;

/** Writes all files into a folder, and beside them a FIFO, a folder and an empty file. */
export async function writeSeedPictures(folder: string): Promise<void> {
  const photo = path.join(ROOT, 'test/photos/astronaut.png');
  // The face, so that every stage of the cascade has work.
  const face = (side: number) =>
    sharp(photo).extract({ left: 150, top: 40, width: 150, height: 150 }).resize(side, side);
  const frames = await Promise.all([face(48).png().toBuffer(), face(48).negate().png().toBuffer()]);
  const animation = () => sharp(frames, { join: { animated: true } });
  const pictures: Record<Format, sharp.Sharp[]> = {
    jpeg: [
      face(64).jpeg(),
      face(64).jpeg({ progressive: true }),
      face(48).toColourspace('cmyk').jpeg(),
      face(64).grayscale().jpeg(),
      face(96).jpeg({ chromaSubsampling: '4:4:4', optimiseCoding: true }),
      sharp(await face(64).resize(64, 40).jpeg().toBuffer())
        .withMetadata({ orientation: 6 })
        .jpeg(),
    ],
    png: [
      face(48).png(),
      face(32).toColourspace('rgb16').png(),
      face(64).png({ palette: true }),
      face(48).png({ progressive: true }),
      face(48).ensureAlpha(0.5).png(),
      face(48).grayscale().png(),
    ],
    webp: [
      face(64).webp(),
      face(32).webp({ lossless: true }),
      animation().webp(),
      face(48).ensureAlpha(0.5).webp(),
    ],
    tiff: [
      face(32).tiff({ compression: 'none' }),
      face(48).tiff({ compression: 'lzw', predictor: 'horizontal' }),
      face(64).tiff({ compression: 'jpeg' }),
      face(64).tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }),
      face(32).toColourspace('rgb16').tiff({ compression: 'deflate' }),
      face(64).tiff({ compression: 'packbits', pyramid: true, tile: true }),
    ],
    gif: [face(48).gif(), animation().gif(), face(64).gif({ colours: 4 })],
    avif: [face(48).avif({ effort: 0 }), face(64).avif({ effort: 0, lossless: true })],
  };
  mkdirSync(folder, { recursive: true });
  for (const format of FORMATS) {
    for (const [i, picture] of pictures[format].entries()) {
      writeFileSync(path.join(folder, `${format}-${i}`), await picture.toBuffer());
    }
  }
  const file = (name: string) => readFileSync(path.join(folder, name));
  const bombs = [
    plainPng(BOMB_SIDE),
    withJpegSize(file('jpeg-0'), 0xffff),
    withTiffSize(file('tiff-0'), BOMB_SIDE),
    withSize(file('gif-0'), [6, 8], 0xffff),
    withSize(file('webp-0'), [26, 28], 0x3fff),
  ];
  for (const [i, bomb] of bombs.entries()) writeFileSync(path.join(folder, `bomb-${i}`), bomb);
  execFileSync('mkfifo', [path.join(folder, 'fifo')]);
  mkdirSync(path.join(folder, 'folder'));
  writeFileSync(path.join(folder, 'empty'), '');
}

/** A black picture, one bit a pixel, whole in every respect. */
function plainPng(side: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 });
  const chunks = [
    { type: 'IHDR', data: header },
    { type: 'IDAT', data: rows },
    { type: 'IEND', data: Buffer.alloc(0) },
  ].map(({ type, data }) => toPngChunk({ type: Buffer.from(type), data }));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

/** A file with other numbers of 16 bits, such as its width and height. */
function withSize(bytes: Buffer, places: readonly number[], side: number): Buffer {
  for (const at of places) bytes.writeUInt16LE(side, at);
  return bytes;
}

function withJpegSize(bytes: Buffer, side: number): Buffer {
  const frame = jpegSegments(bytes).find(({ marker }) => marker === 0xc0 || marker === 0xc2);
  for (const at of [5, 7]) bytes.writeUInt16BE(side, (frame?.begin ?? 0) + at);
  return bytes;
}

function withTiffSize(bytes: Buffer, side: number): Buffer {
  const directory = bytes.readUInt32LE(4);
  for (let i = bytes.readUInt16LE(directory); i > 0; i--) {
    const entry = directory + 2 + 12 * (i - 1);
    if (![256, 257].includes(bytes.readUInt16LE(entry))) continue; // ImageWidth and ImageLength
    bytes.writeUInt16LE(4, entry + 2);
    bytes.writeUInt32LE(side, entry + 8);
  }
  return bytes;
}
