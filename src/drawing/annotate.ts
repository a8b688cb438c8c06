import type { Face, Point } from '../detection';
import type { Zone } from '../geometry/zones';
import { decodeForDrawing, type DecodeLimits } from '../image/decode';
import { encodeImage, type EncodeOptions } from '../image/encode';
import type { Pixels } from '../image/pixels';
import { checkFaces } from './check-faces';
import { type Color, parseColor } from './color';
import { checkSize, hidePixels, type HideOptions } from './hide';
import { drawLabel, fontFor } from './label';
import { drawBox, drawDot, drawLine } from './shapes';

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
  /** Where faces have been: lines through these points, in pixels. */
  trails?: readonly (readonly Point[])[];
  /** Zones to outline. */
  zones?: readonly Zone[];
  /** Text for the upper left corner. */
  legend?: string;
}

/** A face that has been followed. */
type MaybeTracked = Face & { trackId?: unknown };

/** Colours of zones: where faces count, and where they do not. */
const ZONE_COLORS = { include: parseColor('#4dabf7'), exclude: parseColor('#ff6b6b') } as const;

const DEFAULT_COLOR = '#00e5a0';

/** Line width as a share of the picture's longer side: 2 pixels at 640. */
const LINE_SHARE = 1 / 320;
/** Height of labels as a share of the picture's longer side: 16 pixels at 640. */
const LABEL_SHARE = 1 / 40;

/** Faces are hidden before anything is drawn, if the picture is as large as the one that they were found on. */
export interface HideConfig extends HideOptions {
  detection: { width: number; height: number };
}

/**
 * Draws faces on an image, in any form of the message contract.
 * @param faces their boxes and keypoints in pixels of the upright image
 * @returns the annotated picture as a file, and its size in pixels
 * @throws FaceError of the image; `faces-invalid`, also where faces are to be hidden and the sizes differ; `option-…`
 */
export async function annotateImage(
  image: unknown,
  faces: unknown,
  style: AnnotationStyle & EncodeOptions & DecodeLimits & { hide?: HideConfig } = {},
): Promise<{ image: Buffer; width: number; height: number }> {
  const checked = checkFaces(faces);
  const pixels = await decodeForDrawing(image, style);
  if (style.hide !== undefined) {
    const { detection, ...how } = style.hide;
    checkSize(pixels, checked, detection);
    hidePixels(pixels, checked, how);
  }
  await drawFaces(pixels, checked, style);
  return { image: await encodeImage(pixels, style), width: pixels.width, height: pixels.height };
}

/** Draws faces on pixels, in place. */
export async function drawFaces(
  pixels: Pixels,
  faces: readonly Face[],
  style: AnnotationStyle = {},
): Promise<void> {
  const { boxes = true, labels = true, points = true, color = DEFAULT_COLOR, lineWidth = 0 } = style;
  const ink: Color = parseColor(color);
  const longer = Math.max(pixels.width, pixels.height);
  const line = lineWidth > 0 ? lineWidth : Math.max(1, Math.round(longer * LINE_SHARE));
  const wordy = (labels && faces.length > 0) || style.legend !== undefined;
  const font = wordy ? await fontFor(longer * LABEL_SHARE) : undefined;
  for (const zone of style.zones ?? []) drawZone(pixels, zone, line);
  for (const trail of style.trails ?? []) {
    trail.slice(1).forEach((point, i) => drawLine(pixels, trail[i]!, point, line, ink));
  }
  for (const face of faces) {
    const { box, confidence, keypoints } = face;
    if (boxes) drawBox(pixels, box, line, ink);
    if (points && keypoints !== undefined) {
      for (const point of Object.values(keypoints) as Point[]) drawDot(pixels, point, line * 1.25, ink);
    }
    if (labels && font !== undefined) {
      const { trackId } = face as MaybeTracked;
      const id = typeof trackId === 'number' ? `#${trackId} ` : '';
      const text = `${id}${Math.round(confidence * 100)}%`;
      drawLabel(pixels, text, box[0] - line / 2, box[1] - line / 2, ink, font);
    }
  }
  if (font !== undefined && style.legend !== undefined) {
    drawLabel(pixels, style.legend, 0, longer * LABEL_SHARE * 1.5, ink, font);
  }
}

/** Outlines a zone, whose points are shares of the picture. */
function drawZone(pixels: Pixels, { kind, points }: Zone, line: number): void {
  const corners = points.map(([x, y]): Point => [x * pixels.width, y * pixels.height]);
  corners.forEach((corner, i) => {
    drawLine(pixels, corners.at(i - 1)!, corner, line, ZONE_COLORS[kind]);
  });
}
