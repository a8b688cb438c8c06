import type { Face, Point } from '../detection';
import { checkFaces } from '../drawing/check-faces';
import { describeValue, FaceError } from '../errors';
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

/**
 * The faces that `msg.tracks` tells to be present, if it does.
 * @throws FaceError `faces-invalid`
 */
export function checkTracks(tracks: unknown): Pick<Track, 'trackId' | 'box'>[] {
  const present =
    typeof tracks === 'object' && tracks !== null && 'present' in tracks ? tracks.present : tracks;
  const faces = checkFaces(present);
  if (faces.every(isTracked)) return faces;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'msg.tracks as face track sends it',
    got: describeValue(tracks),
    hint: 'Wire this node behind face track, or switch trails off.',
  });
}

function isTracked(face: Face): face is Face & Pick<Track, 'trackId'> {
  return 'trackId' in face && typeof face.trackId === 'number';
}
