import { describe, expect, it } from 'vitest';
import { annotateImage, drawFaces } from '../../src/drawing/annotate';
import { checkFaces } from '../../src/drawing/check-faces';
import { toAnnotations } from '../../src/drawing/annotations';
import { parseColor, readableOn } from '../../src/drawing/color';
import { drawLabel, fontFor } from '../../src/drawing/label';
import { drawBox, drawDot, fillRectangle } from '../../src/drawing/shapes';
import { decodeImage } from '../../src/image/decode';
import { encodeImage } from '../../src/image/encode';
import type { Pixels } from '../../src/image/pixels';
import { toThumbnail } from '../../src/image/to-jpeg';
import { toWholePixels } from '../../src/whole-pixels';

const blank = (width: number, height: number): Pixels => ({
  data: new Uint8Array(width * height * 3),
  width,
  height,
});
const WHITE = [255, 255, 255] as const;

/** Rows of a picture as text: `#` where something was drawn. */
function rowsOf({ data, width, height }: Pixels): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (data[(y * width + x) * 3] === 0 ? '.' : '#')).join(''),
  );
}

describe('shapes', () => {
  it('a box is an outline', () => {
    const picture = blank(9, 7);
    drawBox(picture, [2, 2, 4, 3], 2, WHITE);
    expect(rowsOf(picture)).toEqual([
      '.........',
      '.######..',
      '.######..',
      '.##..##..',
      '.######..',
      '.######..',
      '.........',
    ]);
  });

  it('a rectangle and a dot are cut at the border', () => {
    const picture = blank(4, 3);
    fillRectangle(picture, -5, 1, 2, 99, WHITE);
    expect(rowsOf(picture)).toEqual(['....', '##..', '##..']);
    drawDot(picture, [4, 0], 1.2, WHITE);
    expect(rowsOf(picture)).toEqual(['...#', '##..', '##..']);
    drawDot(picture, [400, 0], 3, WHITE);
    expect(rowsOf(picture)).toEqual(['...#', '##..', '##..']);
  });

  it('a label stands above its place, below it where there is no room, and inside the picture', async () => {
    const font = await fontFor(16);
    const label = (x: number, y: number) => {
      const picture = blank(80, 60);
      drawLabel(picture, '99%', x, y, WHITE, font);
      const rows = rowsOf(picture);
      const lines = rows.map((row, at) => (row.includes('#') ? at : -1)).filter((at) => at >= 0);
      return {
        top: lines[0],
        bottom: lines.at(-1),
        right: Math.max(...rows.map((row) => row.lastIndexOf('#'))),
      };
    };
    expect(label(10, 40).bottom).toBe(39);
    expect(label(10, 5).top).toBe(5);
    expect(label(78, 40).right).toBe(79);
  });

  it('text is readable: black on light, white on dark', () => {
    expect(readableOn([250, 250, 100])).toEqual([0, 0, 0]);
    expect(readableOn([20, 20, 120])).toEqual([255, 255, 255]);
  });
});

describe('colours', () => {
  it('short and long', () => {
    expect(parseColor('#0f8')).toEqual([0, 255, 136]);
    expect(parseColor('#00E5a0')).toEqual([0, 229, 160]);
  });

  it.each(['red', '#12', '#12345g', '', undefined, 7])('%j is refused', (color) => {
    expect(() => parseColor(color)).toThrow(expect.objectContaining({ code: 'option-invalid' }) as Error);
  });
});

describe('faces', () => {
  const face = {
    box: [10.4, -0.3, 20.6, 30.5] as [number, number, number, number],
    confidence: 0.987,
    keypoints: {
      left_eye: [14.5, 8.2] as [number, number],
      right_eye: [24, 8] as [number, number],
      nose: [19, 14] as [number, number],
      mouth_left: [15, 22] as [number, number],
      mouth_right: [23, 22] as [number, number],
    },
  };

  it('are drawn with what is asked for, on a copy', async () => {
    const image = { data: new Uint8Array(64 * 48 * 3), width: 64, height: 48 };
    const {
      image: file,
      width,
      height,
    } = await annotateImage(image, [face], { format: 'png', labels: false, points: false, color: '#fff' });
    expect([width, height]).toEqual([64, 48]);
    expect(image.data.every((value) => value === 0)).toBe(true);
    const drawn = await decodeImage(file);
    expect(rowsOf(drawn)[15]).toMatch(/^\.{9,11}#+\.+#+\.+$/);
  });

  it('nothing is drawn where nothing is asked for', async () => {
    const picture = blank(64, 48);
    await drawFaces(picture, [face], { boxes: false, labels: false, points: false });
    expect(picture.data.every((value) => value === 0)).toBe(true);
    await drawFaces(picture, [{ box: face.box, confidence: 1 }], { boxes: false, labels: false });
    expect(picture.data.every((value) => value === 0)).toBe(true);
  });

  it('get whole pixels for messages, and never -0', () => {
    const [whole] = toWholePixels([face]);
    expect(whole?.box).toEqual([10, 0, 21, 31]);
    expect(Object.is(whole?.box[1], 0)).toBe(true);
    expect(whole?.keypoints?.left_eye).toEqual([15, 8]);
    expect(whole?.confidence).toBe(0.987);
  });

  it('become annotations as the official annotate node draws them', () => {
    const annotations = toAnnotations([face]);
    expect(annotations).toHaveLength(6);
    expect(annotations[0]).toEqual({ type: 'rect', bbox: face.box, label: 'face 99%' });
    expect(annotations[1]).toEqual({ type: 'circle', x: 14.5, y: 8.2, r: 3 });
  });

  it.each([
    { faces: undefined, reason: 'nothing' },
    { faces: {}, reason: 'an object' },
    { faces: [{ box: [1, 2, 3] }], reason: 'a box of three numbers' },
    { faces: [{ box: [1, 2, 3, NaN], confidence: 1 }], reason: 'a box that is no place' },
    { faces: [{ box: [1, 2, 3, 4] }], reason: 'no confidence' },
    {
      faces: [{ box: [1, 2, 3, 4], confidence: 1, keypoints: { nose: 3 } }],
      reason: 'a keypoint that is no point',
    },
  ])('refused: $reason', ({ faces }) => {
    expect(() => checkFaces(faces)).toThrow(expect.objectContaining({ code: 'faces-invalid' }) as Error);
  });
});

it('a thumbnail is as wide as asked for, and no wider than the picture', async () => {
  const jpeg = await encodeImage(blank(64, 48));
  expect(await decodeImage(await toThumbnail(jpeg, 32))).toMatchObject({ width: 32, height: 24 });
  expect(await decodeImage(await toThumbnail(jpeg, 320))).toMatchObject({ width: 64, height: 48 });
});
