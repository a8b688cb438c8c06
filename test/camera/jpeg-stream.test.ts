import { describe, expect, it } from 'vitest';
import { JpegSplitter } from '../../src/camera/jpeg-stream';

/** A segment with its length, ITU-T T.81 B.1.1.4. */
const segment = (code: number, ...bytes: number[]) => [0xff, code, 0, bytes.length + 2, ...bytes];
const START = [0xff, 0xd8];
const END = [0xff, 0xd9];
const file = (...middle: number[]) => Buffer.from([...START, ...middle, ...END]);

const scan = segment(0xda, 1, 2, 3);
/** A frame header that tells of 4 x 3 pixels, ITU-T T.81 B.2.2. */
const frame = segment(0xc0, 8, 0, 3, 0, 4, 1);
const PLAIN = file(...segment(0xe0, 7, 7), ...frame, ...scan, 10, 20, 30);

function split(...chunks: Uint8Array[]): Buffer[] {
  const splitter = new JpegSplitter();
  return chunks.flatMap((chunk) => splitter.push(chunk)).map(({ image }) => image);
}

describe('JpegSplitter', () => {
  it.each([
    { chunks: [PLAIN], reason: 'one file in one chunk', files: [PLAIN] },
    { chunks: [Buffer.concat([PLAIN, PLAIN])], reason: 'two files in one chunk', files: [PLAIN, PLAIN] },
    { chunks: [...PLAIN].map((byte) => Buffer.of(byte)), reason: 'one byte a chunk', files: [PLAIN] },
    {
      chunks: [Buffer.concat([Buffer.from('--frame\r\n\r\n'), PLAIN, Buffer.from('\r\n--frame')]), PLAIN],
      reason: 'text of a multipart stream between files',
      files: [PLAIN, PLAIN],
    },
    {
      chunks: [Buffer.of(0xff, 0xff, 0x00, 0xd8), PLAIN],
      reason: 'marker-like bytes before a file',
      files: [PLAIN],
    },
    { chunks: [PLAIN.subarray(0, -1)], reason: 'a file that is not complete', files: [] },
    { chunks: [], reason: 'nothing', files: [] },
  ])('$reason', ({ chunks, files }) => {
    expect(split(...chunks)).toEqual(files);
  });

  it('a thumbnail’s end inside a segment does not end the picture', () => {
    const withThumbnail = file(
      ...frame,
      ...segment(0xe1, ...START, ...segment(0xda, 1), 5, ...END),
      ...scan,
      10,
      20,
    );
    expect(split(withThumbnail, PLAIN)).toEqual([withThumbnail, PLAIN]);
  });

  it('stuffed zeros, restart markers and fill bytes belong to the scan', () => {
    const whole = file(...frame, ...scan, 0xff, 0x00, 0xff, 0xd0, 9, 0xff, 0xd7, 0xff, 0xff, 0x00, 8);
    expect(split(whole)).toEqual([whole]);
    expect(split(...[...whole].map((byte) => Buffer.of(byte)))).toEqual([whole]);
  });

  it('a progressive file has several scans with segments between them', () => {
    const progressive = file(...frame, ...scan, 1, 2, ...segment(0xc4, 0xff, 0xd9), ...scan, 3, 4);
    expect(split(progressive)).toEqual([progressive]);
  });

  it('a file that breaks off is dropped, and the next one comes through', () => {
    const broken = PLAIN.subarray(0, -4);
    expect(split(Buffer.concat([broken, PLAIN]))).toEqual([PLAIN]);
  });

  it('a stream that never ends a file is an error, not a growing heap', () => {
    const splitter = new JpegSplitter();
    splitter.push(Buffer.from([...START, ...scan]));
    const noise = Buffer.alloc(33 * 1024 * 1024, 1);
    splitter.push(noise);
    expect(() => splitter.push(noise)).toThrow(expect.objectContaining({ code: 'camera-failed' }) as Error);
  });

  it('tells the size of each file, which its frame header has', () => {
    expect(new JpegSplitter().push(PLAIN)).toEqual([{ image: PLAIN, width: 4, height: 3 }]);
  });

  it('counts the files that broke off, and those without a size', () => {
    const splitter = new JpegSplitter();
    splitter.push(Buffer.concat([PLAIN.subarray(0, -4), PLAIN, file(...scan, 1)]));
    expect(splitter.broken).toBe(2);
  });

  it('a million beginnings are a million broken files, and the next one is found', () => {
    const splitter = new JpegSplitter();
    const beginnings = Buffer.alloc(2_000_000, Buffer.from(START));
    expect(splitter.push(Buffer.concat([beginnings, PLAIN])).map(({ image }) => image)).toEqual([PLAIN]);
    expect(splitter.broken).toBe(1_000_000);
  });
});
