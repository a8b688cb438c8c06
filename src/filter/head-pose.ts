import type { Keypoints } from '../detection';
import { type FivePoints, fivePointsOf } from '../geometry/keypoints';

/** Angles of a head in degrees, as the viewer of the picture sees them; all 0 for a face that looks at the camera. */
export interface HeadPose {
  /** Turned in the picture, clockwise positive: the picture's right eye is lower. */
  roll: number;
  /** Turned sideways, positive to the picture's right. */
  yaw: number;
  /** Nodding, positive when it looks up. */
  pitch: number;
}

type Vector = readonly [x: number, y: number, z: number];

/**
 * The five points of a mean face, in half eye distances from the middle between the eyes: x to the picture's right, y
 * down, z away from the viewer. Our own: left and right are mirrored, and the shape is the one that leaves the least
 * residual (Huber) over the poses of the 401 faces that this detector finds on FDDB fold 1 with a confidence above 0.98
 * and a side above 40 pixels, under scaled orthography. What this cannot tell, the pitch that is called 0, is set to
 * the median of those faces.
 */
export const MEAN_FACE: readonly [Vector, Vector, Vector, Vector, Vector] = [
  [-1, 0, 0],
  [1, 0, 0],
  [0, 1.128, -0.83],
  [-0.876, 2.166, 0.155],
  [0.876, 2.166, 0.155],
];

/** {@link MEAN_FACE} around its centroid, and the sums of its products: `xy` and `xz` are 0 by symmetry. */
const CENTRED = centred(MEAN_FACE);
const XX = sumOf(([x]) => x * x);
const YY = sumOf(([, y]) => y * y);
const YZ = sumOf(([, y, z]) => y * z);
const ZZ = sumOf(([, , z]) => z * z);

/** Least area that the picture of the face's three axes spans, as a share of its square size: below it, a line. */
const LEAST_SPREAD = 1e-6;

/**
 * Estimates a head's pose from its five points, as the POS algorithm does (DeMenthon and Davis 1995, International
 * Journal of Computer Vision 15, section 4): the affine picture of {@link MEAN_FACE} that fits them best, then the
 * nearest scaled rotation. Rotations in the order pitch, yaw, roll. Faces differ and points are not exact: in a
 * simulation with the residuals of real faces the standard deviation of yaw and pitch was 4 to 8 degrees.
 * @returns undefined where a point is missing or all lie on one line
 */
export function headPose(keypoints: Partial<Keypoints> | undefined): HeadPose | undefined {
  const points = fivePointsOf(keypoints);
  return points === undefined ? undefined : poseOf(points);
}

function poseOf(points: FivePoints): HeadPose | undefined {
  const i = axisPicture(points, 0);
  const j = axisPicture(points, 1);
  const axes = nearestRotation(i, j);
  if (axes === undefined) return undefined;
  const [right, down, away] = axes;
  return {
    roll: degrees(Math.atan2(down[0], right[0])),
    yaw: degrees(Math.asin(Math.min(1, Math.max(-1, away[0])))),
    pitch: degrees(Math.atan2(-away[1], away[2])),
  };
}

/** One row of the affine camera by least squares: how the picture's x (0) or y (1) depends on the face's axes. */
function axisPicture(points: FivePoints, axis: 0 | 1): Vector {
  const onto = (along: 0 | 1 | 2) => sumOf((vector, n) => vector[along] * points[n]![axis]);
  const [x, y, z] = [onto(0), onto(1), onto(2)];
  const determinant = YY * ZZ - YZ * YZ;
  return [x / XX, (y * ZZ - z * YZ) / determinant, (z * YY - y * YZ) / determinant];
}

/**
 * The rotation whose first two rows, scaled, are nearest to `i` and `j`: `(A A')^(-1/2) A`, in closed form for two rows.
 */
function nearestRotation(i: Vector, j: Vector): readonly [Vector, Vector, Vector] | undefined {
  const [ii, ij, jj] = [dot(i, i), dot(i, j), dot(j, j)];
  const area = Math.sqrt(Math.max(0, ii * jj - ij * ij));
  if (!(area > LEAST_SPREAD * (ii + jj))) return undefined;
  const norm = area * Math.sqrt(ii + jj + 2 * area);
  const first = combine((jj + area) / norm, i, -ij / norm, j);
  const second = combine(-ij / norm, i, (ii + area) / norm, j);
  return [first, second, cross(first, second)];
}

function centred(vectors: typeof MEAN_FACE): readonly Vector[] {
  const mean = (along: 0 | 1 | 2) => vectors.reduce((sum, vector) => sum + vector[along], 0) / vectors.length;
  const [x, y, z] = [mean(0), mean(1), mean(2)];
  return vectors.map((vector) => [vector[0] - x, vector[1] - y, vector[2] - z]);
}

function sumOf(value: (vector: Vector, n: number) => number): number {
  return CENTRED.reduce((sum, vector, n) => sum + value(vector, n), 0);
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function combine(s: number, a: Vector, t: number, b: Vector): Vector {
  return [s * a[0] + t * b[0], s * a[1] + t * b[1], s * a[2] + t * b[2]];
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
