import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'vitest';

/** The folder of photographs and videos that are not part of the project: beside it, or in `SHARED`. */
export const SHARED = process.env['SHARED'] ?? path.resolve(__dirname, '../../../shared');

/** True where a program is on the PATH. */
export function hasProgram(name: string): boolean {
  return spawnSync(process.platform === 'win32' ? 'where' : 'which', [name]).status === 0;
}

export const hasShared = existsSync(SHARED);

/**
 * `describe` where `condition` holds; elsewhere the block is skipped and `reason` printed.
 * `REQUIRE_ALL=1` turns the skip into a failure.
 */
export function describeWhere(condition: boolean, reason: string): typeof describe | typeof describe.skip {
  if (condition) return describe;
  if (process.env['REQUIRE_ALL'] === '1') throw new Error(`REQUIRE_ALL=1, but: ${reason}`);
  console.warn(`skipped: ${reason}`);
  return describe.skip;
}
