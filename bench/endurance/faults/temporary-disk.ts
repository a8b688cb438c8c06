/** A small disk of its own for the temporary folder, so that it can be full. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, rmdirSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';

const SIZE = '2m';
export const PAGE = 4096;
const FILLER = 'filler';

export interface TemporaryDisk {
  folder: string;
  /** Fills it but for so many pages of 4096 bytes. */
  fill(free: number): void;
  empty(): void;
  remove(): void;
}

/** Mounts one; nothing where this machine does not permit it. */
export function mountDisk(folder: string): TemporaryDisk | undefined {
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]).status !== 0)
    return undefined;
  const filler = path.join(folder, FILLER);
  return {
    folder,
    fill(free) {
      const page = Buffer.alloc(PAGE);
      const file = openSync(filler, 'w');
      let written = 0;
      try {
        for (;;) written += writeSync(file, page);
      } catch {
        closeSync(file); // it is full
      }
      truncateSync(filler, Math.max(0, written - free * PAGE));
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      spawnSync('umount', [folder]);
      rmdirSync(folder);
    },
  };
}
