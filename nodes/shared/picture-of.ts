import { FaceError } from '../../src/errors';
import type { FaceMessage } from './message';

/** Width and height in pixels. */
interface Size {
  width: number;
  height: number;
}

/** Size of the picture that a message's faces were found on; nothing where it does not tell, or of several. */
export function sizeOf({ detection, frame }: FaceMessage): Size | undefined {
  const told: unknown = Array.isArray(detection) ? undefined : (detection ?? frame);
  if (typeof told !== 'object' || told === null || !('width' in told && 'height' in told)) return undefined;
  // Other nodes may send anything by that name.
  const { width, height } = told;
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined;
}

/**
 * The same where it is needed.
 * @throws FaceError `faces-invalid`
 */
export function requireSize(message: FaceMessage): Size {
  const size = sizeOf(message);
  if (size !== undefined && size.width > 0 && size.height > 0) return size;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'msg.detection with the size of the picture that the faces were found on',
    got: Array.isArray(message.detection) ? 'several pictures' : 'none',
    hint: 'Keep msg.detection, which mtcnn detect sends with the faces of a single picture.',
  });
}
