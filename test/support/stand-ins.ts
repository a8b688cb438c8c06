import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const SCRIPT = path.join(__dirname, 'parts/stand-in-camera.mjs');

export interface StandIns {
  /** Where the programs are. */
  folder: string;
  /** Each start: the program's name and its parameters. */
  starts(): string[][];
  remove(): void;
}

/** Puts programs of these names first on the PATH that speak as the real ones do. */
export function putStandIns(...names: string[]): StandIns {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'programs-'));
  const log = path.join(folder, 'starts.log');
  for (const name of names) {
    writeFileSync(
      path.join(folder, name),
      `#!/bin/sh\nexec '${process.execPath}' '${path.join(folder, `${name}.mjs`)}' "$@"\n`,
      { mode: 0o755 },
    );
    writeFileSync(
      path.join(folder, `${name}.mjs`),
      `process.argv[1] = '${path.join(folder, name)}';\nawait import('${SCRIPT}');\n`,
    );
  }
  const { PATH } = process.env;
  process.env['PATH'] = `${folder}${path.delimiter}${PATH}`;
  process.env['STAND_IN_LOG'] = log;
  return {
    folder,
    starts: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as string[])
        : [],
    remove() {
      process.env['PATH'] = PATH;
      delete process.env['STAND_IN_LOG'];
      rmSync(folder, { recursive: true });
    },
  };
}
