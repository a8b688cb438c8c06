import { Jimp, JimpMime } from 'jimp';
import { expect, it, vi } from 'vitest';
import { decodeImage } from '../../src/image/decode';

vi.mock('../../src/image/load-sharp', () => ({ loadSharp: () => undefined }));

const picture = new Jimp({ width: 4, height: 3, color: 0xff0000ff });

it.each([{ type: JimpMime.jpeg }, { type: JimpMime.png }, { type: JimpMime.bmp }] as const)(
  '$type is read',
  async ({ type }) => {
    const { width, height, data } = await decodeImage(await picture.getBuffer(type));
    expect([width, height]).toEqual([4, 3]);
    expect(data[0]).toBeGreaterThan(250);
  },
);

it.each([{ type: JimpMime.gif }, { type: JimpMime.tiff }] as const)(
  '$type is refused: nothing could end a reader that hangs',
  async ({ type }) => {
    await expect(decodeImage(await picture.getBuffer(type))).rejects.toMatchObject({
      code: 'image-unreadable',
      got: expect.stringContaining('where sharp is installed') as string,
    });
  },
);
