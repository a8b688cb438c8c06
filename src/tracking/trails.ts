import type { Point } from '../detection';
import type { Track } from './face-tracker';

/** Points of one trail: at ten frames a second the last four seconds. */
const MOST_POINTS = 40;

/** Where the faces that are present have been of late, in pixels. */
export class Trails {
  readonly #trails = new Map<number, Point[]>();

  /** Takes the tracks of the next frame; trails of those that are gone are forgotten. */
  update(present: readonly Pick<Track, 'trackId' | 'box'>[]): Point[][] {
    const ids = new Set(present.map(({ trackId }) => trackId));
    for (const id of this.#trails.keys()) if (!ids.has(id)) this.#trails.delete(id);
    return present.map(({ trackId, box: [x, y, width, height] }) => {
      const center: Point = [x + width / 2, y + height / 2];
      const trail = [...(this.#trails.get(trackId) ?? []), center].slice(-MOST_POINTS);
      this.#trails.set(trackId, trail);
      return trail;
    });
  }
}
