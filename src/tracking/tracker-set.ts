import { FaceTracker } from './face-tracker';
import type { TrackOptions } from './options';

/** A camera that sends nothing for so long, in ms, is forgotten with its tracks. */
const FORGET_MS = 600_000;

/** Cameras that are followed at the same time: names from messages must not fill the memory. */
const MOST_CAMERAS = 1_000;

/** A tracker for each camera. */
export class TrackerSet {
  readonly #options: Partial<TrackOptions>;
  readonly #trackers = new Map<string, { tracker: FaceTracker; usedMs: number }>();

  constructor(options: Partial<TrackOptions> = {}) {
    this.#options = options;
    new FaceTracker(options); // a wrong option shows now
  }

  /** Cameras that are followed. */
  get size(): number {
    return this.#trackers.size;
  }

  /**
   * The tracker of a camera.
   * @param now ms, from any origin
   */
  of(camera: string, now: number = performance.now()): FaceTracker {
    const tracker = this.#trackers.get(camera)?.tracker ?? new FaceTracker(this.#options);
    // Used last, it stands last.
    this.#trackers.delete(camera);
    this.#trackers.set(camera, { tracker, usedMs: now });
    for (const [name, { usedMs }] of this.#trackers) {
      if (now - usedMs <= FORGET_MS && this.#trackers.size <= MOST_CAMERAS) break;
      this.#trackers.delete(name);
    }
    return tracker;
  }

  /** Forgets all tracks of a camera, or of all. */
  reset(camera?: string): void {
    if (camera === undefined) this.#trackers.clear();
    else this.#trackers.delete(camera);
  }
}
