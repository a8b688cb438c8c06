import { describe, expect, it } from 'vitest';
import type { Face, Keypoints, Point } from '../../src/detection';
import {
  alignmentOf,
  checkCropOptions,
  CROP_RANGES,
  cropFaces,
  type CropOptions,
  DEFAULT_CROP_OPTIONS,
  type RawCrop,
  TEMPLATE,
  templateFor,
} from '../../src/drawing/crop';
import { KEYPOINT_NAMES } from '../../src/geometry/keypoints';
import { applySimilarity, type Similarity } from '../../src/geometry/similarity';
import { decodeImage } from '../../src/image/decode';
import { encodeImage } from '../../src/image/encode';
import type { Pixels } from '../../src/image/pixels';
import { withExif } from './exif';

const refused = (code: string) => expect.objectContaining({ code }) as Error;

/** A picture whose red is x and green is y. */
function coordinates(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 7], 3 * i);
  return { data, width, height };
}

const face = (box: Face['box'], keypoints?: Keypoints): Face => ({
  box,
  confidence: 0.9,
  ...(keypoints === undefined ? {} : { keypoints }),
});

/** The template's points somewhere in a picture. */
function keypointsAt(toPicture: Similarity, size: number): Keypoints {
  const points = templateFor(size).map((point) => applySimilarity(toPicture, point));
  const [left_eye, right_eye, nose, mouth_left, mouth_right] = points as [Point, Point, Point, Point, Point];
  return { left_eye, right_eye, nose, mouth_left, mouth_right };
}

async function rawCrop(image: unknown, one: Face, options: CropOptions) {
  const [crop] = await cropFaces(image, [one], { ...options, format: 'raw' });
  if (crop === undefined) throw new Error('no crop');
  const { data, width, height, channels } = crop.image as RawCrop; // asked for above
  expect([width, height, channels]).toEqual([crop.width, crop.height, 3]);
  const at = (x: number, y: number) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  return { ...crop, at };
}

describe('with a margin', () => {
  const picture = coordinates(200, 150);

  it.each<{ box: Face['box']; options: CropOptions; cut: Face['box']; reason: string }>([
    { box: [50, 40, 20, 30], options: { margin: 0 }, cut: [50, 40, 20, 30], reason: 'the box' },
    { box: [50, 40, 20, 30], options: {}, cut: [46, 34, 28, 42], reason: 'a fifth on each side' },
    {
      box: [50, 40, 20, 30],
      options: { margin: 0, square: true },
      cut: [45, 40, 30, 30],
      reason: 'a square',
    },
    { box: [50.4, 39.6, 20.4, 30], options: { margin: 0 }, cut: [50, 40, 20, 30], reason: 'whole pixels' },
    { box: [-10, 140, 20, 30], options: { margin: 0 }, cut: [-10, 140, 20, 30], reason: 'partly beyond' },
    { box: [3, 3, 0.2, 0.2], options: { margin: 0 }, cut: [3, 3, 1, 1], reason: 'one pixel at least' },
  ])('$reason', async ({ box, options, cut }) => {
    const crop = await rawCrop(picture, face(box), { padding: 'edge', ...options });
    expect(crop.box).toEqual(cut);
    expect([crop.width, crop.height]).toEqual(cut.slice(2));
    const [x, y] = [Math.max(0, cut[0]), Math.min(149, cut[1])];
    expect(crop.at(x - cut[0], y - cut[1])).toEqual([x, y, 7]);
  });

  it.each([
    { padding: 'edge', corner: [0, 0, 7] },
    { padding: 'black', corner: [0, 0, 0] },
    { padding: 'grey', corner: [128, 128, 128] },
  ] as const)('beyond the picture: $padding', async ({ padding, corner }) => {
    const crop = await rawCrop(picture, face([-10, -10, 20, 20]), { margin: 0, padding });
    expect(crop.at(3, 3)).toEqual(corner);
    expect(crop.at(10, 10)).toEqual([0, 0, 7]);
  });
});

describe('aligned', () => {
  const picture = coordinates(200, 150);
  const upright: Similarity = { a: 0.5, b: 0, dx: 60, dy: 40 };

  it('has its points where the template has them, at any size', () => {
    for (const size of [112, 160, 96]) {
      const turned: Similarity = { a: 0.4, b: 0.3, dx: 90, dy: 20 };
      const one = face([0, 0, 1, 1], keypointsAt(turned, size));
      const alignment = alignmentOf(one, size);
      KEYPOINT_NAMES.forEach((name, i) => {
        const [x, y] = applySimilarity(alignment, one.keypoints?.[name] ?? [NaN, NaN]);
        expect(x).toBeCloseTo(((TEMPLATE[i]?.[0] ?? NaN) + 0.5) * (size / 112), 6);
        expect(y).toBeCloseTo(((TEMPLATE[i]?.[1] ?? NaN) + 0.5) * (size / 112), 6);
      });
    }
  });

  it('shows what lies there', async () => {
    const crop = await rawCrop(picture, face([60, 40, 56, 56], keypointsAt(upright, 112)), {
      mode: 'aligned',
    });
    expect([crop.width, crop.height]).toEqual([112, 112]);
    crop.box.forEach((value, i) => expect(value).toBeCloseTo([60, 40, 56, 56][i] ?? NaN, 6));
    // Pixel 40 of the crop is 40.5 / 2 + 60 = 80.25 of the picture, between the centres of pixels 79 and 80.
    expect(crop.at(40, 20)).toEqual([80, 50, 7]);
  });

  it('turns a tilted face upright', async () => {
    const quarter: Similarity = { a: 0, b: 0.5, dx: 120, dy: 40 };
    const crop = await rawCrop(picture, face([64, 40, 56, 56], keypointsAt(quarter, 112)), {
      mode: 'aligned',
    });
    // Along its top row the picture's y grows; down its left column the picture's x falls.
    expect(crop.at(100, 2)[1]).toBeGreaterThan((crop.at(4, 2)[1] ?? NaN) + 40);
    expect(crop.at(2, 100)[0]).toBeLessThan((crop.at(2, 4)[0] ?? NaN) - 40);
  });

  it.each([
    { keypoints: undefined, reason: 'landmarks are off' },
    { keypoints: {} as Keypoints, reason: 'a message that lost them' },
    {
      keypoints: keypointsAt({ a: 0, b: 0, dx: 9, dy: 9 }, 112),
      reason: 'all in one place',
    },
  ])('is refused without points: $reason', async ({ keypoints }) => {
    const faces = [face([60, 40, 56, 56], keypoints)];
    await expect(cropFaces(picture, faces, { mode: 'aligned' })).rejects.toThrow(refused('faces-invalid'));
    await expect(cropFaces(picture, faces, { mode: 'aligned' })).rejects.toThrow(/landmarks/);
  });
});

describe('crops', () => {
  const picture = coordinates(200, 150);
  const faces = [
    { ...face([10, 10, 20, 20]), trackId: 3 },
    { ...face([50, 40, 60, 60]), trackId: 4 },
  ];

  it('are one a face, in their order, each with its face as it came', async () => {
    const crops = await cropFaces(picture, faces);
    expect(crops.map((crop) => crop.face)).toEqual(faces);
    expect(crops[1]?.face).toBe(faces[1]);
    expect(await cropFaces(picture, [])).toEqual([]);
  });

  it('of the largest face only, on request', async () => {
    const crops = await cropFaces(picture, faces, { largestOnly: true });
    expect(crops.map((crop) => crop.face.trackId)).toEqual([4]);
    expect(await cropFaces(picture, [], { largestOnly: true })).toEqual([]);
  });

  it.each([
    { format: 'jpeg', signature: [0xff, 0xd8] },
    { format: 'png', signature: [0x89, 0x50] },
  ] as const)('are $format files', async ({ format, signature }) => {
    const [crop] = await cropFaces(picture, faces, { format, margin: 0 });
    const file = crop?.image as Buffer; // not raw
    expect([...file.subarray(0, 2)]).toEqual(signature);
    expect(await decodeImage(file)).toMatchObject({ width: 20, height: 20 });
  });

  it('are of the upright picture', async () => {
    const photo = withExif(await encodeImage(coordinates(40, 30), { quality: 100 }), { orientation: 6 });
    // Turned clockwise: the upright x is 29 less the stored y, the upright y is the stored x.
    const { at } = await rawCrop(photo, face([20, 30, 8, 8]), { margin: 0 });
    expect(at(0, 0)[0]).toBeCloseTo(30, -1);
    expect(at(0, 0)[1]).toBeCloseTo(9, -1);
  });

  it.each<{ box: Face['box']; reason: string }>([
    { box: [10, 10, 0, 20], reason: 'a box without area' },
    { box: [10, 10, -5, 20], reason: 'a box of corners that were swapped' },
    { box: [10, 10, 1e9, 1e9], reason: 'a box that would fill the memory' },
    { box: [1e6, 10, 20, 20], reason: 'a box far from the picture' },
    { box: [10, NaN, 20, 20], reason: 'a box that is no place' },
  ])('refused: $reason', async ({ box }) => {
    await expect(cropFaces(picture, [face(box)])).rejects.toThrow(refused('faces-invalid'));
  });

  it('a missing picture is refused', async () => {
    await expect(cropFaces(undefined, faces)).rejects.toThrow(refused('image-missing'));
  });
});

describe('options', () => {
  it('absent ones are the defaults, which are valid', () => {
    expect(checkCropOptions({})).toEqual(DEFAULT_CROP_OPTIONS);
    expect(checkCropOptions(DEFAULT_CROP_OPTIONS)).toEqual(DEFAULT_CROP_OPTIONS);
  });

  it.each(Object.entries(CROP_RANGES))(
    '%s: its limits pass, what is beyond does not',
    (name, [least, most]) => {
      for (const value of [least, most])
        expect(checkCropOptions({ [name]: value })).toMatchObject({ [name]: value });
      for (const value of [least - 1, most + 1, NaN]) {
        expect(() => checkCropOptions({ [name]: value })).toThrow(refused('option-invalid'));
      }
    },
  );

  it.each([
    { options: { mode: 'square' }, code: 'option-invalid' },
    { options: { square: 'yes' }, code: 'option-invalid' },
    { options: { size: 112.5 }, code: 'option-invalid' },
    { options: { format: 'gif' }, code: 'option-invalid' },
    { options: { template: 'ffhq' }, code: 'option-unknown' },
  ])('refused: $options', ({ options, code }) => {
    expect(() => checkCropOptions(options)).toThrow(refused(code));
  });
});
