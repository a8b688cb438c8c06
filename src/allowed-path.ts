import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { FaceError } from './errors';

/**
 * The real path of a file or folder that lies in an allowed folder, links followed; of one that does not exist the path
 * where it would be, so that its reader says what is missing.
 * @param place relative to the working directory, as everywhere
 * @throws FaceError `path-not-allowed`, which does not tell whether there is anything
 */
export async function allowedPath(place: string, folder: string): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw notAllowed('the allowed folder to exist', error);
  });
  const wanted = path.resolve(place);
  // What lies outside by its name alone is not even looked for.
  if (!isInside(root, wanted) && !isInside(path.resolve(folder), wanted)) throw notAllowed();
  const real = await realpath(wanted).catch(() => undefined);
  if (real === undefined) return wanted;
  if (!isInside(root, real)) throw notAllowed();
  return real;
}

/** True for a folder itself and what is below it; both paths absolute, without `..`. */
export function isInside(folder: string, place: string, system: path.PlatformPath = path): boolean {
  const way = system.relative(folder, place);
  return way !== '..' && !way.startsWith(`..${system.sep}`) && !system.isAbsolute(way);
}

function notAllowed(expected = 'a path in the allowed folder', cause?: unknown): FaceError {
  return new FaceError(
    {
      code: 'path-not-allowed',
      expected,
      got: cause === undefined ? 'one outside of it' : 'none',
      hint: 'Messages may name files there only: see allowedFolder in Node-RED’s settings file.',
    },
    cause,
  );
}
