import { expect, it } from 'vitest';
import type { FaceMessage } from '../../nodes/shared/message';
import { sizeOf } from '../../nodes/shared/picture-of';

it.each([
  {
    message: { detection: { width: 4, height: 3 } },
    size: { width: 4, height: 3 },
    reason: 'of a detection',
  },
  { message: { frame: { width: 4, height: 3 } }, size: { width: 4, height: 3 }, reason: 'of a frame' },
  { message: { detection: null, frame: null }, size: undefined, reason: 'null' },
  { message: { detection: { width: '4', height: '3' } }, size: undefined, reason: 'texts' },
  {
    message: { detection: { width: { valueOf: 1 }, height: 3 } },
    size: undefined,
    reason: 'what is no number',
  },
])('$reason', ({ message, size }) => {
  // Other nodes send what no type allows.
  expect(sizeOf(message as unknown as FaceMessage)).toEqual(size);
});
