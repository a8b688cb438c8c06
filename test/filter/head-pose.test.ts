import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Keypoints, Point } from '../../src/detection';
import { headPose, type HeadPose, MEAN_FACE } from '../../src/filter/head-pose';

/** The mean face, nodding, then turned sideways, then in the picture, seen from afar. */
function keypointsAt({ roll, yaw, pitch }: HeadPose, scale = 40, [x, y]: Point = [320, 240]): Keypoints {
  const sine = (degrees: number) => Math.sin((degrees * Math.PI) / 180);
  const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180);
  const points = MEAN_FACE.map(([right, down, away]): Point => {
    const nodded = [
      right,
      cosine(pitch) * down + sine(pitch) * away,
      cosine(pitch) * away - sine(pitch) * down,
    ];
    const [a = NaN, b = NaN, c = NaN] = nodded;
    const turned = cosine(yaw) * a - sine(yaw) * c;
    return [
      x + scale * (cosine(roll) * turned - sine(roll) * b),
      y + scale * (sine(roll) * turned + cosine(roll) * b),
    ];
  });
  const [left_eye, right_eye, nose, mouth_left, mouth_right] = points as [Point, Point, Point, Point, Point];
  return { left_eye, right_eye, nose, mouth_left, mouth_right };
}

describe('the pose of the mean face', () => {
  it.each([
    { roll: 0, yaw: 0, pitch: 0 },
    { roll: 20, yaw: 0, pitch: 0 },
    { roll: 0, yaw: -35, pitch: 0 },
    { roll: 0, yaw: 0, pitch: 25 },
    { roll: -15, yaw: 40, pitch: -20 },
    { roll: 170, yaw: 10, pitch: 5 },
  ])('roll $roll, yaw $yaw, pitch $pitch', (pose) => {
    const found = headPose(keypointsAt(pose));
    expect(found?.roll).toBeCloseTo(pose.roll, 6);
    expect(found?.yaw).toBeCloseTo(pose.yaw, 6);
    expect(found?.pitch).toBeCloseTo(pose.pitch, 6);
  });

  it('whatever its size and place', () => {
    const angle = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
    const place = fc.tuple(angle(2000), angle(2000));
    const scale = fc.double({ min: 3, max: 900, noNaN: true });
    fc.assert(
      fc.property(angle(175), angle(80), angle(80), scale, place, (roll, yaw, pitch, size, at) => {
        const found = headPose(keypointsAt({ roll, yaw, pitch }, size, at));
        expect(found?.roll).toBeCloseTo(roll, 4);
        expect(found?.yaw).toBeCloseTo(yaw, 4);
        expect(found?.pitch).toBeCloseTo(pitch, 4);
      }),
    );
  });
});

describe('signs, as the viewer sees them', () => {
  const frontal = keypointsAt({ roll: 0, yaw: 0, pitch: 0 });
  const moved = (point: keyof Keypoints, dx: number, dy: number) => {
    const [x, y] = frontal[point];
    return headPose({ ...frontal, [point]: [x + dx, y + dy] });
  };

  it('the nose to the right: yaw is positive', () => {
    expect(moved('nose', 15, 0)?.yaw).toBeGreaterThan(10);
    expect(moved('nose', -15, 0)?.yaw).toBeLessThan(-10);
  });

  it('the nose up: pitch is positive', () => {
    expect(moved('nose', 0, -10)?.pitch).toBeGreaterThan(5);
    expect(moved('nose', 0, 10)?.pitch).toBeLessThan(-5);
  });

  it('a tilt clockwise, the eye on the right lower: roll is positive', () => {
    expect(moved('right_eye', 0, 12)?.roll).toBeGreaterThan(2);
  });

  it('a mirrored face has the mirrored pose', () => {
    const { left_eye, right_eye, nose, mouth_left, mouth_right } = keypointsAt({
      roll: 8,
      yaw: 25,
      pitch: 12,
    });
    const mirror = ([x, y]: Point): Point => [640 - x, y];
    const pose = headPose({
      left_eye: mirror(right_eye),
      right_eye: mirror(left_eye),
      nose: mirror(nose),
      mouth_left: mirror(mouth_right),
      mouth_right: mirror(mouth_left),
    });
    expect(pose?.roll).toBeCloseTo(-8, 6);
    expect(pose?.yaw).toBeCloseTo(-25, 6);
    expect(pose?.pitch).toBeCloseTo(12, 6);
  });
});

describe('no pose', () => {
  const frontal = keypointsAt({ roll: 0, yaw: 0, pitch: 0 });
  const onLine = (x: number): Point => [x, 2 * x];

  it.each<{ keypoints: Partial<Keypoints> | undefined; reason: string }>([
    { keypoints: undefined, reason: 'landmarks are off' },
    { keypoints: {}, reason: 'no points' },
    { keypoints: { left_eye: [1, 2], right_eye: [3, 2] }, reason: 'some points' },
    { keypoints: { ...frontal, nose: [NaN, 0] }, reason: 'a point that is no place' },
    {
      keypoints: {
        left_eye: [5, 5],
        right_eye: [5, 5],
        nose: [5, 5],
        mouth_left: [5, 5],
        mouth_right: [5, 5],
      },
      reason: 'all in one place',
    },
    {
      keypoints: {
        left_eye: onLine(1),
        right_eye: onLine(3),
        nose: onLine(4),
        mouth_left: onLine(6),
        mouth_right: onLine(9),
      },
      reason: 'all on one line',
    },
  ])('$reason', ({ keypoints }) => {
    expect(headPose(keypoints)).toBeUndefined();
  });
});
