import { checkOptions, numberIn, wholeNumberIn } from '../check-options';

export interface TrackOptions {
  /** How long a face may be hidden or missed and still be the same, in ms. */
  hiddenMs: number;
  /** Frames in which a face must be seen before it is announced: a single one may be an error of the detector. */
  confirmFrames: number;
  /** How far from where it is expected a face may appear, in face sizes; half of it once its speed is known. */
  maxDistance: number;
  /** How much boxes and keypoints are smoothed over time, 0 (not at all) to 1 (over about a second). */
  smoothing: number;
}

export const DEFAULT_TRACK_OPTIONS: Readonly<TrackOptions> = {
  hiddenMs: 2_000,
  confirmFrames: 2,
  maxDistance: 1,
  smoothing: 0,
};

/** Least and greatest value of each option, both allowed. */
export const TRACK_RANGES = {
  hiddenMs: [0, 60_000],
  confirmFrames: [1, 100],
  maxDistance: [0.1, 10],
  smoothing: [0, 1],
} as const satisfies Record<keyof TrackOptions, readonly [number, number]>;

/**
 * Fills in the defaults and checks every value.
 * @throws FaceError `option-unknown`, `option-invalid`
 */
export function resolveTrackOptions(options: Partial<TrackOptions> = {}): TrackOptions {
  return checkOptions(options, DEFAULT_TRACK_OPTIONS, {
    hiddenMs: numberIn(TRACK_RANGES.hiddenMs),
    confirmFrames: wholeNumberIn(TRACK_RANGES.confirmFrames),
    maxDistance: numberIn(TRACK_RANGES.maxDistance),
    smoothing: numberIn(TRACK_RANGES.smoothing),
  });
}
