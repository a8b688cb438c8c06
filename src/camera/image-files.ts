import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { allowedPath } from '../allowed-path';
import { type FaceError, messageOf } from '../errors';
import type { Frame, FrameSource } from './frame';
import { imageSize } from './image-size';
import { pace } from './pace';
import { sourceMissing } from './source-missing';

/** Image files: one, those of a folder, or those that a pattern names. */
export interface ImageFilesConfig {
  kind: 'file';
  /** A file, a folder, or a pattern with `*`, `**`, `?` or `[a-z]`. */
  path: string;
  /** Begin again after the last one. @default false */
  loop?: boolean;
  /** @default 1 */
  framesPerSecond?: number;
  /** Told of a file that was left out because it cannot be read as an image. */
  onWarning?: (text: string) => void;
  /** Nothing outside of it is read, not through a link either. @default all that may be read */
  allowedFolder?: string;
}

const IMAGE_NAME = /\.(jpe?g|png|webp|avif|gif|tiff?|bmp)$/i;

/** True for the names of image files. */
export const isImageName = (name: string): boolean => IMAGE_NAME.test(name);

/** 2 before 10, as people order files. */
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Frames of image files, in natural order. Files never drop: a slow consumer gets every one of them. */
export function imageFiles(config: ImageFilesConfig): FrameSource {
  return (signal) => readImageFiles(config, signal);
}

async function* readImageFiles(
  { path: place, loop = false, framesPerSecond = 1, onWarning, allowedFolder }: ImageFilesConfig,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const allowed = async (file: string) =>
    allowedFolder === undefined ? file : allowedPath(file, allowedFolder);
  const ticks = pace(framesPerSecond, signal);
  let sequence = 0;
  do {
    // Listed anew at each round: files come and go.
    const files = await listImages(await allowed(place));
    let sent = 0;
    for (const file of files) {
      let frame: Omit<Frame, 'sequence' | 'timestamp'>;
      try {
        // Looked at again: a link may have taken its place, or lie on the way to what a pattern found.
        frame = await readFrame(await allowed(file));
      } catch (error) {
        if (files.length === 1) throw error;
        onWarning?.(`${path.basename(file)} was left out: ${messageOf(error)}`);
        continue;
      }
      if ((await ticks.next()).done === true) return;
      yield { ...frame, sequence: sequence++, timestamp: Date.now() };
      sent++;
    }
    if (sent === 0) throw nothingAt(place, 'no file there can be read as an image');
  } while (loop && !signal.aborted);
}

async function readFrame(file: string): Promise<Omit<Frame, 'sequence' | 'timestamp'>> {
  const image = await readFile(file).catch((error: unknown) => {
    throw nothingAt(file, `a file that cannot be read (${messageOf(error)})`);
  });
  return { image, ...(await imageSize(image)), source: path.basename(file) };
}

/**
 * The image files that a path names, in natural order.
 * @throws FaceError `camera-source-missing` if there are none
 */
export async function listImages(place: string): Promise<string[]> {
  const about = await stat(place).catch(() => undefined);
  let files: string[];
  if (about?.isFile() === true) files = [place];
  else if (about?.isDirectory() === true) {
    files = (await readdir(place, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && isImageName(entry.name))
      .map((entry) => path.join(place, entry.name));
  } else if (/[*?[]/.test(place)) files = await match(place);
  else throw nothingAt(place, 'no such file or folder');
  if (files.length === 0) throw nothingAt(place, 'no image');
  return files.sort((a, b) => natural.compare(a, b));
}

/** Files that a pattern names, searched below its longest part without a pattern. */
async function match(pattern: string): Promise<string[]> {
  const parts = path.normalize(pattern).split(path.sep);
  const first = parts.findIndex((part) => /[*?[]/.test(part));
  const root = parts.slice(0, first).join(path.sep) || (path.isAbsolute(pattern) ? path.sep : '.');
  const fitsPattern = patternMatcher(parts.slice(first).join('/'));
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fitsPattern(path.relative(root, file).split(path.sep).join('/')));
}

/**
 * Tells whether a path, with `/` between its parts, fits a pattern: `*` and `?` stay within one name, a part that is `**`
 * stands for any number of folders, `[a-z]` for one character of a set, `[!a-z]` for one of all others.
 */
export function patternMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').map((part): Step<string> => {
    if (part === '**') return { many: true, takes: () => true };
    const steps = [...part.matchAll(/\*+|\[!?[^\]]+\]|./gs)].map(([token]) => readToken(token));
    return { many: false, takes: (name) => fits(steps, name) };
  });
  return (path) => fits(parts, path.split('/'));
}

/** What one step of a pattern takes: one item, or `many`, which may be none. */
interface Step<T> {
  many: boolean;
  takes: (item: T) => boolean;
}

function readToken(token: string): Step<string> {
  if (token.startsWith('*')) return { many: true, takes: () => true };
  if (token === '?') return { many: false, takes: () => true };
  if (!token.startsWith('[') || token.length === 1)
    return { many: false, takes: (character) => character === token };
  const not = token.startsWith('[!');
  const set = token.slice(not ? 2 : 1, -1).replace(/[\\^\]]/g, '\\$&');
  try {
    const expression = new RegExp(`[${not ? '^' : ''}${set}]`);
    return { many: false, takes: (character) => expression.test(character) };
  } catch {
    return { many: false, takes: () => false }; // a set such as [z-a]
  }
}

/**
 * All ways in which the items may fit are followed at once: a pattern may come from a message, and as a regular
 * expression `*?*?*?…` takes days for one long name.
 */
function fits<T>(steps: readonly Step<T>[], items: Iterable<T>): boolean {
  let places = withSkips(steps, [0]);
  for (const item of items) {
    const next = [...places].flatMap((at) => {
      const step = steps[at];
      return step?.takes(item) === true ? [step.many ? at : at + 1] : [];
    });
    places = withSkips(steps, next);
  }
  return places.has(steps.length);
}

/** Places between steps, and those that are reached from them over steps that may take nothing. */
function withSkips<T>(steps: readonly Step<T>[], places: readonly number[]): Set<number> {
  const reached = new Set<number>();
  for (let at of places) {
    reached.add(at);
    while (steps[at]?.many === true) reached.add(++at);
  }
  return reached;
}

function nothingAt(place: string, why: string): FaceError {
  return sourceMissing('an image file, a folder with images, or a pattern such as photos/*.jpg', place, why);
}
