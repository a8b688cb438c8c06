/** What is mutated: real pictures of every format and variant, and what only looks like a picture. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const FORMATS = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'avif'] as const;
export type Format = (typeof FORMATS)[number];

/** Small files by format, and those that are cheap to send and dear to decode. */
export interface SeedPictures {
  folder: string;
  pictures: Record<Format, Buffer[]>;
  bombs: Buffer[];
}

export function readSeedPictures(folder: string): SeedPictures {
  const named = (prefix: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${prefix}-`))
      .sort()
      .map((name) => readFileSync(path.join(folder, name)));
  return {
    folder,
    pictures: Object.fromEntries(FORMATS.map((format) => [format, named(format)])) as Record<
      Format,
      Buffer[]
    >,
    bombs: named('bomb'),
  };
}
