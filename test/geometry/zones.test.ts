import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../src/detection';
import { checkZones, insideZone, type Zone, zoneOf } from '../../src/geometry/zones';

const zone = (points: Point[], kind: Zone['kind'] = 'include', name?: string): Zone => ({
  kind,
  points,
  ...(name === undefined ? {} : { name }),
});
const rectangle = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const frame = zone(rectangle(0, 0, 1, 1));
/** An L: the upper right quarter is missing. */
const corner = zone([
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
]);

describe('a point in a zone', () => {
  it.each<{ point: Point; inside: boolean; reason: string }>([
    { point: [0.25, 0.25], inside: true, reason: 'one arm of the L' },
    { point: [0.75, 0.75], inside: true, reason: 'the other' },
    { point: [0.75, 0.25], inside: false, reason: 'the missing quarter' },
    { point: [0.5, 0.25], inside: true, reason: 'on an edge' },
    { point: [0.5, 0.5], inside: true, reason: 'on the inner corner' },
    { point: [1, 0.75], inside: true, reason: 'on the border of the frame' },
    { point: [0.75, 0], inside: false, reason: 'on the line of an edge, beyond its end' },
  ])('$point: $inside ($reason)', ({ point, inside }) => {
    expect(insideZone(point, corner)).toBe(inside);
  });

  it('is the same whichever way round the zone was drawn, and from whichever corner', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const point = fc.tuple(share, share);
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 8 }), point, fc.nat(7), (points, at, turn) => {
        const turned = [...points.slice(turn), ...points.slice(0, turn)];
        const reversed = [...points].reverse();
        // Thousandths: a border is where rounding may decide, and no user draws finer.
        const exact = (list: Point[]): Zone => zone(list.map(([x, y]) => [thousandth(x), thousandth(y)]));
        const spot: Point = [thousandth(at[0]) + 0.0003, thousandth(at[1]) + 0.0004];
        const inside = insideZone(spot, exact(points));
        expect(insideZone(spot, exact(turned))).toBe(inside);
        expect(insideZone(spot, exact(reversed))).toBe(inside);
      }),
    );
  });
});

function thousandth(value: number): number {
  return Math.round(value * 1000) / 1000;
}

describe('a face in zones', () => {
  const face = (x: number, y: number) => ({
    box: [x - 10, y - 10, 20, 20] as [number, number, number, number],
  });
  const left = zone(rectangle(0, 0, 0.5, 1), 'include', 'door');
  const top = zone(rectangle(0, 0, 1, 0.2), 'exclude', 'poster');

  it.each([
    { at: face(50, 50), zones: [], place: 'inside', name: undefined, reason: 'no zones' },
    { at: face(50, 50), zones: [left, top], place: 'inside', name: 'door', reason: 'in an include zone' },
    {
      at: face(150, 50),
      zones: [left, top],
      place: 'outside',
      name: undefined,
      reason: 'in no include zone',
    },
    { at: face(50, 10), zones: [left, top], place: 'excluded', name: 'poster', reason: 'in both kinds' },
    { at: face(150, 50), zones: [top], place: 'inside', name: undefined, reason: 'only excludes are drawn' },
    { at: face(108, 50), zones: [left], place: 'outside', name: undefined, reason: 'its box reaches in' },
    { at: face(-8, 104), zones: [frame], place: 'inside', name: undefined, reason: 'its centre is cut off' },
  ])('$reason: $place', ({ at, zones, place, name }) => {
    const verdict = zoneOf(at, zones, 200, 100);
    expect(verdict.place).toBe(place);
    expect(verdict.zone?.name).toBe(name);
  });
});

describe('zones of a dialog or message', () => {
  it('are taken as copies, without what is not theirs', () => {
    const drawn = [{ ...zone(rectangle(0, 0, 1, 1), 'exclude', 'door'), colour: 'red' }];
    const checked = checkZones(drawn);
    expect(checked).toEqual([zone(rectangle(0, 0, 1, 1), 'exclude', 'door')]);
    expect(checked[0]?.points[0]).not.toBe(drawn[0]?.points[0]);
    expect(checkZones(undefined)).toEqual([]);
    expect(checkZones([])).toEqual([]);
  });

  const three: unknown[] = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  it.each([
    { zones: 'all', reason: 'no array' },
    { zones: null, reason: 'null' },
    { zones: Array.from({ length: 21 }, () => frame), reason: 'more than 20' },
    { zones: [null], reason: 'no object' },
    { zones: [{ points: three }], reason: 'no kind' },
    { zones: [{ kind: 'maybe', points: three }], reason: 'an unknown kind' },
    { zones: [{ kind: 'include', points: three, name: 7 }], reason: 'a name that is no text' },
    { zones: [{ kind: 'include', points: three.slice(1) }], reason: 'two points' },
    { zones: [{ kind: 'include', points: Array.from({ length: 51 }, () => [0, 0]) }], reason: '51 points' },
    { zones: [{ kind: 'include', points: [...three, [1.01, 0]] }], reason: 'pixels in place of shares' },
    { zones: [{ kind: 'include', points: [...three, [-0.01, 0]] }], reason: 'a point beyond the frame' },
    { zones: [{ kind: 'include', points: [...three, [NaN, 0]] }], reason: 'a point that is no place' },
    { zones: [{ kind: 'include', points: [...three, [0.5]] }], reason: 'a point of one number' },
    { zones: [{ kind: 'include', points: [...three, undefined] }], reason: 'a point that is missing' },
  ])('refused: $reason', ({ zones }) => {
    expect(() => checkZones(zones)).toThrow(expect.objectContaining({ code: 'option-invalid' }) as Error);
  });
});
