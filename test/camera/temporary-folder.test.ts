import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../src/camera/temporary-folder';

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(path.join(os.tmpdir(), 'disk-'));
  vi.stubEnv('TMPDIR', disk);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(disk, { recursive: true });
});

function folderOf(owner: string): string {
  const folder = path.join(disk, owner);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'picture.jpg'), 'a picture');
  return folder;
}

it('is new, and is removed with what it holds', async () => {
  const folder = await makeTemporaryFolder('webcam');
  writeFileSync(path.join(folder, 'picture.jpg'), 'a picture');
  await removeTemporaryFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

it.skipIf(process.platform === 'win32')(
  'takes the place of those that killed processes have left behind',
  async () => {
    const { pid: ended } = spawnSync('true');
    const left = [
      folderOf(`webcam-${ended}-abcdef`),
      folderOf(`webcam-${process.pid}-abcdef`), // of an earlier life with the same number, as in a container
    ];
    const others = [
      folderOf('webcam-1-abcdef'), // a process that lives
      folderOf(`other-${ended}-abcdef`),
      folderOf('webcam-notes'),
    ];
    const own = await makeTemporaryFolder('webcam');
    await makeTemporaryFolder('webcam');
    expect(left.filter(existsSync)).toEqual([]);
    expect([own, ...others].filter(existsSync)).toEqual([own, ...others]);
  },
);

it('that cannot be made is a clear error', async () => {
  vi.stubEnv('TMPDIR', path.join(disk, 'absent'));
  await expect(makeTemporaryFolder('webcam')).rejects.toMatchObject({
    code: 'camera-failed',
    hint: expect.stringContaining('room') as string,
  });
});
