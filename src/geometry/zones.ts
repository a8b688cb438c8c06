import { invalidOption } from '../check-options';
import type { Face, Point } from '../detection';
import { describeValue } from '../errors';

/** A polygon in the frame. `include`: faces in it count; `exclude`: faces in it do not. */
export interface Zone {
  name?: string;
  kind: 'include' | 'exclude';
  /** Its corners in order, as shares (0 to 1) of the frame's width and height, so that it fits any resolution. */
  points: Point[];
}

/** Where a face is, seen from the zones. */
export interface ZoneVerdict {
  /** Only `inside` passes: in an include zone (or there is none), and in no exclude zone. */
  place: 'inside' | 'outside' | 'excluded';
  /** The first zone that decided; absent where no include zone contains the face or none is drawn. */
  zone?: Zone;
}

/** Most zones of one set, and fewest and most corners of one zone: far beyond what anyone draws by hand. */
export const MOST_ZONES = 20;
export const ZONE_POINTS_RANGE = [3, 50] as const;

/**
 * Whether a point lies in a zone, border included. A polygon that crosses itself counts by the even-odd rule
 * (ray crossing: Shimrat 1962, Algorithm 112, Communications of the ACM 5(8)).
 * @param point as shares of the frame, as the zone's own
 */
export function insideZone([x, y]: Readonly<Point>, { points }: Zone): boolean {
  let inside = false;
  let [fromX, fromY] = points.at(-1) ?? [NaN, NaN];
  for (const [toX, toY] of points) {
    const side = (toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX);
    if (side === 0 && isBetween(x, fromX, toX) && isBetween(y, fromY, toY)) return true;
    if (fromY > y !== toY > y && side > 0 === toY > fromY) inside = !inside;
    [fromX, fromY] = [toX, toY];
  }
  return inside;
}

/**
 * Which zone a face is in. A face counts by the centre of its box: one point is in a zone or not, whatever the size of
 * the face, and it moves smoothly, where a share of the box would change as the box breathes. A centre beyond the
 * frame (a face that is cut off) counts at the frame's border.
 * @param width of the frame in pixels, @param height likewise
 */
export function zoneOf(
  { box: [left, top, boxWidth, boxHeight] }: Pick<Face, 'box'>,
  zones: readonly Zone[],
  width: number,
  height: number,
): ZoneVerdict {
  const centre: Point = [share(left + boxWidth / 2, width), share(top + boxHeight / 2, height)];
  const find = (kind: Zone['kind']) => zones.find((zone) => zone.kind === kind && insideZone(centre, zone));
  const excluded = find('exclude');
  if (excluded !== undefined) return { place: 'excluded', zone: excluded };
  const included = find('include');
  if (included !== undefined) return { place: 'inside', zone: included };
  return { place: zones.some(({ kind }) => kind === 'include') ? 'outside' : 'inside' };
}

/**
 * The zones of a dialog or message as new objects, if they are some; `undefined` is no zone.
 * @throws FaceError `option-invalid`: no array, too many zones, an unknown kind, too few or too many points, or a
 *   coordinate that is not from 0 to 1
 */
export function checkZones(zones: unknown): Zone[] {
  if (zones === undefined) return [];
  if (!Array.isArray(zones) || zones.length > MOST_ZONES) {
    throw invalidOption('zones', `an array of at most ${MOST_ZONES} zones`, describeValue(zones));
  }
  return zones.map((zone: unknown, i) => checkZone(zone, `zone ${i + 1}`));
}

function checkZone(zone: unknown, which: string): Zone {
  if (typeof zone !== 'object' || zone === null || !('kind' in zone) || !('points' in zone)) {
    throw invalidOption(which, '{name, kind, points}', describeValue(zone));
  }
  const { kind, points } = zone;
  const name = 'name' in zone ? zone.name : undefined;
  if (kind !== 'include' && kind !== 'exclude') {
    throw invalidOption(`the kind of ${which}`, 'include or exclude', describeValue(kind));
  }
  if (name !== undefined && typeof name !== 'string') {
    throw invalidOption(`the name of ${which}`, 'a text', describeValue(name));
  }
  const [fewest, most] = ZONE_POINTS_RANGE;
  if (!Array.isArray(points) || points.length < fewest || points.length > most) {
    throw invalidOption(`the points of ${which}`, `${fewest} to ${most} points`, describeValue(points));
  }
  const checked = points.map((point: unknown) => checkPoint(point, which));
  return { ...(name === undefined ? {} : { name }), kind, points: checked };
}

function checkPoint(point: unknown, which: string): Point {
  if (Array.isArray(point) && point.length === 2) {
    const [x, y] = point as [unknown, unknown];
    if (isShare(x) && isShare(y)) return [x, y];
  }
  throw invalidOption(
    `each point of ${which}`,
    '[x, y] as shares of the frame, 0 to 1',
    describeValue(point),
  );
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isBetween(value: number, a: number, b: number): boolean {
  return value >= Math.min(a, b) && value <= Math.max(a, b);
}

function share(value: number, of: number): number {
  return Math.min(1, Math.max(0, value / of));
}
