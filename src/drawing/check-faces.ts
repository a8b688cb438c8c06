import type { Face } from '../detection';
import { describeValue, FaceError } from '../errors';

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
    Number.isFinite(value.confidence) &&
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
