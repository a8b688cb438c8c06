import type { Point } from '../detection';

/** Scale, turn and shift without a reflection: `x' = a x - b y + dx`, `y' = b x + a y + dy`. */
export interface Similarity {
  a: number;
  b: number;
  dx: number;
  dy: number;
}

/**
 * The similarity that takes `from` to `to` with the least sum of squared distances (Umeyama 1991, IEEE PAMI 13(4)). In
 * the plane and without reflection his solution is one complex quotient, `a + i b`, over the centred points.
 * @param to as many points as `from`
 * @returns undefined where the points of `from` are all in one place
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity | undefined {
  const [fromX, fromY] = meanOf(from);
  const [toX, toY] = meanOf(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (let i = 0; i < from.length; i++) {
    const x = from[i]![0] - fromX;
    const y = from[i]![1] - fromY;
    const u = to[i]![0] - toX;
    const v = to[i]![1] - toY;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  if (!(spread > 0)) return undefined;
  const a = along / spread;
  const b = across / spread;
  return { a, b, dx: toX - (a * fromX - b * fromY), dy: toY - (b * fromX + a * fromY) };
}

/** Where the similarity takes a point. */
export function applySimilarity({ a, b, dx, dy }: Similarity, [x, y]: Readonly<Point>): Point {
  return [a * x - b * y + dx, b * x + a * y + dy];
}

/** The way back; its numbers are not finite where the similarity shrinks all to one point. */
export function invertSimilarity({ a, b, dx, dy }: Similarity): Similarity {
  const square = a * a + b * b;
  const [c, d] = [a / square, -b / square];
  return { a: c, b: d, dx: -(c * dx - d * dy), dy: -(d * dx + c * dy) };
}

/** How many times longer the similarity makes a line. */
export function scaleOf({ a, b }: Similarity): number {
  return Math.hypot(a, b);
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
