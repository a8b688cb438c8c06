import { FaceError } from '../errors';

/** The error for a path without what is looked for. */
export function sourceMissing(expected: string, place: string, why = 'none', cause?: unknown): FaceError {
  return new FaceError(
    {
      code: 'camera-source-missing',
      expected,
      got: `${why} at ${JSON.stringify(place.slice(0, 200))}`,
      hint: 'Check the path, and that Node-RED may read it.',
    },
    cause,
  );
}
