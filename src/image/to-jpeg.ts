import { messageOf } from '../errors';
import { decodeImage, isJpeg, unreadable } from './decode';
import { encodeImage, JPEG_IN_ONE_PASS } from './encode';
import { loadSharp } from './load-sharp';
import type { Pixels } from './pixels';
import { reductionsOf } from './reductions';
import { MEAN, resample, SPREAD } from './resample';

/** Any image of the message contract as a JPEG file; one that is a JPEG already stays as it is. */
export async function toJpeg(image: unknown): Promise<Buffer> {
  if (image instanceof Uint8Array && isJpeg(image)) {
    return Buffer.isBuffer(image) ? image : Buffer.from(image);
  }
  return encodeImage(await decodeImage(image));
}

/** A JPEG file at most `width` pixels wide, as another JPEG file. */
export async function toThumbnail(jpeg: Buffer, width: number, quality = 75): Promise<Buffer> {
  const sharp = loadSharp();
  if (sharp !== undefined) {
    return sharp(jpeg)
      .autoOrient()
      .resize({ width, withoutEnlargement: true })
      .jpeg({ quality, ...JPEG_IN_ONE_PASS })
      .toBuffer()
      .catch((error: unknown) => {
        throw unreadable(messageOf(error).split('\n')[0] ?? '', jpeg, error);
      });
  }
  const pixels = await decodeImage(jpeg);
  return encodeImage(pixels.width <= width ? pixels : shrink(pixels, width), { quality });
}

function shrink(image: Pixels, width: number): Pixels {
  const height = Math.max(1, Math.round((image.height * width) / image.width));
  const { pixels } = reductionsOf(image).atLeastTwice(image.width / width);
  const values = new Float32Array(width * height * 3);
  resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, width, height, 'edge', values);
  return { data: Uint8Array.from(values, (value) => Math.round(value * SPREAD + MEAN)), width, height };
}
