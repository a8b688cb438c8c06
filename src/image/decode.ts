import { Jimp } from 'jimp';
import type Sharp from 'sharp';
import { FaceError, messageOf } from '../errors';
import { headerPixels } from './header-size';
import { loadSharp } from './load-sharp';
import { CHANNELS, type Pixels } from './pixels';
import { readImage, type ImageSource } from './read-image';

/** Most pixels that an image may have. @default 100,000,000 */
export interface DecodeLimits {
  maxPixels?: number;
}

/** What a search needs: a picture far larger than `maxImageSide` is decoded into fewer pixels. */
export interface SearchLimits extends DecodeLimits {
  maxImageSide?: number;
}

/** Pixels to search, and the size of the upright picture that they show: the same size, or a larger one. */
export interface Decoded {
  pixels: Pixels;
  width: number;
  height: number;
}

/**
 * Longer side of such pixels, in times of `maxImageSide`. The smallest face is then 40 pixels wide by default, close to
 * the 48 that O-Net sees.
 */
const REDUCED = 2;

/** Least reduction, along one side. sharp leaves the last halving of a JPEG to itself: below 3, that would only cost. */
const LEAST_REDUCTION = 3;

/** As `DetectOptions.maxPixels`. */
const MAX_PIXELS = 100_000_000;

/** What stands behind transparent pixels: the grey that the networks see as 0. */
const BEHIND = { r: 128, g: 128, b: 128 } as const;

/**
 * Any image of the message contract as upright RGB pixels: EXIF orientation applied, transparency over mid-grey,
 * the first frame of an animation; grayscale, CMYK and 16 bits a channel become 8-bit RGB.
 * @throws FaceError `image-…`: missing, type, empty, unreadable, too-large
 */
export async function decodeImage(image: unknown, limits: DecodeLimits = {}): Promise<Pixels> {
  const { pixels } = await decodeSource(await readImage(image), limits);
  return pixels;
}

/** The same, in memory that may be drawn on: raw pixels of a message are the sender's. */
export async function decodeForDrawing(image: unknown, limits: DecodeLimits = {}): Promise<Pixels> {
  const source = await readImage(image);
  const { pixels } = await decodeSource(source, limits);
  return source.kind === 'raw' ? { ...pixels, data: new Uint8Array(pixels.data) } : pixels;
}

/**
 * The same for an image that has already been read and is to be searched. JPEG and WebP are decoded straight into the
 * smaller size (shrink-on-load), at a fraction of the time and memory.
 */
export async function decodeSource(
  source: ImageSource,
  { maxPixels = MAX_PIXELS, maxImageSide = 0 }: SearchLimits = {},
): Promise<Decoded> {
  const sharp = loadSharp();
  if (source.kind === 'encoded' && sharp !== undefined) {
    return decodeWithSharp(sharp, source.bytes, maxPixels, maxImageSide);
  }
  const pixels =
    source.kind === 'raw'
      ? toRgb(source.data, source.width, source.height)
      : await decodeWithJimp(source.bytes, maxPixels);
  return { pixels, width: pixels.width, height: pixels.height };
}

async function decodeWithSharp(
  sharp: typeof Sharp,
  bytes: Uint8Array,
  maxPixels: number,
  maxImageSide: number,
): Promise<Decoded> {
  try {
    // 'error': a file that is cut off is refused, a camera's harmless oddities are not.
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels }).autoOrient();
    const size = maxImageSide > 0 ? (await image.metadata()).autoOrient : undefined;
    const reduction = size === undefined ? 1 : Math.max(size.width, size.height) / (REDUCED * maxImageSide);
    if (size !== undefined && reduction >= LEAST_REDUCTION) {
      const [width, height] = [Math.ceil(size.width / reduction), Math.ceil(size.height / reduction)];
      image.resize(width, height, { fit: 'fill', kernel: 'linear' });
    }
    // A JPEG has nothing transparent: the pass over its pixels would be in vain.
    if (!isJpeg(bytes)) image.flatten({ background: BEHIND });
    const { data, info } = await image
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = toRgb(data, info.width, info.height);
    return { pixels, width: size?.width ?? pixels.width, height: size?.height ?? pixels.height };
  } catch (error) {
    const reason = messageOf(error).split('\n')[0] ?? '';
    if (/pixel limit/i.test(reason)) throw tooLarge(maxPixels, error);
    throw unreadable(reason, bytes, error);
  }
}

/** How every JPEG file begins. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

/**
 * How files begin that only sharp reads: GIF and TIFF in both byte orders. jimp's readers take minutes over some broken
 * ones, and nothing could end them where a node decodes in Node-RED's own process.
 */
const ONLY_WITH_SHARP = /^(GIF|II[*+]|MM\0[*+])/;

async function decodeWithJimp(bytes: Uint8Array, maxPixels: number): Promise<Pixels> {
  if (ONLY_WITH_SHARP.test(Buffer.from(bytes.subarray(0, 4)).toString('latin1'))) {
    throw unreadable('GIF and TIFF are read where sharp is installed', bytes, undefined);
  }
  // jimp takes the memory first and has no limit of its own.
  if ((headerPixels(bytes) ?? 0) > maxPixels) throw tooLarge(maxPixels);
  let bitmap;
  try {
    ({ bitmap } = await Jimp.read(Buffer.from(bytes)));
  } catch (error) {
    throw unreadable(messageOf(error).split('\n')[0] ?? '', bytes, error);
  }
  if (bitmap.width * bitmap.height > maxPixels) throw tooLarge(maxPixels);
  return toRgb(bitmap.data, bitmap.width, bitmap.height);
}

/** 1, 3 or 4 bytes a pixel to RGB; RGB is taken as it is, without a copy. */
function toRgb(data: Uint8Array, width: number, height: number): Pixels {
  const count = width * height;
  const channels = data.length / count;
  if (channels === CHANNELS) return { data, width, height };
  const rgb = new Uint8Array(count * CHANNELS);
  if (channels === 1) {
    for (let i = 0, to = 0; i < count; i++, to += CHANNELS) rgb[to] = rgb[to + 1] = rgb[to + 2] = data[i]!;
  } else {
    const behind = BEHIND.r;
    for (let i = 0, to = 0; i < count; i++, to += CHANNELS) {
      const alpha = data[4 * i + 3]! / 255;
      for (let c = 0; c < CHANNELS; c++)
        rgb[to + c] = Math.round(alpha * data[4 * i + c]! + (1 - alpha) * behind);
    }
  }
  return { data: rgb, width, height };
}

function tooLarge(maxPixels: number, cause?: unknown): FaceError {
  return new FaceError(
    {
      code: 'image-too-large',
      expected: `an image of at most ${maxPixels} pixels`,
      got: 'a larger one',
      hint: 'Send a smaller picture, or raise maxPixels if the source is trusted.',
    },
    cause,
  );
}

export function unreadable(reason: string, bytes: Uint8Array, cause: unknown): FaceError {
  return new FaceError(
    {
      code: 'image-unreadable',
      expected: 'a whole JPEG, PNG, WebP, AVIF, GIF or TIFF image',
      got: `${bytes.length} bytes that do not decode (${reason.slice(0, 120)})`,
      hint: 'Check the source of the picture: the file may be cut off or of another type.',
    },
    cause,
  );
}
