import { existsSync } from 'node:fs';
import path from 'node:path';

/** The project's folder, found from the sources and from the compiled files alike. */
export const ROOT = findUpwards(__dirname, 'package.json');

function findUpwards(folder: string, file: string): string {
  if (existsSync(path.join(folder, file))) return folder;
  if (folder === path.dirname(folder)) throw new Error(`no ${file} above ${__dirname}`);
  return findUpwards(path.dirname(folder), file);
}
