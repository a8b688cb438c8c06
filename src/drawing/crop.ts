import { checkOptions, numberIn, oneOf, type Range, wholeNumberIn, yesOrNo } from '../check-options';
import type { Face, Point } from '../detection';
import { FaceError } from '../errors';
import { fivePointsOf } from '../geometry/keypoints';
import { applySimilarity, fitSimilarity, invertSimilarity, type Similarity } from '../geometry/similarity';
import { decodeImage, type DecodeLimits } from '../image/decode';
import { encodeImage } from '../image/encode';
import { CHANNELS, type Pixels } from '../image/pixels';
import { type Reductions, reductionsOf } from '../image/reductions';
import { checkFaces } from './check-faces';
import { copyWindow, type Padding, PADDINGS, warp } from './warp';

export const CROP_MODES = ['margin', 'aligned'] as const;
export const CROP_FORMATS = ['jpeg', 'png', 'raw'] as const;

/** How faces are cut out; every property is optional. */
export interface CropOptions {
  /** `margin`: the box as it is in the picture. `aligned`: turned and scaled so that the five points match a template. @default 'margin' */
  mode?: (typeof CROP_MODES)[number];
  /** With `margin`: added on each side, as a share of the box's width or height. @default 0.2 */
  margin?: number;
  /** With `margin`: the square around the centre whose side is the longer one. @default false */
  square?: boolean;
  /** With `aligned`: side in pixels. @default 112 */
  size?: number;
  /** What stands beyond the picture: its outermost pixels, black or mid-grey. @default 'black' */
  padding?: Padding;
  /** Of the crops; `raw` are RGB pixels. @default 'jpeg' */
  format?: (typeof CROP_FORMATS)[number];
  /** JPEG quality in percent. @default 90 */
  quality?: number;
  /** Only the face with the largest box. @default false */
  largestOnly?: boolean;
}

export const DEFAULT_CROP_OPTIONS: Required<CropOptions> = {
  mode: 'margin',
  margin: 0.2,
  square: false,
  size: 112,
  padding: 'black',
  format: 'jpeg',
  quality: 90,
  largestOnly: false,
};

/** Least and greatest value of each number, both allowed. */
export const CROP_RANGES = {
  margin: [0, 1],
  size: [16, 2048],
  quality: [1, 100],
} as const satisfies Record<string, Range>;

/** Raw pixels: `height` rows of `width` RGB triples. */
export interface RawCrop {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 3;
}

/** One face, cut out. */
export interface FaceCrop<F extends Face = Face> {
  /** A file, or raw pixels with the format `raw`. */
  image: Buffer | RawCrop;
  /** pixels */
  width: number;
  height: number;
  /** What was cut out, in pixels of the upright picture; for an aligned crop the box around its four corners. */
  box: Face['box'];
  /** The face as it came. */
  face: F;
}

/** Side in pixels of the crop that {@link TEMPLATE} is for. */
const TEMPLATE_SIZE = 112;

/**
 * Where the five points lie in an aligned crop of 112 x 112, in the order of `KEYPOINT_NAMES`: ArcFace's (Deng et al.
 * 2019, arXiv:1801.07698; `arcface_dst` in insightface's `face_align.py`). Pixel centres are whole numbers there, as in
 * OpenCV's warpAffine; here they are halves.
 */
export const TEMPLATE: readonly [Point, Point, Point, Point, Point] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** Farthest that a crop may reach, in longer sides of the picture: a face that fills it, with the greatest margin. */
const MOST_SIDES = 3;

/**
 * Cuts faces out of a picture, in any form of the message contract.
 * @param faces in pixels of the upright image
 * @returns one crop a face, in their order
 * @throws FaceError of the image; `faces-invalid`: no faces, a box that cannot belong to the picture, or no keypoints
 *   to align by; `option-…`
 */
export async function cropFaces<F extends Face>(
  image: unknown,
  faces: readonly F[],
  options: CropOptions & DecodeLimits = {},
): Promise<FaceCrop<F>[]> {
  const { maxPixels, ...rest } = options;
  const checked = checkCropOptions(rest);
  checkFaces(faces);
  const picture = await decodeImage(image, maxPixels === undefined ? {} : { maxPixels });
  const reductions = reductionsOf(picture);
  const crops: FaceCrop<F>[] = [];
  for (const face of checked.largestOnly ? largestOf(faces) : faces) {
    const { pixels, box } =
      checked.mode === 'aligned'
        ? cropAligned(reductions, face, checked)
        : cropMargin(picture, face, checked);
    const { width, height } = pixels;
    crops.push({ image: await toFormat(pixels, checked), width, height, box, face });
  }
  return crops;
}

/**
 * Fills in the defaults and checks every value.
 * @throws FaceError `option-unknown`, `option-invalid`
 */
export function checkCropOptions(options: unknown): Required<CropOptions> {
  return checkOptions(options, DEFAULT_CROP_OPTIONS, {
    mode: oneOf(CROP_MODES),
    margin: numberIn(CROP_RANGES.margin),
    square: yesOrNo,
    size: wholeNumberIn(CROP_RANGES.size),
    padding: oneOf(PADDINGS),
    format: oneOf(CROP_FORMATS),
    quality: wholeNumberIn(CROP_RANGES.quality),
    largestOnly: yesOrNo,
  });
}

/**
 * The similarity from the picture to an aligned crop of `size` x `size`, coordinates from the top left corner of each.
 * @throws FaceError `faces-invalid`: a point is missing, or they are all in one place
 */
export function alignmentOf({ keypoints }: Pick<Face, 'keypoints'>, size: number): Similarity {
  const points = fivePointsOf(keypoints);
  const similarity = points === undefined ? undefined : fitSimilarity(points, templateFor(size));
  if (similarity !== undefined && Math.hypot(similarity.a, similarity.b) > 0) return similarity;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'faces with their five keypoints, to align them',
    got: points === undefined ? 'a face without' : 'a face whose points are all in one place',
    hint: 'Switch landmarks on in mtcnn detect, or cut out with a margin.',
  });
}

/** {@link TEMPLATE} for another size. */
export function templateFor(size: number): Point[] {
  const scale = size / TEMPLATE_SIZE;
  return TEMPLATE.map(([x, y]) => [(x + 0.5) * scale, (y + 0.5) * scale]);
}

interface Cut {
  pixels: Pixels;
  box: Face['box'];
}

function cropAligned(reductions: Reductions, face: Face, { size, padding }: Required<CropOptions>): Cut {
  const toPicture = invertSimilarity(alignmentOf(face, size));
  const corners = [
    [0, 0],
    [size, 0],
    [size, size],
    [0, size],
  ].map(([x = 0, y = 0]) => applySimilarity(toPicture, [x, y]));
  const box = boxAround(corners);
  checkCut(box, reductions.full, face);
  return { pixels: warp(reductions, toPicture, size, size, padding), box };
}

function cropMargin(picture: Pixels, face: Face, { margin, square, padding }: Required<CropOptions>): Cut {
  const [x, y, width, height] = face.box;
  let [cutWidth, cutHeight] = [width * (1 + 2 * margin), height * (1 + 2 * margin)];
  if (square) cutWidth = cutHeight = Math.max(cutWidth, cutHeight);
  const left = Math.round(x + (width - cutWidth) / 2);
  const top = Math.round(y + (height - cutHeight) / 2);
  const box: Face['box'] = [left, top, Math.max(1, Math.round(cutWidth)), Math.max(1, Math.round(cutHeight))];
  checkCut(box, picture, face);
  return { pixels: copyWindow(picture, box, padding), box };
}

/** @throws FaceError `faces-invalid` for a box without area, or so large that it cannot belong to the picture */
function checkCut(cut: Face['box'], { width, height }: Pixels, { box }: Face): void {
  const most = MOST_SIDES * Math.max(width, height);
  if (box[2] > 0 && box[3] > 0 && cut.every((value) => Math.abs(value) <= most)) return;
  throw new FaceError({
    code: 'faces-invalid',
    expected: `a face of the picture, which is ${width} x ${height}`,
    got: `a box of [${box.map((value) => Math.round(value)).join(', ')}]`,
    hint: 'Send the picture and its faces in one message, as mtcnn detect does.',
  });
}

function boxAround(points: readonly Point[]): Face['box'] {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

function largestOf<F extends Face>(faces: readonly F[]): F[] {
  const area = ({ box }: Face) => box[2] * box[3];
  return [...faces].sort((a, b) => area(b) - area(a)).slice(0, 1);
}

async function toFormat(
  pixels: Pixels,
  { format, quality }: Required<CropOptions>,
): Promise<FaceCrop['image']> {
  if (format === 'raw') return { ...pixels, channels: CHANNELS };
  return encodeImage(pixels, { format, quality });
}
