import { Jimp, JimpMime } from 'jimp';
import { loadSharp } from './load-sharp';
import { CHANNELS, type Pixels } from './pixels';

/** File format and quality of an encoded picture. */
export interface EncodeOptions {
  /** @default 'jpeg' */
  format?: 'jpeg' | 'png';
  /** JPEG quality in percent, 1 to 100. @default 85 */
  quality?: number;
}

/** Two passes over a JPEG's codes would take off 6 % of its bytes and double the time (measured, 640x480). */
export const JPEG_IN_ONE_PASS = { optimiseCoding: false } as const;

/** Pixels as a JPEG or PNG file; off the main thread where `sharp` loads. */
export async function encodeImage(
  { data, width, height }: Pixels,
  { format = 'jpeg', quality = 85 }: EncodeOptions = {},
): Promise<Buffer> {
  const sharp = loadSharp();
  if (sharp === undefined) return encodeWithJimp(data, width, height, format, quality);
  const image = sharp(data, { raw: { width, height, channels: CHANNELS } });
  return (
    format === 'png' ? image.png({ compressionLevel: 3 }) : image.jpeg({ quality, ...JPEG_IN_ONE_PASS })
  ).toBuffer();
}

async function encodeWithJimp(
  data: Uint8Array,
  width: number,
  height: number,
  format: 'jpeg' | 'png',
  quality: number,
): Promise<Buffer> {
  const image = new Jimp({ width, height, color: 0xffffffff });
  const rgba = image.bitmap.data;
  for (let i = 0, to = 0; i < data.length; i += CHANNELS, to += 4) {
    rgba[to] = data[i]!;
    rgba[to + 1] = data[i + 1]!;
    rgba[to + 2] = data[i + 2]!;
  }
  return format === 'png'
    ? await image.getBuffer(JimpMime.png)
    : await image.getBuffer(JimpMime.jpeg, { quality });
}
