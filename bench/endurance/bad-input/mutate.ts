/** Files that were whole, and what goes wrong with them: on a wire, on a disk, or because somebody wants it to. */
import { crc32 } from 'node:zlib';
import type { Random } from '../random';
import type { Format } from './seed-pictures';

const MOST_CHANGES = 8;

/** Numbers at which programs that count bytes or pixels fail. */
const EXTREMES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7530, 0x7fff_ffff, 0x8000_0000,
  0xffff_fffe, 0xffff_ffff,
];

/** A file with one to eight changes, some of which know its format. */
export function mutate(random: Random, file: Buffer, format: Format): Buffer {
  let bytes: Buffer = Buffer.from(file);
  const changes = random.whole(1, MOST_CHANGES);
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    const known = CHANGES_OF[format];
    const change = known !== undefined && random.chance(0.4) ? known : random.pick(CHANGES);
    bytes = change(random, bytes);
  }
  return bytes;
}

/** The beginning of one file and the end of another. */
export function splice(random: Random, a: Buffer, b: Buffer): Buffer {
  return Buffer.concat([a.subarray(0, random.whole(0, a.length)), b.subarray(random.whole(0, b.length))]);
}

type Change = (random: Random, bytes: Buffer) => Buffer;

const CHANGES: readonly Change[] = [
  function flipBits(random, bytes) {
    for (let i = random.whole(1, 16); i > 0; i--) {
      const at = random.whole(0, bytes.length - 1);
      bytes[at]! ^= 1 << random.whole(0, 7);
    }
    return bytes;
  },
  function flipHeader(random, bytes) {
    bytes[random.whole(0, Math.min(64, bytes.length) - 1)] = random.whole(0, 255);
    return bytes;
  },
  function overwrite(random, bytes) {
    const at = random.whole(0, bytes.length - 1);
    const fill = random.pick([0, 0xff, random.whole(0, 255)]);
    return bytes.fill(fill, at, Math.min(bytes.length, at + random.whole(1, 64)));
  },
  (random, bytes) => bytes.subarray(0, random.whole(0, bytes.length)), // truncated
  function remove(random, bytes) {
    const at = random.whole(0, bytes.length - 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.whole(1, 64))]);
  },
  function repeat(random, bytes) {
    const at = random.whole(0, bytes.length - 1);
    const part = bytes.subarray(at, at + random.whole(1, 256));
    return Buffer.concat([
      bytes.subarray(0, at),
      ...Array<Buffer>(random.whole(2, 20)).fill(part),
      bytes.subarray(at),
    ]);
  },
  function insert(random, bytes) {
    const at = random.whole(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.whole(1, 64)), bytes.subarray(at)]);
  },
  function writeExtreme(random, bytes) {
    const at = random.whole(0, bytes.length - 1);
    const value = random.pick(EXTREMES);
    const four = Buffer.alloc(4);
    if (random.chance(0.5)) four.writeUInt32LE(value);
    else four.writeUInt32BE(value);
    four.copy(bytes, at);
    return bytes;
  },
  (random, bytes) => Buffer.concat([bytes, random.bytes(random.whole(1, 512))]), // more behind the end
];

/** Changes whose result is still a file of its format: right lengths and checksums around absurd content. */
const CHANGES_OF: Partial<Record<Format, Change>> = {
  jpeg(random, bytes) {
    const segments = jpegSegments(bytes);
    if (segments.length < 2) return bytes;
    const { marker, begin, end } = random.pick(segments);
    const segment = bytes.subarray(begin, end);
    if (marker >= 0xc0 && marker <= 0xc2 && segment.length > 9) {
      // Height and width.
      for (const at of [5, 7])
        if (random.chance(0.6)) segment.writeUInt16BE(random.pick(EXTREMES) & 0xffff, at);
      return bytes;
    }
    const times = random.pick([0, 2, 50]);
    return Buffer.concat([
      bytes.subarray(0, begin),
      ...Array<Buffer>(times).fill(segment),
      bytes.subarray(end),
    ]);
  },
  png(random, bytes) {
    const chunks = pngChunks(bytes);
    if (chunks.length === 0) return bytes;
    const header = chunks[0]!;
    if (random.chance(0.5) && header.data.length === 13) {
      for (const at of [0, 4]) if (random.chance(0.6)) header.data.writeUInt32BE(random.pick(EXTREMES), at);
      for (const at of [8, 9, 10, 11, 12]) if (random.chance(0.2)) header.data[at] = random.whole(0, 18);
    } else {
      const at = random.whole(0, chunks.length - 1);
      chunks.splice(at, 1, ...Array<PngChunk>(random.pick([0, 2, 50])).fill(chunks[at]!));
    }
    return Buffer.concat([bytes.subarray(0, 8), ...chunks.map(toPngChunk)]);
  },
  gif(random, bytes) {
    if (bytes.length < 13) return bytes;
    // Screen width and height.
    for (const at of [6, 8]) if (random.chance(0.7)) bytes.writeUInt16LE(random.pick(EXTREMES) & 0xffff, at);
    return bytes;
  },
  webp(random, bytes) {
    if (bytes.length < 30) return bytes;
    // Lengths of the file and of its first chunk, then what may be the size of the picture.
    const at = random.pick([4, 16, 21, 24, 26, 27]);
    const value = random.pick(EXTREMES);
    if (at < 20) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt16LE(value & 0xffff, at);
    return bytes;
  },
  tiff(random, bytes) {
    if (bytes.length < 10) return bytes;
    const directory = bytes.readUInt32LE(4);
    if (directory + 2 > bytes.length) return bytes;
    const entries = bytes.readUInt16LE(directory);
    const at = directory + 2 + 12 * random.whole(0, Math.max(0, entries - 1));
    if (at + 12 > bytes.length) return bytes;
    // Type, count or value of any entry, and the way to the next directory: here, for a circle.
    const field = random.pick([2, 4, 8]);
    if (field === 2) bytes.writeUInt16LE(random.whole(0, 20), at + field);
    else bytes.writeUInt32LE(random.pick([...EXTREMES, directory]), at + field);
    return bytes;
  },
};

export function jpegSegments(bytes: Buffer): { marker: number; begin: number; end: number }[] {
  const segments: { marker: number; begin: number; end: number }[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker === 0xda) break; // the scan is no segment
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    segments.push({ marker, begin: at, end });
    at = end;
  }
  return segments;
}

interface PngChunk {
  type: Buffer;
  data: Buffer;
}

function pngChunks(bytes: Buffer): PngChunk[] {
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    chunks.push({ type: bytes.subarray(at + 4, at + 8), data: bytes.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

/** With its length and checksum. */
export function toPngChunk({ type, data }: PngChunk): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(data.length);
  numbers.writeUInt32BE(crc32(data, crc32(type)), 4);
  return Buffer.concat([numbers.subarray(0, 4), type, data, numbers.subarray(4)]);
}
