import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FaceError, messageOf } from '../errors';

/** Those of this process. */
const own = new Set<string>();

/**
 * An empty folder for files on their way. Its name tells whose it is, so that those which killed processes have left
 * behind are removed first: they would fill the disk of a machine that restarts for months.
 * @throws FaceError `camera-failed` where there is no room for one
 */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  await removeOrphans(prefix);
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), `${prefix}-${process.pid}-`));
    own.add(folder);
    return folder;
  } catch (error) {
    throw new FaceError(
      {
        code: 'camera-failed',
        expected: `a new folder in ${os.tmpdir()}`,
        got: messageOf(error).slice(0, 200),
        hint: 'Check that its disk has room, and that Node-RED’s user may write there.',
      },
      error,
    );
  }
}

export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  own.delete(folder);
}

async function removeOrphans(prefix: string): Promise<void> {
  const name = new RegExp(`^${prefix}-(\\d+)-`);
  for (const entry of await readdir(os.tmpdir()).catch(() => [])) {
    const folder = path.join(os.tmpdir(), entry);
    const [, pid] = name.exec(entry) ?? [];
    if (pid === undefined || own.has(folder)) continue;
    // In a container each life has the same number: what is not ours of this life is of one before.
    if (Number(pid) !== process.pid && lives(Number(pid))) continue;
    // Another user's cannot be removed, and is that user's to remove.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // another user's
  }
}
