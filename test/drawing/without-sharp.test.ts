import { expect, it, vi } from 'vitest';
import { cropFaces } from '../../src/drawing/crop';
import { hideFaces } from '../../src/drawing/hide';
import { decodeImage } from '../../src/image/decode';
import { encodeImage } from '../../src/image/encode';
import { withExif } from './exif';

vi.mock('../../src/image/load-sharp', () => ({ loadSharp: () => undefined }));

const grey = { data: new Uint8Array(40 * 30 * 3).fill(200), width: 40, height: 30 };
const faces = [{ box: [0, 30, 30, 10] as [number, number, number, number], confidence: 1 }];

it('faces of an upright picture are hidden, and its thumbnail is gone', async () => {
  const thumbnail = await encodeImage({ data: new Uint8Array(16 * 16 * 3), width: 16, height: 16 });
  const photo = withExif(await encodeImage(grey), { orientation: 6, thumbnail });
  const size = { width: 30, height: 40 };
  const { image } = await hideFaces(
    photo,
    faces,
    { how: 'solid', shape: 'box', margin: 0, format: 'png' },
    size,
  );
  const { data, width } = await decodeImage(image);
  expect(data[35 * width * 3]).toBe(0);
  expect(data[20 * width * 3]).toBeGreaterThan(190);
  expect((await hideFaces(photo, faces, {}, size)).image.includes('Exif')).toBe(false);
});

it('faces are cut out', async () => {
  const [crop] = await cropFaces(await encodeImage(grey), [{ box: [10, 5, 20, 20], confidence: 1 }], {
    margin: 0,
  });
  expect(await decodeImage(crop?.image)).toMatchObject({ width: 20, height: 20 });
});
