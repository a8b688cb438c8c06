import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ffmpegVersion } from '../../src/camera/ffmpeg';

const folder = mkdtempSync(path.join(os.tmpdir(), 'ffmpeg-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Puts a program there that does what a shell is told. */
function ffmpegThat(does: string): { ffmpeg: string } {
  const ffmpeg = path.join(folder, 'ffmpeg');
  writeFileSync(ffmpeg, `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  return { ffmpeg };
}

it.skipIf(process.platform === 'win32')(
  'an ffmpeg that was killed while it was asked for its version is asked again',
  async () => {
    await expect(ffmpegVersion(ffmpegThat('kill -9 $$'))).rejects.toMatchObject({ code: 'camera-failed' });
    expect(await ffmpegVersion(ffmpegThat('echo ffmpeg version 4.3.9-0'))).toBe(4.3);
  },
);
