import { checkOptions, numberIn, oneOf, type OptionReader, type Range } from '../check-options';
import type { Face } from '../detection';
import { FaceError } from '../errors';
import { decodeForDrawing, type DecodeLimits } from '../image/decode';
import { encodeImage, type EncodeOptions } from '../image/encode';
import { CHANNELS, type Pixels } from '../image/pixels';
import { checkFaces } from './check-faces';
import { averageCells, type Cells, type Patch, smoothRow } from './cells';
import { type Color, parseColor } from './color';

export const HIDE_WAYS = ['blur', 'pixelate', 'solid'] as const;
export const HIDE_SHAPES = ['ellipse', 'box'] as const;

/** How faces are hidden; every property is optional. */
export interface HideOptions {
  /** Smooth, in square cells, or one colour. @default 'blur' */
  how?: (typeof HIDE_WAYS)[number];
  /**
   * `box`: the box with its margin. `ellipse`: the ellipse inside that, but never smaller than the one around the box
   * itself, so that the corners of the box are hidden as well. @default 'ellipse'
   */
  shape?: (typeof HIDE_SHAPES)[number];
  /** Added on each side, as a share of the box's width or height: hair, ears and chin lie outside it. @default 0.2 */
  margin?: number;
  /** Of `solid`: `#rgb` or `#rrggbb`. @default '#000000' */
  color?: string;
}

export const DEFAULT_HIDE_OPTIONS: Required<HideOptions> = {
  how: 'blur',
  shape: 'ellipse',
  margin: 0.2,
  color: '#000000',
};

export const HIDE_RANGES = { margin: [0, 2] } as const satisfies Record<string, Range>;

/**
 * Most cells along the longer side of a box. What is left of a face is the mean colour of each cell, for `pixelate` and
 * `blur` alike: nothing finer is in the picture, so nothing finer can be restored. Recognition needs about 8 to 16
 * cycles a face (Näsänen 1999, Vision Research 39(23)); 8 cells carry at most 4.
 */
export const MOST_CELLS = 8;

/** Least side of a cell in pixels: a face of a few pixels would otherwise stay as it is. */
export const LEAST_CELL = 4;

/** Largest number in a box, in pixels: beyond any picture, and far from where sums lose whole pixels. */
const FARTHEST = 1e9;

/**
 * A picture in which every face is hidden, drawn anew from its pixels: no metadata of the original, such as an EXIF
 * thumbnail, is in it. Fails closed: where it cannot be sure that the boxes belong to the picture it throws.
 * @param image in any form of the message contract
 * @param faces boxes in pixels of the upright image; an empty array is a picture without faces
 * @param detection the size of the picture that the faces were found on, which must be this one's; without it only
 *   boxes that lie wholly beyond the picture give a wrong picture away
 * @returns the picture as a file, and its size in pixels
 * @throws FaceError of the image; `faces-invalid`: faces are no array of faces, a box is not finite or has no area, or
 *   the sizes differ; `option-…`
 */
export async function hideFaces(
  image: unknown,
  faces: unknown,
  options: HideOptions & EncodeOptions & DecodeLimits = {},
  detection?: { width: number; height: number },
): Promise<{ image: Buffer; width: number; height: number }> {
  const { format, quality, maxPixels, ...how } = options;
  const checked = checkFaces(faces);
  checkHideOptions(how);
  const pixels = await decodeForDrawing(image, maxPixels === undefined ? {} : { maxPixels });
  checkSize(pixels, checked, detection);
  hidePixels(pixels, checked, how);
  const file = await encodeImage(pixels, {
    ...(format === undefined ? {} : { format }),
    ...(quality === undefined ? {} : { quality }),
  });
  return { image: file, width: pixels.width, height: pixels.height };
}

/**
 * Hides faces on pixels, in place; all faces are checked before the first is hidden.
 * @throws FaceError `faces-invalid`, `option-…`
 */
export function hidePixels(pixels: Pixels, faces: unknown, options: HideOptions = {}): void {
  const { how, shape, margin, color } = checkHideOptions(options);
  const ink = parseColor(color);
  const areas = checkFaces(faces).map(({ box }) => hiddenArea(box, { shape, margin }, pixels));
  for (const area of areas) {
    if (how === 'solid') fillArea(pixels, area, ink);
    else coarsenArea(pixels, area, how === 'blur');
  }
}

/**
 * Fills in the defaults and checks every value.
 * @throws FaceError `option-unknown`, `option-invalid`
 */
export function checkHideOptions(options: unknown): Required<HideOptions> {
  return checkOptions(options, DEFAULT_HIDE_OPTIONS, {
    how: oneOf(HIDE_WAYS),
    shape: oneOf(HIDE_SHAPES),
    margin: numberIn(HIDE_RANGES.margin),
    color: readColor,
  });
}

const readColor: OptionReader<string> = (_, value) => {
  parseColor(value);
  return value as string; // parseColor takes nothing but text
};

/** What is hidden of a picture. */
export interface HiddenArea {
  /** The rows and columns that are touched, cut at the picture's border. */
  patch: Patch;
  /** Side of a cell in pixels; the first begins at the patch's top left corner. */
  cell: number;
  /** First and last column (exclusive) of row `y` that are hidden, before the cut. */
  spanOf: (y: number) => [begin: number, end: number];
}

/**
 * Which pixels are hidden of the face in a box.
 * @throws FaceError `faces-invalid` for a box without area, or beyond all pictures
 */
export function hiddenArea(
  box: Face['box'],
  { shape, margin }: Pick<Required<HideOptions>, 'shape' | 'margin'>,
  { width, height }: Pick<Pixels, 'width' | 'height'>,
): HiddenArea {
  const [boxX, boxY, boxWidth, boxHeight] = box;
  if (!(boxWidth > 0 && boxHeight > 0) || box.some((value) => Math.abs(value) > FARTHEST)) {
    throw invalid('boxes with an area, near the picture', `[${box.join(', ')}]`);
  }
  // Whole pixels, outwards: a pixel that the box only touches is part of the face.
  const left = Math.floor(boxX);
  const top = Math.floor(boxY);
  const right = Math.max(left + 1, Math.ceil(boxX + boxWidth));
  const bottom = Math.max(top + 1, Math.ceil(boxY + boxHeight));
  const centreX = (left + right) / 2;
  const centreY = (top + bottom) / 2;
  const share = shape === 'box' ? 1 + 2 * margin : Math.max(1 + 2 * margin, Math.SQRT2);
  const radiusX = (share * (right - left)) / 2;
  const radiusY = (share * (bottom - top)) / 2;
  const columns = (reach: number): [number, number] => [
    Math.floor(centreX - reach),
    Math.ceil(centreX + reach),
  ];
  const spanOf = (y: number): [number, number] => {
    if (shape === 'box') return columns(radiusX);
    const away = (y + 0.5 - centreY) / radiusY;
    return columns(radiusX * Math.sqrt(Math.max(0, 1 - away * away)));
  };
  const [fromX, toX] = columns(radiusX);
  const patch = {
    left: Math.max(0, fromX),
    top: Math.max(0, Math.floor(centreY - radiusY)),
    right: Math.min(width, toX),
    bottom: Math.min(height, Math.ceil(centreY + radiusY)),
  };
  // One cell fewer: the cells begin at the area's corner, so the box may cut the first and the last.
  const cell = Math.max(LEAST_CELL, Math.ceil(Math.max(right - left, bottom - top) / (MOST_CELLS - 1)));
  return { patch, cell, spanOf };
}

function fillArea(pixels: Pixels, area: HiddenArea, [red, green, blue]: Color): void {
  forEachRow(pixels, area, (at, end) => {
    for (; at < end; at += CHANNELS) {
      pixels.data[at] = red;
      pixels.data[at + 1] = green;
      pixels.data[at + 2] = blue;
    }
  });
}

/** Leaves of an area only the means of its cells, in squares or smoothly joined. */
function coarsenArea(pixels: Pixels, area: HiddenArea, smooth: boolean): void {
  const { patch, cell } = area;
  if (patch.right <= patch.left || patch.bottom <= patch.top) return;
  const cells = averageCells(pixels, patch, cell);
  const row = new Uint8Array((patch.right - patch.left) * CHANNELS);
  let last = -1;
  forEachRow(pixels, area, (at, end, y, x) => {
    const line = smooth ? y - patch.top : Math.floor((y - patch.top) / cell);
    if (line !== last) (smooth ? smoothRow : squareRow)(cells, line, row);
    last = line;
    const from = (x - patch.left) * CHANNELS;
    pixels.data.set(row.subarray(from, from + end - at), at);
  });
}

/** The colours of a row of cells, each as wide as its cell. */
function squareRow({ means, columns, cell }: Cells, line: number, row: Uint8Array): void {
  for (let i = 0; i < row.length; i++) {
    const column = Math.floor(i / CHANNELS / cell);
    row[i] = Math.round(means[(line * columns + column) * CHANNELS + (i % CHANNELS)]!);
  }
}

/** Calls `visit` with each row's hidden part: its first and last byte (exclusive), `y` and first `x`. */
function forEachRow(
  { width }: Pixels,
  { patch, spanOf }: HiddenArea,
  visit: (at: number, end: number, y: number, x: number) => void,
): void {
  for (let y = patch.top; y < patch.bottom; y++) {
    const [begin, end] = spanOf(y);
    const from = Math.max(patch.left, begin);
    const to = Math.min(patch.right, end);
    if (from < to) visit((y * width + from) * CHANNELS, (y * width + to) * CHANNELS, y, from);
  }
}

export function checkSize(
  { width, height }: Pixels,
  faces: readonly Face[],
  detection: { width: number; height: number } | undefined,
): void {
  if (detection !== undefined) {
    if (detection.width === width && detection.height === height) return;
    throw invalid(
      `faces found on a picture of ${width} x ${height}`,
      `${detection.width} x ${detection.height}`,
    );
  }
  const beyond = faces.find(
    ({ box: [x, y, boxWidth, boxHeight] }) =>
      x >= width || y >= height || x + boxWidth <= 0 || y + boxHeight <= 0,
  );
  if (beyond !== undefined) {
    throw invalid(
      `faces on the picture of ${width} x ${height}`,
      `one at ${beyond.box.map(Math.round).join(', ')}`,
    );
  }
}

function invalid(expected: string, got: string): FaceError {
  return new FaceError({
    code: 'faces-invalid',
    expected,
    got,
    hint: 'Send the picture and its faces in one message, as mtcnn detect does; no picture is sent on unhidden.',
  });
}
