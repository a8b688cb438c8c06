import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkHideOptions,
  DEFAULT_HIDE_OPTIONS,
  HIDE_SHAPES,
  HIDE_WAYS,
  hideFaces,
  hidePixels,
  LEAST_CELL,
  MOST_CELLS,
} from '../../src/drawing/hide';
import type { Face } from '../../src/detection';
import { decodeImage } from '../../src/image/decode';
import { encodeImage } from '../../src/image/encode';
import type { Pixels } from '../../src/image/pixels';
import { withExif } from './exif';

const face = (...box: Face['box']): Face => ({ box, confidence: 0.99 });
const refused = (code: string) => expect.objectContaining({ code }) as Error;

/** A picture in which no pixel is as any pixel near it. */
function noise(width: number, height: number): Pixels {
  let state = 1;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return 20 + ((state >> 16) % 200);
  });
  return { data, width, height };
}

const copyOf = (pixels: Pixels): Pixels => ({ ...pixels, data: pixels.data.slice() });

/** Rows of a picture as text: `#` where it is hidden under plain red. */
function rowsOf({ data, width, height }: Pixels): string[] {
  const isRed = (at: number) => data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 0;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (isRed((y * width + x) * 3) ? '#' : '.')).join(''),
  );
}

function hiddenRows(width: number, height: number, box: Face['box'], shape: 'ellipse' | 'box', margin = 0) {
  const pixels = noise(width, height);
  hidePixels(pixels, [face(...box)], { how: 'solid', shape, margin, color: '#f00' });
  return rowsOf(pixels);
}

describe('what is hidden', () => {
  it('a box, in whole pixels outwards', () => {
    expect(hiddenRows(8, 5, [1.9, 1.2, 3.2, 1.1], 'box')).toEqual([
      '........',
      '.#####..',
      '.#####..',
      '........',
      '........',
    ]);
  });

  it('with a margin, as a share of its width and height', () => {
    expect(hiddenRows(8, 6, [2, 2, 4, 2], 'box', 0.5)).toEqual([
      '........',
      '########',
      '########',
      '########',
      '########',
      '........',
    ]);
  });

  it('an ellipse around the box, its corners included, without any margin', () => {
    expect(hiddenRows(12, 12, [3, 3, 6, 6], 'ellipse')).toEqual([
      '............',
      '............',
      '...######...',
      '..########..',
      '..########..',
      '.##########.',
      '.##########.',
      '..########..',
      '..########..',
      '...######...',
      '............',
      '............',
    ]);
  });

  it('cut at the border; nothing of a box beyond it', () => {
    expect(hiddenRows(5, 3, [-4, -7, 6, 9], 'box')).toEqual(['##...', '##...', '.....']);
    expect(hiddenRows(5, 3, [50, 70, 6, 9], 'ellipse')).toEqual(['.....', '.....', '.....']);
  });

  it('every pixel of the box, whatever its place, shape and margin; none far from it', () => {
    const place = fc.double({ min: -30, max: 50, noNaN: true });
    const size = fc.double({ min: 0.01, max: 60, noNaN: true });
    const margin = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(place, place, size, size, margin, fc.constantFrom(...HIDE_SHAPES), (...args) => {
        const [x, y, width, height, share, shape] = args;
        const reach = Math.max(share, (Math.SQRT2 - 1) / 2);
        hiddenRows(40, 40, [x, y, width, height], shape, share).forEach((row, at) => {
          for (let column = 0; column < 40; column++) {
            const touches = column + 1 > x && column < x + width && at + 1 > y && at < y + height;
            const near =
              column + 3 > x - reach * (width + 2) &&
              column - 2 < x + width + reach * (width + 2) &&
              at + 3 > y - reach * (height + 2) &&
              at - 2 < y + height + reach * (height + 2);
            if (touches && row[column] !== '#') expect.fail(`unhidden: ${column}, ${at}`);
            if (!near && row[column] !== '.') expect.fail(`hidden: ${column}, ${at}`);
          }
        });
      }),
    );
  });
});

describe('what is left of a hidden face', () => {
  const box: Face['box'] = [20, 16, 64, 80];
  const cell = Math.ceil(80 / (MOST_CELLS - 1));

  it('pixelate: one colour a cell, the mean; at most eight cells along the box', () => {
    const before = noise(110, 120);
    const after = copyOf(before);
    hidePixels(after, [face(...box)], { how: 'pixelate', shape: 'box', margin: 0 });
    for (let y = 0; y < 80; y++) {
      for (let x = 0; x < 64; x++) {
        const first = [16 + y - (y % cell), 20 + x - (x % cell)] as const;
        expect(pixelAt(after, 20 + x, 16 + y)).toEqual(pixelAt(after, first[1], first[0]));
      }
    }
    expect(pixelAt(after, 20, 16)[0]).toBeCloseTo(meanRed(before, 20, 16, cell), -0.5);
    expect(Math.ceil(80 / cell)).toBeLessThan(MOST_CELLS); // one to spare: an area need not begin with its box
  });

  it('blur: no steps, and the mean of the face', () => {
    const before = noise(110, 120);
    const after = copyOf(before);
    hidePixels(after, [face(...box)], { how: 'blur', shape: 'box', margin: 0 });
    for (let x = 21; x < 84; x++) {
      const step = (pixelAt(after, x, 50)[0] ?? NaN) - (pixelAt(after, x - 1, 50)[0] ?? NaN);
      expect(Math.abs(step)).toBeLessThanOrEqual(Math.ceil(255 / cell));
    }
    expect(meanRed(after, 20, 16, 64)).toBeCloseTo(meanRed(before, 20, 16, 64), -0.5);
  });

  it.each(HIDE_WAYS)('%s: nothing finer than a cell, so pixels may change places within one', (how) => {
    const options = { how, shape: 'box', margin: 0 } as const;
    const one = noise(110, 120);
    const other = copyOf(one);
    swapWithinCells(other, box, cell);
    expect(other.data).not.toEqual(one.data);
    hidePixels(one, [face(...box)], options);
    hidePixels(other, [face(...box)], options);
    expect(other.data).toEqual(one.data);
  });

  it.each(HIDE_WAYS)('%s: a face of a few pixels does not stay as it is', (how) => {
    const before = noise(24, 24);
    const after = copyOf(before);
    hidePixels(after, [face(8, 8, LEAST_CELL, LEAST_CELL)], { how, shape: 'box', margin: 0 });
    for (let y = 8; y < 12; y++) {
      for (let x = 8; x < 12; x++) expect(pixelAt(after, x, y)).not.toEqual(pixelAt(before, x, y));
    }
  });

  it('a plain area stays plain', () => {
    const plain: Pixels = { data: new Uint8Array(60 * 60 * 3).fill(255), width: 60, height: 60 };
    hidePixels(plain, [face(10, 10, 33, 37)], { how: 'blur' });
    expect(plain.data.every((value) => value === 255)).toBe(true);
  });
});

describe('a hidden picture', () => {
  it('leaves the pixels of the message as they are', async () => {
    const raw = noise(40, 30);
    const before = raw.data.slice();
    const hidden = await hideFaces(raw, [face(5, 5, 10, 10)], { how: 'solid', format: 'png' });
    expect(raw.data).toEqual(before);
    expect(hidden).toMatchObject({ width: 40, height: 30 });
    expect(pixelAt(await decodeImage(hidden.image), 10, 10)).toEqual([0, 0, 0]);
  });

  it('holds no metadata: no EXIF, no thumbnail, nothing behind the end of the file', async () => {
    const thumbnail = await encodeImage(noise(16, 16));
    const photo = withExif(await encodeImage(noise(40, 30)), { orientation: 6, thumbnail });
    const trailer = Buffer.from('a motion photo has its video here');
    const file = Buffer.concat([photo, trailer]);
    expect(await decodeImage(file)).toMatchObject({ width: 30, height: 40 });
    for (const format of ['jpeg', 'png'] as const) {
      const { image, width, height } = await hideFaces(file, [face(5, 5, 10, 10)], { format });
      expect([width, height]).toEqual([30, 40]);
      expect(image.includes('Exif')).toBe(false);
      expect(image.includes('eXIf')).toBe(false);
      expect(image.includes(thumbnail.subarray(-64))).toBe(false);
      expect(image.includes(trailer)).toBe(false);
    }
  });

  it('boxes are those of the upright picture', async () => {
    const photo = withExif(await encodeImage(noise(40, 30)), { orientation: 6 });
    const options = { how: 'solid', shape: 'box', margin: 0, color: '#f00', format: 'png' } as const;
    const { image } = await hideFaces(photo, [face(0, 35, 30, 5)], options, { width: 30, height: 40 });
    expect(rowsOf(await decodeImage(image)).map((row) => row === '#'.repeat(30))).toEqual(
      Array.from({ length: 40 }, (_, y) => y >= 35),
    );
  });

  it('of no faces is the picture', async () => {
    const hidden = await hideFaces(noise(8, 8), [], { format: 'png' }, { width: 8, height: 8 });
    expect([...(await decodeImage(hidden.image)).data]).toEqual([...noise(8, 8).data]);
  });
});

describe('no picture where it is not sure', () => {
  const raw = noise(40, 30);
  const good = face(5, 5, 10, 10);
  const box = (...numbers: number[]) => [good, { box: numbers, confidence: 1 }];

  it.each<{ faces: unknown; reason: string }>([
    { faces: undefined, reason: 'the detection failed' },
    { faces: null, reason: 'the message went through JSON' },
    { faces: {}, reason: 'no array' },
    { faces: [good, undefined], reason: 'a hole among the faces' },
    { faces: [[good]], reason: 'the faces of an array of pictures' },
    { faces: box(5, 5, 10), reason: 'a box of three numbers' },
    { faces: box(5, NaN, 10, 10), reason: 'a box that is no place' },
    { faces: box(5, 5, Infinity, 10), reason: 'a box without an end' },
    { faces: box(5, 5, 0, 10), reason: 'a box without area' },
    { faces: box(5, 5, -10, 10), reason: 'a box of corners that were swapped' },
    { faces: box(-1e300, 5, 1.5e300, 10), reason: 'a box that no arithmetic can hold' },
    { faces: box(41, 5, 10, 10), reason: 'a box of another, larger picture' },
    { faces: box(5, -11, 10, 10), reason: 'a box above the picture' },
  ])('$reason', async ({ faces }) => {
    await expect(hideFaces(raw, faces)).rejects.toThrow(refused('faces-invalid'));
  });

  it.each([
    { detection: { width: 80, height: 60 }, reason: 'found on a larger picture' },
    { detection: { width: 30, height: 40 }, reason: 'found on the picture as it was stored' },
    { detection: { width: NaN, height: 30 }, reason: 'of no size' },
  ])('faces $reason', async ({ detection }) => {
    await expect(hideFaces(raw, [good], {}, detection)).rejects.toThrow(refused('faces-invalid'));
    await expect(hideFaces(raw, [], {}, detection)).rejects.toThrow(refused('faces-invalid'));
  });

  it('a missing, empty or broken picture', async () => {
    await expect(hideFaces(undefined, [good])).rejects.toThrow(refused('image-missing'));
    await expect(hideFaces(Buffer.alloc(0), [good])).rejects.toThrow(refused('image-empty'));
    const half = (await encodeImage(noise(64, 64))).subarray(0, 900);
    await expect(hideFaces(half, [good])).rejects.toThrow(refused('image-unreadable'));
  });

  it('hides none where one box is wrong', () => {
    const pixels = copyOf(raw);
    expect(() => hidePixels(pixels, box(5, 5, 0, 10))).toThrow(refused('faces-invalid'));
    expect(pixels.data).toEqual(raw.data);
  });

  it.each([
    { options: { how: 'none' }, code: 'option-invalid' },
    { options: { shape: 'circle' }, code: 'option-invalid' },
    { options: { margin: -0.5 }, code: 'option-invalid' },
    { options: { margin: NaN }, code: 'option-invalid' },
    { options: { color: 'black' }, code: 'option-invalid' },
    { options: { strength: 0 }, code: 'option-unknown' },
    { options: 'blur', code: 'option-invalid' },
  ])('options $options', ({ options, code }) => {
    expect(() => checkHideOptions(options)).toThrow(refused(code));
  });

  it('the defaults are valid', () => {
    expect(checkHideOptions(DEFAULT_HIDE_OPTIONS)).toEqual(DEFAULT_HIDE_OPTIONS);
    expect(checkHideOptions({})).toEqual(DEFAULT_HIDE_OPTIONS);
  });
});

function pixelAt({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function meanRed(pixels: Pixels, left: number, top: number, side: number): number {
  let sum = 0;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) sum += pixelAt(pixels, x, y)[0] ?? NaN;
  }
  return sum / side ** 2;
}

/** Swaps the first and the last pixel of each row of each cell. */
function swapWithinCells(
  { data, width }: Pixels,
  [left, top, boxWidth, boxHeight]: Face['box'],
  cell: number,
) {
  for (let y = top; y < top + boxHeight; y++) {
    for (let x = left; x < left + boxWidth; x += cell) {
      const first = (y * width + x) * 3;
      const last = (y * width + Math.min(x + cell, left + boxWidth) - 1) * 3;
      const pixel = data.slice(first, first + 3);
      data.copyWithin(first, last, last + 3);
      data.set(pixel, last);
    }
  }
}
