import type { Face, Point } from '../detection';
import { describeValue, FaceError } from '../errors';
import { decodeImage, type DecodeLimits } from '../image/decode';
import { encodeImage, type EncodeOptions } from '../image/encode';
import type { Pixels } from '../image/pixels';
import { type Color, parseColor } from './color';
import { drawLabel, fontFor } from './label';
import { drawBox, drawDot } from './shapes';

/** What is drawn of each face, and how; every property is optional. */
export interface AnnotationStyle {
  /** @default true */
  boxes?: boolean;
  /** The confidence in percent. @default true */
  labels?: boolean;
  /** The five keypoints. @default true */
  points?: boolean;
  /** `#rgb` or `#rrggbb`. @default '#00e5a0' */
  color?: string;
  /** Width of lines in pixels; 0: by the size of the picture. @default 0 */
  lineWidth?: number;
}

const DEFAULT_COLOR = '#00e5a0';

/** Line width as a share of the picture's longer side: 2 pixels at 640. */
const LINE_SHARE = 1 / 320;
/** Height of labels as a share of the picture's longer side: 16 pixels at 640. */
const LABEL_SHARE = 1 / 40;

/**
 * Draws faces on an image, in any form of the message contract.
 * @param faces their boxes and keypoints in pixels of the upright image
 * @returns the annotated picture as a file, and its size in pixels
 * @throws FaceError of the image; `faces-invalid`; `option-invalid` for a colour
 */
export async function annotateImage(
  image: unknown,
  faces: unknown,
  style: AnnotationStyle & EncodeOptions & DecodeLimits = {},
): Promise<{ image: Buffer; width: number; height: number }> {
  const checked = checkFaces(faces);
  const decoded = await decodeImage(image, style);
  // Raw pixels of a message are the sender's: never draw on them.
  const pixels = { ...decoded, data: Uint8Array.from(decoded.data) };
  await drawFaces(pixels, checked, style);
  return { image: await encodeImage(pixels, style), width: pixels.width, height: pixels.height };
}

/** Draws faces on pixels, in place. */
export async function drawFaces(
  pixels: Pixels,
  faces: readonly Face[],
  { boxes = true, labels = true, points = true, color = DEFAULT_COLOR, lineWidth = 0 }: AnnotationStyle = {},
): Promise<void> {
  const ink: Color = parseColor(color);
  const longer = Math.max(pixels.width, pixels.height);
  const line = lineWidth > 0 ? lineWidth : Math.max(1, Math.round(longer * LINE_SHARE));
  const font = labels && faces.length > 0 ? await fontFor(longer * LABEL_SHARE) : undefined;
  for (const { box, confidence, keypoints } of faces) {
    if (boxes) drawBox(pixels, box, line, ink);
    if (points && keypoints !== undefined) {
      for (const point of Object.values(keypoints) as Point[]) drawDot(pixels, point, line * 1.25, ink);
    }
    if (font !== undefined) {
      drawLabel(pixels, `${Math.round(confidence * 100)}%`, box[0] - line / 2, box[1] - line / 2, ink, font);
    }
  }
}

/**
 * The faces of a message, if they are some.
 * @throws FaceError `faces-invalid`
 */
export function checkFaces(faces: unknown): Face[] {
  if (Array.isArray(faces) && faces.every(isFace)) return faces;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'faces as mtcnn detect sends them: an array of {box, confidence, keypoints}',
    got: Array.isArray(faces) ? 'an array with something else in it' : describeValue(faces),
    hint: 'Wire this node behind mtcnn detect, or choose the property that holds the faces.',
  });
}

function isFace(value: unknown): value is Face {
  return (
    typeof value === 'object' &&
    value !== null &&
    'box' in value &&
    isNumbers(value.box, 4) &&
    'confidence' in value &&
    typeof value.confidence === 'number' &&
    (!('keypoints' in value) || value.keypoints === undefined || isKeypoints(value.keypoints))
  );
}

function isKeypoints(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((point) => isNumbers(point, 2))
  );
}

function isNumbers(value: unknown, count: number): boolean {
  return Array.isArray(value) && value.length === count && value.every((number) => Number.isFinite(number));
}
