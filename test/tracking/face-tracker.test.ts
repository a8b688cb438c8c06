import { describe, expect, it } from 'vitest';
import { measureIdentities } from '../../bench/identities';
import type { Face } from '../../src/detection';
import { FaceTracker } from '../../src/tracking/face-tracker';

const face = (x: number, y = 100, size = 50): Face => ({ box: [x, y, size, size], confidence: 0.9 });
const at = (timestamp: number) => ({ timestamp, width: 640, height: 480 });
const ids = (tracks: { trackId: number }[]) => tracks.map(({ trackId }) => trackId);

/** Shows a tracker a face at each of these places, 100 ms apart; null: none is seen. */
function show(tracker: FaceTracker, places: (number | null)[], begin = 0) {
  return places.map((x, i) => tracker.update(x === null ? [] : [face(x)], at(begin + i * 100)));
}

describe('a face', () => {
  it('keeps its number while it moves, and every other property', () => {
    const tracker = new FaceTracker();
    const frames = show(tracker, [100, 110, 125, 140]);
    expect(frames.map(({ faces }) => ids(faces))).toEqual([[1], [1], [1], [1]]);
    const extra = { ...face(150), note: 'mine' };
    expect(tracker.update([extra], at(400)).faces[0]).toEqual({ ...extra, trackId: 1 });
  });

  it('has entered when it was seen twice, and is told of as present with its times', () => {
    const frames = show(new FaceTracker(), [100, 100, 100]);
    expect(frames.map(({ tracks }) => ids(tracks.entered))).toEqual([[], [1], []]);
    expect(frames[2]?.tracks.present).toEqual([
      { ...face(100), trackId: 1, ageMs: 200, dwellMs: 200, seen: 3, hidden: false },
    ]);
  });

  it('that was seen once is announced neither as entered nor as left', () => {
    const frames = show(new FaceTracker(), [100, null, null, null]);
    expect(frames.flatMap(({ tracks }) => [...tracks.entered, ...tracks.present, ...tracks.left])).toEqual(
      [],
    );
  });

  it('is the same after it was hidden for a second, where it is expected', () => {
    const tracker = new FaceTracker();
    const hidden = Array.from({ length: 10 }, () => null);
    const frames = show(tracker, [100, 100, 100, 100, ...hidden, 105]);
    expect(frames[9]?.tracks.present).toMatchObject([{ trackId: 1, hidden: true, dwellMs: 300, ageMs: 900 }]);
    expect(ids(frames.at(-1)!.faces)).toEqual([1]);
  });

  it('that stays away for longer has left, once; who comes then is somebody else', () => {
    const tracker = new FaceTracker({ hiddenMs: 300 });
    const frames = show(tracker, [100, 100, null, null, null, null, null, 100, 100]);
    expect(frames.map(({ tracks }) => ids(tracks.left))).toEqual([[], [], [], [], [], [1], [], [], []]);
    expect(ids(frames.at(-1)!.tracks.entered)).toEqual([2]);
  });

  it('that walks out of the picture has left as soon as it must be outside', () => {
    const tracker = new FaceTracker();
    const frames = show(tracker, [520, 545, 570, 595, null, null, null, null]);
    expect(frames.findIndex(({ tracks }) => tracks.left.length > 0)).toBeLessThan(7);
  });

  it('far from where one was is somebody else', () => {
    expect(show(new FaceTracker(), [100, 100, 400]).map(({ faces }) => ids(faces))).toEqual([[1], [1], [2]]);
  });

  it('of quite another size is somebody else', () => {
    const tracker = new FaceTracker();
    show(tracker, [100, 100]);
    expect(ids(tracker.update([face(90, 90, 120)], at(200)).faces)).toEqual([2]);
  });
});

it('two who cross keep their numbers: motion tells them apart', () => {
  const tracker = new FaceTracker();
  for (let i = 0; i <= 20; i++) {
    const frame = tracker.update([face(100 + 15 * i), face(400 - 15 * i, 110)], at(i * 100));
    expect(ids(frame.faces)).toEqual([1, 2]);
  }
});

it('frames that are missing do not matter: motion is told in time', () => {
  const tracker = new FaceTracker();
  const numbers = [0, 1, 2, 3, 4, 9, 10, 13].map((i) =>
    ids(tracker.update([face(100 + 15 * i)], at(i * 100)).faces),
  );
  expect(new Set(numbers.flat())).toEqual(new Set([1]));
});

it.each([
  { reason: 'time runs backwards: a video begins again', next: { timestamp: 50, width: 640, height: 480 } },
  { reason: 'the picture has another size', next: { timestamp: 300, width: 320, height: 240 } },
])('all have left when $reason', ({ next }) => {
  const tracker = new FaceTracker();
  show(tracker, [100, 100]);
  const { faces, tracks } = tracker.update([face(100)], next);
  expect(ids(tracks.left)).toEqual([1]);
  expect(ids(faces)).toEqual([2]);
});

it('smoothing calms boxes and keypoints, and is off unless asked for', () => {
  const wobble = (smoothing: number) => {
    const tracker = new FaceTracker({ smoothing });
    const widths = Array.from({ length: 40 }, (_, i) => {
      const x = 100 + (i % 2) * 4;
      const keypoints = {
        left_eye: [x, 1],
        right_eye: [x, 1],
        nose: [x, 1],
        mouth_left: [x, 1],
        mouth_right: [x, 1],
      };
      const { faces } = tracker.update(
        [{ ...face(x), keypoints: keypoints as Face['keypoints'] & object }],
        at(i * 100),
      );
      return [faces[0]!.box[0], faces[0]!.keypoints!.nose[0]];
    }).slice(-2);
    return widths[0]!.map((value, i) => Math.abs(value - widths[1]![i]!));
  };
  expect(wobble(0)).toEqual([4, 4]);
  for (const size of wobble(0.5)) expect(size).toBeLessThan(1.5);
});

it.each([
  { reason: 'no time', time: { timestamp: NaN, width: 1, height: 1 } },
  { reason: 'no size', time: { timestamp: 1, width: 0, height: 1 } },
])('a frame with $reason is refused', ({ time }) => {
  expect(() => new FaceTracker().update([], time)).toThrow(
    expect.objectContaining({ code: 'faces-invalid' }) as Error,
  );
});

it('options out of range are refused', () => {
  expect(() => new FaceTracker({ hiddenMs: -1 })).toThrow(
    expect.objectContaining({ code: 'option-invalid' }) as Error,
  );
});

it('keeps identities over crossings, occlusions and exits, with noise, misses and dropped frames', () => {
  expect(measureIdentities(600).idf1).toBeGreaterThanOrEqual(0.95);
});
