import { FaceError } from '../../src/errors';
import type { FaceMessage } from './message';

/** Size in pixels of the picture that a message's faces were found on; NaN where it does not tell. */
export function sizeOf({ detection, frame }: FaceMessage): { width: number; height: number } {
  const told = Array.isArray(detection) ? undefined : (detection ?? frame);
  return { width: told?.width ?? NaN, height: told?.height ?? NaN };
}

/**
 * The same where it is needed.
 * @throws FaceError `faces-invalid`
 */
export function requireSize(message: FaceMessage): { width: number; height: number } {
  const size = sizeOf(message);
  if (size.width > 0 && size.height > 0) return size;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'msg.detection with the size of the picture that the faces were found on',
    got: Array.isArray(message.detection) ? 'several pictures' : 'none',
    hint: 'Keep msg.detection, which mtcnn detect sends with the faces of a single picture.',
  });
}
