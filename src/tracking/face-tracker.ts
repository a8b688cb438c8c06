import type { Face, Keypoints, Point } from '../detection';
import { describeValue, FaceError } from '../errors';
import { assign } from './assignment';
import { Motion } from './motion';
import { resolveTrackOptions, type TrackOptions } from './options';
import { smoothFace } from './smoothing';

/** A face with the identity that it keeps while it is followed. */
export type TrackedFace = Face & { trackId: number };

/** One person's face over time. */
export interface Track {
  trackId: number;
  /** As it was last seen; where it is expected while it is hidden. Pixels. */
  box: Face['box'];
  confidence: number;
  keypoints?: Keypoints;
  /** ms since it was first seen. */
  ageMs: number;
  /** ms between the first and the last time that it was seen. */
  dwellMs: number;
  /** Frames in which it was seen. */
  seen: number;
  /** Not seen in this frame, but expected back. */
  hidden: boolean;
}

/** What one frame yields. */
export interface TrackedFrame {
  /** The faces of the frame in their order. */
  faces: TrackedFace[];
  /** `entered` is part of `present`. A face that is announced as entered is announced as left later. */
  tracks: { entered: Track[]; present: Track[]; left: Track[] };
}

/** When and in which picture faces were found. */
export interface FrameTime {
  /** ms, from any origin that stays the same */
  timestamp: number;
  /** pixels */
  width: number;
  height: number;
}

interface Followed {
  trackId: number;
  motion: Motion;
  /** As last reported: smoothed, if that is asked for. */
  face: Face;
  firstMs: number;
  lastMs: number;
  seen: number;
  confirmed: boolean;
}

/**
 * Logarithm of the ratio of one face's sizes in two frames: within it the detector's trembling, and what a person who
 * comes nearer at a walk adds in a second.
 */
const SIZE_CHANGE = { atOnce: 0.25, perSecond: 0.4 } as const;

/** How much a difference in size weighs beside one in place: sizes tremble less than places. */
const SIZE_WEIGHT = 1;

/** Sightings after which a face's speed is known; half the distance is allowed from then on. */
const SPEED_KNOWN = 3;

/** Standard deviations from the expected place within which a face may appear: beyond four it is somebody else. */
const REACH = 4;

/**
 * Follows faces: it does not recognise people. Each frame's faces are assigned to those followed with the least total
 * cost over distance from where each is expected and difference in size; faces announced already are assigned first, as
 * ByteTrack (Zhang et al. 2021, arXiv:2110.06864) assigns in two rounds.
 */
export class FaceTracker {
  readonly #options: TrackOptions;
  #followed: Followed[] = [];
  #nextId = 1;
  #last: FrameTime | undefined;

  /** @throws FaceError `option-invalid` */
  constructor(options?: Partial<TrackOptions>) {
    this.#options = resolveTrackOptions(options);
  }

  /**
   * Takes the faces of the next frame. A clock that runs backwards (a video that begins again) and a picture of another
   * size end all tracks.
   * @throws FaceError `faces-invalid` for a time that is none
   */
  update(faces: readonly Face[], at: FrameTime): TrackedFrame {
    checkTime(at);
    const left = this.#isNewScene(at) ? this.#followed.splice(0) : [];
    this.#last = at;
    const now = at.timestamp;
    left.push(...this.#forget(({ lastMs }) => now - lastMs > this.#options.hiddenMs));

    const matches = this.#match(faces, now);
    // A face that was seen once and not again was none.
    this.#forget((track) => !track.confirmed && !matches.includes(track));
    const entered: Followed[] = [];
    const tracked = faces.map((face, i) => {
      const track = matches[i] ?? this.#begin(face, now);
      const result = matches[i] === undefined ? face : this.#follow(track, face, now);
      if (!track.confirmed && track.seen >= this.#options.confirmFrames) {
        track.confirmed = true;
        entered.push(track);
      }
      return { ...result, trackId: track.trackId };
    });
    left.push(...this.#forget((track) => track.lastMs !== now && isOutside(track.motion.predict(now), at)));
    const describe = (track: Followed) => describeTrack(track, now);
    return {
      faces: tracked,
      tracks: {
        entered: entered.map(describe),
        present: this.#followed.filter(({ confirmed }) => confirmed).map(describe),
        left: left.filter(({ confirmed }) => confirmed).map(describe),
      },
    };
  }

  /** Where the faces of the last frame are expected at a time, in ms. */
  predict(timestamp: number): Face[] {
    return this.#followed
      .filter(({ lastMs }) => lastMs === this.#last?.timestamp)
      .map(({ face, motion }) => ({ ...face, box: motion.predict(timestamp) }));
  }

  #isNewScene({ timestamp, width, height }: FrameTime): boolean {
    const last = this.#last;
    return (
      last !== undefined && (timestamp < last.timestamp || width !== last.width || height !== last.height)
    );
  }

  /** For each face the one followed that it belongs to. */
  #match(faces: readonly Face[], now: number): (Followed | undefined)[] {
    const matches: (Followed | undefined)[] = faces.map(() => undefined);
    for (const confirmed of [true, false]) {
      const tracks = this.#followed.filter((track) => track.confirmed === confirmed);
      const open = faces.flatMap((_, i) => (matches[i] === undefined ? [i] : []));
      const costs = tracks.map((track) => open.map((i) => this.#cost(track, faces[i]!, now)));
      for (const [row, column] of assign(costs).entries()) {
        if (column >= 0) matches[open[column]!] = tracks[row]!;
      }
    }
    return matches;
  }

  /** 0 for a face that is just where it is expected; `Infinity` for one that cannot be the same. */
  #cost({ motion, lastMs, seen }: Followed, { box }: Face, now: number): number {
    const expected = motion.predict(now);
    const size = Math.sqrt(expected[2] * expected[3]);
    const ratio = Math.abs(Math.log(Math.sqrt(box[2] * box[3]) / size));
    const distance =
      Math.hypot(
        box[0] + box[2] / 2 - expected[0] - expected[2] / 2,
        box[1] + box[3] / 2 - expected[1] - expected[3] / 2,
      ) / size;
    const farthest = this.#options.maxDistance / (seen < SPEED_KNOWN ? 1 : 2);
    const reach = Math.min(farthest, REACH * motion.uncertainty(now));
    const change = SIZE_CHANGE.atOnce + (SIZE_CHANGE.perSecond * (now - lastMs)) / 1000;
    // A width or height of nothing gives no number, and matches nothing.
    return distance <= reach && ratio <= change ? distance + SIZE_WEIGHT * ratio : Infinity;
  }

  #begin(face: Face, now: number): Followed {
    const motion = new Motion(face.box, now);
    const track = {
      ...{ trackId: this.#nextId++, motion, face, firstMs: now, lastMs: now },
      ...{ seen: 1, confirmed: false },
    };
    this.#followed.push(track);
    return track;
  }

  #follow(track: Followed, face: Face, now: number): Face {
    const elapsed = now - track.lastMs;
    track.motion.update(face.box, now);
    track.face = smoothFace(track.face, face, elapsed, this.#options.smoothing);
    track.lastMs = now;
    track.seen++;
    return track.face;
  }

  /** Stops to follow those of whom `condition` holds. */
  #forget(condition: (track: Followed) => boolean): Followed[] {
    const gone = this.#followed.filter(condition);
    this.#followed = this.#followed.filter((track) => !gone.includes(track));
    return gone;
  }
}

function describeTrack(track: Followed, now: number): Track {
  const { trackId, face, firstMs, lastMs, seen } = track;
  const hidden = lastMs !== now;
  return {
    trackId,
    box: hidden ? track.motion.predict(now) : face.box,
    confidence: face.confidence,
    ...(face.keypoints === undefined || hidden ? {} : { keypoints: face.keypoints }),
    ageMs: now - firstMs,
    dwellMs: lastMs - firstMs,
    seen,
    hidden,
  };
}

/** True for a box whose centre has left the picture. */
function isOutside([x, y, w, h]: Face['box'], { width, height }: FrameTime): boolean {
  const center: Point = [x + w / 2, y + h / 2];
  return center[0] < 0 || center[1] < 0 || center[0] > width || center[1] > height;
}

function checkTime({ timestamp, width, height }: FrameTime): void {
  if (Number.isFinite(timestamp) && width > 0 && height > 0) return;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'the time of the picture in ms, and its size in pixels',
    got: `${describeValue(timestamp)}, ${describeValue(width)}, ${describeValue(height)}`,
    hint: 'Wire the node behind mtcnn detect.',
  });
}
