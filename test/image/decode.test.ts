import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Jimp } from 'jimp';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, decodeSource } from '../../src/image/decode';
import type { Pixels } from '../../src/image/pixels';

/** A picture that tells up from down and left from right: white, but red top left and blue bottom right. */
const WIDTH = 48;
const HEIGHT = 32;
const RED = [255, 0, 0];
const BLUE = [0, 0, 255];

function drawUpright(): Buffer {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3, 255);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      data.set(RED, (y * WIDTH + x) * 3);
      data.set(BLUE, ((HEIGHT - 1 - y) * WIDTH + (WIDTH - 1 - x)) * 3);
    }
  }
  return data;
}

const upright = () => sharp(drawUpright(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

function colorAt({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function expectUpright(pixels: Pixels, tolerance = 40): void {
  expect([pixels.width, pixels.height]).toEqual([WIDTH, HEIGHT]);
  expect(pixels.data).toHaveLength(WIDTH * HEIGHT * 3);
  const near = (color: number[]) =>
    color.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)) as number);
  expect(colorAt(pixels, 4, 4)).toEqual(near(RED));
  expect(colorAt(pixels, WIDTH - 5, HEIGHT - 5)).toEqual(near(BLUE));
  expect(colorAt(pixels, WIDTH - 5, 4)).toEqual(near([255, 255, 255]));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('every form of the message contract', () => {
  it('Buffer, Uint8Array, and a Buffer that went through JSON', async () => {
    const jpeg = await upright().jpeg().toBuffer();
    expectUpright(await decodeImage(jpeg));
    expectUpright(await decodeImage(new Uint8Array(jpeg)));
    expectUpright(await decodeImage(JSON.parse(JSON.stringify(jpeg))));
  });

  it('text that begins as base64 and ends as none is a path, however long', async () => {
    // With an expression that tries every split of the spaces this would take a quarter of an hour.
    const text = `/9j/4AAQSkZJRgABAQAAAQABAAD${' '.repeat(1e6)}!`;
    await expect(decodeImage(text)).rejects.toMatchObject({ code: 'image-type' });
  });

  it('data URL and base64', async () => {
    const base64 = (await upright().png().toBuffer()).toString('base64');
    expectUpright(await decodeImage(`data:image/png;base64,${base64}`));
    expectUpright(await decodeImage(base64));
    const jpegBase64 = (await upright().jpeg().toBuffer()).toString('base64');
    expect(jpegBase64, 'begins like an absolute path').toMatch(/^\/9j\//);
    expectUpright(await decodeImage(jpegBase64));
    expectUpright(await decodeImage(jpegBase64.replace(/.{76}/g, '$&\r\n')));
  });

  it('a file path', async () => {
    const file = path.join(folder, 'a photo.jpg');
    await writeFile(file, await upright().jpeg().toBuffer());
    expectUpright(await decodeImage(file));
  });

  it('raw RGB and RGBA, and anything that carries a bitmap, such as a Jimp image', async () => {
    const size = { width: WIDTH, height: HEIGHT };
    expectUpright(await decodeImage({ data: drawUpright(), ...size }));
    const rgba = await upright().ensureAlpha().raw().toBuffer();
    expectUpright(await decodeImage({ data: new Uint8ClampedArray(rgba), ...size }));
    expectUpright(await decodeImage({ bitmap: { data: rgba, ...size } }));
    expectUpright(await decodeImage(await Jimp.read(await upright().png().toBuffer())));
  });
});

describe('every format', () => {
  it.each([
    { format: 'JPEG', make: () => upright().jpeg() },
    { format: 'PNG', make: () => upright().png() },
    { format: 'WebP', make: () => upright().webp() },
    { format: 'AVIF', make: () => upright().avif({ quality: 90 }) },
    { format: 'TIFF', make: () => upright().tiff() },
    { format: 'GIF', make: () => upright().gif() },
    { format: 'PNG with 16 bits a channel', make: () => upright().toColourspace('rgb16').png() },
    { format: 'PNG with alpha', make: () => upright().ensureAlpha().png() },
    {
      format: 'JPEG in CMYK, whose blue is no screen’s blue',
      make: () => upright().toColourspace('cmyk').jpeg(),
      tolerance: 120,
    },
    { format: 'progressive JPEG', make: () => upright().jpeg({ progressive: true }) },
  ])('$format', async ({ make, tolerance = 60 }: { make: () => sharp.Sharp; tolerance?: number }) => {
    expectUpright(await decodeImage(await make().toBuffer()), tolerance);
  });

  it('grayscale becomes three equal channels', async () => {
    for (const file of [
      await upright().grayscale().jpeg().toBuffer(),
      await upright().grayscale().png().toBuffer(),
    ]) {
      const pixels = await decodeImage(file);
      expect(pixels.data).toHaveLength(WIDTH * HEIGHT * 3);
      const [red, green, blue] = colorAt(pixels, 4, 4);
      expect([green, blue]).toEqual([red, red]);
    }
  });

  it('an animation gives its first frame', async () => {
    const frame = (color: string) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: color } })
        .png()
        .toBuffer();
    const gif = await sharp([await frame('red'), await frame('blue')], { join: { animated: true } })
      .gif()
      .toBuffer();
    const pixels = await decodeImage(gif);
    expect([pixels.width, pixels.height]).toEqual([8, 8]);
    expect(colorAt(pixels, 4, 4)[0]).toBeGreaterThan(200);
  });

  it('what is transparent becomes mid-grey', async () => {
    const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: '#ff000000' } })
      .png()
      .toBuffer();
    expect(colorAt(await decodeImage(clear), 1, 1)).toEqual([128, 128, 128]);
    expect(colorAt(await decodeImage({ data: new Uint8Array(4), width: 1, height: 1 }), 0, 0)).toEqual([
      128, 128, 128,
    ]);
  });
});

it.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is applied', async (orientation) => {
  // What a camera held that way would have stored, so that a viewer shows the upright picture.
  const image = upright();
  const stored = await (async () => {
    const raw = (pipeline: sharp.Sharp) => pipeline.png().toBuffer();
    switch (orientation) {
      case 2:
        return raw(image.flop());
      case 3:
        return raw(image.rotate(180));
      case 4:
        return raw(image.flip());
      case 5:
        return raw(sharp(await raw(image.rotate(90))).flop());
      case 6:
        return raw(image.rotate(270));
      case 7:
        return raw(sharp(await raw(image.rotate(270))).flop());
      case 8:
        return raw(image.rotate(90));
      default:
        return raw(image);
    }
  })();
  expectUpright(await decodeImage(await sharp(stored).withMetadata({ orientation }).jpeg().toBuffer()));
});

describe('bad input gets a typed error', () => {
  const jpeg = () => upright().jpeg().toBuffer();
  it.each([
    { reason: 'nothing', image: () => undefined, code: 'image-missing' },
    { reason: 'null', image: () => null, code: 'image-missing' },
    {
      reason: 'a path that does not exist',
      image: () => path.join(folder, 'none.jpg'),
      code: 'image-missing',
    },
    { reason: 'a number', image: () => 42, code: 'image-type' },
    { reason: 'an object that is no image', image: () => ({ face: 1 }), code: 'image-type' },
    { reason: 'a folder', image: () => folder, code: 'image-type' },
    {
      reason: 'raw pixels that do not fit their size',
      image: () => ({ data: new Uint8Array(7), width: 2, height: 2 }),
      code: 'image-type',
    },
    {
      reason: 'raw pixels with a negative side',
      image: () => ({ data: new Uint8Array(12), width: -2, height: -2 }),
      code: 'image-type',
    },
    { reason: 'a path with a zero byte', image: () => 'a\0b', code: 'image-type' },
    { reason: 'an empty Buffer', image: () => Buffer.alloc(0), code: 'image-empty' },
    { reason: 'an empty text', image: () => ' ', code: 'image-empty' },
    { reason: 'a data URL without data', image: () => 'data:image/png;base64,', code: 'image-empty' },
    { reason: 'text', image: () => Buffer.from('no picture, just a text file'), code: 'image-unreadable' },
    {
      reason: 'a JPEG cut off in its header',
      image: async () => (await jpeg()).subarray(0, 200),
      code: 'image-unreadable',
    },
    {
      reason: 'a JPEG header alone',
      image: () => Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
      code: 'image-unreadable',
    },
    {
      reason: 'a PNG with a broken middle',
      image: async () => (await upright().png().toBuffer()).fill(7, 60, 90),
      code: 'image-unreadable',
    },
  ])('$reason: $code', async ({ image, code }) => {
    await expect(decodeImage(await image())).rejects.toMatchObject({ name: 'FaceError', code });
  });

  it('but a JPEG with stray bytes before its end, as webcams send it, is decoded', async () => {
    const whole = await jpeg();
    const stray = Buffer.concat([whole.subarray(0, -2), Buffer.of(0, 0, 7), whole.subarray(-2)]);
    expectUpright(await decodeImage(stray));
  });

  it('a zero-byte file', async () => {
    const file = path.join(folder, 'empty.jpg');
    await writeFile(file, '');
    await expect(decodeImage(file)).rejects.toMatchObject({ code: 'image-empty' });
  });

  it('a decompression bomb: more pixels than allowed, whatever the file’s size', async () => {
    const bomb = await sharp({ create: { width: 10_001, height: 10_000, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    expect(bomb.length).toBeLessThan(1_000_000); // 300 MB when decoded
    await expect(decodeImage(bomb)).rejects.toMatchObject({ code: 'image-too-large' });
    await expect(decodeImage(await jpeg(), { maxPixels: 1000 })).rejects.toMatchObject({
      code: 'image-too-large',
    });
  });

  it('and the next good image decodes', async () => {
    await expect(decodeImage(Buffer.from('broken'))).rejects.toThrow('Expected');
    expectUpright(await decodeImage(await jpeg()));
  });
});

describe('an image that is to be searched at most `maxImageSide` large', () => {
  it.each([
    { maxImageSide: 0, size: [48, 32], because: '0 is off' },
    { maxImageSide: 48, size: [48, 32], because: 'the image is no larger' },
    { maxImageSide: 9, size: [48, 32], because: 'it is not large enough for a gain' },
    { maxImageSide: 8, size: [16, 11], because: 'O-Net gets two pixels for each one' },
    { maxImageSide: 3, size: [6, 4], because: 'the same' },
  ])('$maxImageSide: is decoded as $size, since $because', async ({ maxImageSide, size }) => {
    for (const bytes of [await upright().jpeg().toBuffer(), await upright().png().toBuffer()]) {
      const { pixels, width, height } = await decodeSource({ kind: 'encoded', bytes }, { maxImageSide });
      expect([width, height]).toEqual([WIDTH, HEIGHT]);
      expect([pixels.width, pixels.height]).toEqual(size);
      const [red, green] = colorAt(pixels, 0, 0);
      expect(red).toBeGreaterThan(200);
      expect(green).toBeLessThan(80);
    }
  });

  it('tells its size upright', async () => {
    const lying = sharp(drawUpright(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).rotate(-90);
    const bytes = await lying.withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { pixels, width, height } = await decodeSource({ kind: 'encoded', bytes }, { maxImageSide: 3 });
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    expect([pixels.width, pixels.height]).toEqual([6, 4]);
    expect(colorAt(pixels, 0, 0)[1]).toBeLessThan(80);
  });
});

it('an array that is no bytes is refused, and a file without a size is not read', async () => {
  const wrong = { type: 'Buffer', data: [1, { valueOf: 1, toString: 1 }] };
  await expect(decodeImage(wrong)).rejects.toMatchObject({ code: 'image-type' });
  const empty = path.join(folder, 'empty');
  await writeFile(empty, '');
  await expect(decodeImage(empty)).rejects.toMatchObject({ code: 'image-empty' });
});
