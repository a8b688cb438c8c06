import { watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../errors';
import { isJpeg } from '../image/decode';
import { wasAborted } from './aborted';
import type { Frame, FrameSource } from './frame';
import { isImageName } from './image-files';
import { imageSize } from './image-size';
import { sourceMissing } from './source-missing';

/** New image files of a folder. */
export interface WatchConfig {
  kind: 'watch';
  /** The folder; files that are there already are not sent. */
  path: string;
  /** Told of a file that was left out because it cannot be read as an image. */
  onWarning?: (text: string) => void;
}

/** Time in ms between two looks at a file that is still being written. */
const LOOK_MS = 100;

/** Time in ms without growth after which a file counts as written that does not tell its own end. */
const SETTLED_MS = 2_000;

/** Time in ms between two looks at the whole folder: network shares tell of no change. */
const SCAN_MS = 5_000;

/**
 * Frames of the files that come into a folder, in the order in which they are whole: moved in, or written to their end.
 * None is dropped; a file that is written anew is a frame again.
 */
export function watchFolder(config: WatchConfig): FrameSource {
  return (signal) => readFolder(config, signal);
}

/** What is known of a file, to tell whether it changed. */
interface Version {
  size: number;
  modifiedMs: number;
}

async function* readFolder(
  { path: folder, onWarning }: WatchConfig,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const known = await listVersions(folder);
  /** Files that changed and are not sent yet, and since when they are as they are. */
  const growing = new Map<string, Version & { sinceMs: number }>();
  let sequence = 0;
  let wake: () => void = () => undefined;
  let changed = true;
  const note = () => {
    changed = true;
    wake();
  };
  const watcher = watch(folder, note);
  // The folder was removed: the next look at it says so.
  watcher.on('error', note);
  signal.addEventListener('abort', note, { once: true });
  const looks = setInterval(() => {
    if (growing.size > 0) note();
  }, LOOK_MS);
  const scans = setInterval(note, SCAN_MS);
  const hasChanged = () => changed;
  try {
    while (!signal.aborted) {
      if (!hasChanged()) await new Promise<void>((resolve) => (wake = resolve));
      changed = false;
      if (wasAborted(signal)) return;
      const now = await listVersions(folder);
      for (const name of known.keys()) if (!now.has(name)) known.delete(name);
      for (const name of growing.keys()) if (!now.has(name)) growing.delete(name);
      for (const [name, version] of now) {
        if (isSame(version, known.get(name))) continue;
        const before = growing.get(name);
        const sinceMs = before !== undefined && isSame(version, before) ? before.sinceMs : performance.now();
        growing.set(name, { ...version, sinceMs });
      }
      for (const [name, { sinceMs, ...listed }] of growing) {
        const settled = performance.now() - sinceMs >= SETTLED_MS;
        const whole = await readWhole(path.join(folder, name), settled).catch((error: unknown) => {
          onWarning?.(`${name} was left out: ${messageOf(error)}`);
          return 'broken' as const;
        });
        if (whole === undefined) continue;
        growing.delete(name);
        known.set(name, whole === 'broken' ? listed : whole.version);
        if (whole !== 'broken') yield { ...whole.frame, sequence: sequence++, timestamp: Date.now() };
        if (wasAborted(signal)) return;
      }
    }
  } finally {
    signal.removeEventListener('abort', note);
    watcher.close();
    clearInterval(looks);
    clearInterval(scans);
  }
}

const isSame = (a: Version, b: Version | undefined) => a.size === b?.size && a.modifiedMs === b.modifiedMs;

/** The image files of a folder. */
async function listVersions(folder: string): Promise<Map<string, Version>> {
  try {
    const names = (await readdir(folder)).filter(isImageName);
    const versions = await Promise.all(
      names.map(async (name) => {
        const about = await stat(path.join(folder, name)).catch(() => undefined);
        return about?.isFile() === true
          ? ([[name, { size: about.size, modifiedMs: about.mtimeMs }]] as const)
          : [];
      }),
    );
    return new Map(versions.flat().sort(([, a], [, b]) => a.modifiedMs - b.modifiedMs));
  } catch (error) {
    throw sourceMissing('a folder to watch', folder, 'none', error);
  }
}

/**
 * A file as a frame, once it is whole: it ends as its format says, or has not grown for a while.
 * @returns the frame and the version of the file that it is, or undefined while it is being written
 */
async function readWhole(
  file: string,
  settled: boolean,
): Promise<{ frame: Omit<Frame, 'sequence' | 'timestamp'>; version: Version } | undefined> {
  // Looked at again: since the folder was listed it may have grown.
  const { size, mtimeMs } = await stat(file);
  const image = await readFile(file);
  if (image.length !== size || (!settled && !endsWhole(image))) return undefined;
  const frame = { image, ...(await imageSize(image)), source: path.basename(file) };
  return { frame, version: { size, modifiedMs: mtimeMs } };
}

/** True for a JPEG or PNG file that has its last bytes; other formats do not tell. */
function endsWhole(image: Buffer): boolean {
  if (isJpeg(image)) return image.at(-2) === 0xff && image.at(-1) === 0xd9;
  return image.subarray(-8, -4).toString('latin1') === 'IEND';
}
