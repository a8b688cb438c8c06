/**
 * A JPEG file with an EXIF block before its other segments: orientation and, on request, a thumbnail
 * (Exif 2.3, sections 4.5.2 and 4.6: little-endian TIFF, IFD0 with the orientation, IFD1 with the thumbnail).
 */
export function withExif(
  jpeg: Buffer,
  { orientation, thumbnail = Buffer.alloc(0) }: { orientation: number; thumbnail?: Buffer },
): Buffer {
  const short = (tag: number, value: number) => entry(tag, 3, value);
  const long = (tag: number, value: number) => entry(tag, 4, value);
  const header = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const first = directory([short(0x0112, orientation)], header.length + 18);
  const data = header.length + first.length + 30;
  const second = directory([long(0x0201, data), long(0x0202, thumbnail.length)], 0);
  const body = Buffer.concat([Buffer.from('Exif\0\0'), header, first, second, thumbnail]);
  const marker = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), marker, body, jpeg.subarray(2)]);
}

function directory(entries: Buffer[], next: number): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  const link = Buffer.alloc(4);
  link.writeUInt32LE(next);
  return Buffer.concat([count, ...entries, link]);
}

function entry(tag: number, type: 3 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(value, 8);
  return bytes;
}
