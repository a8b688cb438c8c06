import type { Face, Keypoints, Point } from '../detection';

/** Time constant in ms of the strongest smoothing. */
const LONGEST_MS = 1_000;

/**
 * A face between its last smoothed place and its new one: exponential in time, so that the frame rate does not matter.
 * @param elapsedMs since the last one
 * @param smoothing 0 (the new face as it is) to 1
 */
export function smoothFace(last: Face, next: Face, elapsedMs: number, smoothing: number): Face {
  if (smoothing === 0) return next;
  const share = 1 - Math.exp(-Math.max(1, elapsedMs) / (smoothing * LONGEST_MS));
  const between = (a: number, b: number) => a + share * (b - a);
  const box = next.box.map((value, i) => between(last.box[i]!, value)) as Face['box']; // four as before
  if (last.keypoints === undefined || next.keypoints === undefined) return { ...next, box };
  const before = last.keypoints;
  const keypoints = Object.fromEntries(
    Object.entries(next.keypoints).map(([name, [x, y]]: [string, Point]) => {
      const [lastX, lastY] = before[name as keyof Keypoints]; // the same five names
      return [name, [between(lastX, x), between(lastY, y)]];
    }),
  ) as unknown as Keypoints;
  return { ...next, box, keypoints };
}
