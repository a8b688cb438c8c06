import type { Face } from '../detection';

/** One shape as `node-red-node-annotate-image` draws it. */
export type Annotation =
  | { type: 'rect'; bbox: [x: number, y: number, width: number, height: number]; label: string }
  | { type: 'circle'; x: number; y: number; r: number };

/** Radius in pixels of a keypoint's circle. */
const POINT_RADIUS = 3;

/** Faces as annotations: a box with its label, and a circle for each keypoint. */
export function toAnnotations(faces: readonly Face[]): Annotation[] {
  return faces.flatMap(({ box, confidence, keypoints }) => [
    { type: 'rect' as const, bbox: box, label: `face ${Math.round(confidence * 100)}%` },
    ...Object.values(keypoints ?? {}).map(([x, y]: [number, number]) => ({
      type: 'circle' as const,
      x,
      y,
      r: POINT_RADIUS,
    })),
  ]);
}
