import { FaceTracker } from './face-tracker';
import type { TrackOptions } from './options';
import { PerCamera } from './per-camera';

/** A camera that sends nothing for so long, in ms, is forgotten with its tracks. */
const FORGET_MS = 600_000;

/** A tracker for each camera. */
export class TrackerSet extends PerCamera<FaceTracker> {
  /** @throws FaceError `option-invalid` or `option-unknown` */
  constructor(options: Partial<TrackOptions> = {}) {
    new FaceTracker(options); // a wrong option shows now
    super(() => new FaceTracker(options), FORGET_MS);
  }
}
