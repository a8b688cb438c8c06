import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sourceOf } from '../../src/camera/address';
import { createFrameSource } from '../../src/camera/create-source';
import { type VideoConfig, videoFile } from '../../src/camera/video-file';
import { checkDevice } from '../../src/camera/webcam-device';
import { type WebcamSnapshotConfig, webcamSnapshots } from '../../src/camera/webcam-snapshot';
import { collect } from './collect';
import { descendantsOf } from '../support/processes';
import { describeWhere, hasProgram, hasShared, SHARED } from '../support/requires';
import { putStandIns, type StandIns } from '../support/stand-ins';

const children = () => descendantsOf(process.pid).length;
const temporary = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith('webcam-'));

describe('device names', () => {
  it.each([
    { device: '/dev/video0', reason: 'the first camera' },
    { device: '/dev/video12', reason: 'one of many' },
    {
      device: '/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920-video-index0',
      reason: 'by its name, which stays after a restart',
    },
    { device: 'TEST:', reason: 'fswebcam’s test picture' },
    { device: '', reason: 'the default' },
    { device: undefined, reason: 'the default' },
  ])('$device: $reason', ({ device }) => {
    expect(() => checkDevice(device)).not.toThrow();
  });

  it.each([
    { device: '/dev/video0; rm -rf /', reason: 'a second command' },
    { device: '$(reboot)', reason: 'a substitution' },
    { device: '`reboot`', reason: 'an old substitution' },
    { device: '/dev/video0 | tee x', reason: 'a pipe' },
    { device: '/dev/video0\nreboot', reason: 'a new line' },
    { device: '/dev/video0 -o x', reason: 'another option' },
    { device: '/dev/../etc/passwd', reason: 'another path' },
    { device: '/dev/v4l/by-id/../../mem', reason: 'a way out of the folder' },
    { device: '-', reason: 'an option' },
    { device: 'TEST:$(x)', reason: 'a substitution behind a valid beginning' },
    { device: 7, reason: 'no text' },
    { device: { toString: () => '/dev/video0' }, reason: 'an object that pretends' },
  ])('refused: $reason', ({ device }) => {
    expect(() => checkDevice(device)).toThrow(
      expect.objectContaining({ code: 'camera-device-invalid' }) as Error,
    );
  });
});

describe('shell text in a device name', () => {
  let folder: string;
  let programs: StandIns;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'shell-')));
    programs = putStandIns('fswebcam', 'ffmpeg');
  });
  afterAll(() => {
    programs.remove();
    rmSync(folder, { recursive: true });
  });

  /** What would be there if a shell had obeyed. */
  const mark = () => path.join(folder, 'obeyed');
  const hostile = [
    { put: (run: string) => `/dev/video0; ${run}`, reason: 'a second command' },
    { put: (run: string) => `/dev/video0 && ${run}`, reason: 'a command after success' },
    { put: (run: string) => `/dev/video0 || ${run}`, reason: 'a command after failure' },
    { put: (run: string) => `/dev/video0 | ${run}`, reason: 'a pipe' },
    { put: (run: string) => `/dev/video0 & ${run}`, reason: 'in the background' },
    { put: (run: string) => `/dev/video0\n${run}`, reason: 'a new line' },
    { put: (run: string) => `/dev/video$(${run})`, reason: 'a substitution' },
    { put: (run: string) => `/dev/video0\`${run}\``, reason: 'an old substitution' },
    { put: (run: string) => `/dev/video0" ; ${run} ; "`, reason: 'out of double quotes' },
    { put: (run: string) => `/dev/video0' ; ${run} ; '`, reason: 'out of single quotes' },
    { put: (run: string) => `/dev/v4l/by-id/x$(${run})`, reason: 'behind a valid beginning' },
    { put: (run: string) => `TEST:$(${run})`, reason: 'behind fswebcam’s test picture' },
    { put: () => `/dev/video0 --exec obeyed`, reason: 'an option of the program' },
    { put: (run: string) => `/dev/video0 > ${run.split(' ')[1]}`, reason: 'a file to write to' },
  ];

  it.each(hostile)('is run by nobody: $reason', async ({ put }) => {
    const device = put(`touch ${mark()}`);
    for (const kind of ['snapshot', 'webcam'] as const) {
      const read = async () => collect(createFrameSource({ kind, device }), 1);
      await expect(read()).rejects.toMatchObject({ code: 'camera-device-invalid' });
    }
    // The same as a message brings it.
    const named = async () => collect(createFrameSource(sourceOf(device)), 1);
    await expect(named()).rejects.toMatchObject({
      code: expect.stringMatching(/^camera-|^option-/) as string,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(programs.starts()).toEqual([]);
  });

  it('the name that is let through reaches the program as one word', async () => {
    // Whatever a shell may know, in front of, inside and behind a name that is one.
    const names = fc.tuple(
      fc.constantFrom('', '/dev/video', '/dev/v4l/by-id/usb-', 'TEST:'),
      fc.string({ unit: fc.constantFrom(...Array.from('aZ09._:+-/\\ \n\t$`"\'();|&<>*?[]{}~#!%^=,')) }),
    );
    const passed = new Set<string>(['/dev/v4l/by-id/usb-046d_HD.Pro:1+2-video-index0']);
    fc.assert(
      fc.property(names, ([beginning, rest]) => {
        try {
          checkDevice(beginning + rest);
        } catch {
          return;
        }
        expect(beginning + rest).toMatch(/^[\w/:.+-]*$/);
        if (passed.size < 5 && beginning + rest !== '') passed.add(beginning + rest);
      }),
      { numRuns: 5_000 },
    );
    for (const device of passed) {
      await collect(webcamSnapshots({ kind: 'snapshot', device }), 1).catch(() => undefined);
      expect(programs.starts().at(-1)).toContain(device);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describeWhere(hasProgram('fswebcam'), 'fswebcam is not installed (apt install fswebcam)')(
  'webcam pictures',
  () => {
    const config: WebcamSnapshotConfig = {
      kind: 'snapshot',
      device: 'TEST:',
      width: 320,
      height: 240,
      framesPerSecond: 20,
      skipFrames: 2,
    };

    it('come as JPEG in the size asked for, and leave no file behind', async () => {
      const before = temporary();
      const frames = await collect(webcamSnapshots(config), 3);
      expect(frames.map(({ width, height, source }) => [width, height, source])).toEqual(
        Array.from({ length: 3 }, () => [320, 240, 'webcam TEST:']),
      );
      expect((await sharp(frames[0]?.image).metadata()).format).toBe('jpeg');
      expect(temporary()).toEqual(before);
      expect(children()).toBe(0);
    });

    it('of a device that is not there are a clear error, with what the program said', async () => {
      const source = webcamSnapshots({ ...config, device: '/dev/video99' });
      await expect(collect(source)).rejects.toMatchObject({
        code: 'camera-device-missing',
        got: expect.stringContaining('No such file') as string,
      });
      expect(children()).toBe(0);
    });

    it('of which only a part was written are a clear error: the disk may be full', async () => {
      const programs = mkdtempSync(path.join(os.tmpdir(), 'programs-'));
      // Takes a picture as fswebcam does, and cuts it off; the last parameter is the file.
      const script = '#!/bin/sh\n/usr/bin/fswebcam "$@"; for last; do :; done; truncate -s 2000 "$last"\n';
      writeFileSync(path.join(programs, 'fswebcam'), script, { mode: 0o755 });
      vi.stubEnv('PATH', `${programs}:${process.env['PATH']}`);
      await expect(collect(webcamSnapshots(config))).rejects.toMatchObject({
        code: 'camera-failed',
        got: '2000 bytes of one',
        hint: expect.stringContaining('room') as string,
      });
      vi.unstubAllEnvs();
      rmSync(programs, { recursive: true });
    });

    it('started and stopped again and again leave no process and no file', async () => {
      const before = temporary();
      for (let i = 0; i < 20; i++) {
        const controller = new AbortController();
        const frames = webcamSnapshots(config)(controller.signal)[Symbol.asyncIterator]();
        const first = frames.next();
        // Every second time in the middle of a picture.
        if (i % 2 === 0) await first;
        controller.abort();
        await first;
        await frames.return?.();
      }
      expect(children()).toBe(0);
      expect(temporary()).toEqual(before);
    });
  },
);

it('a program that is not installed is a clear error that says what to install', async () => {
  const source = videoFile({ kind: 'video', path: __filename, ffmpeg: 'no-such-program' });
  await expect(collect(source)).rejects.toMatchObject({
    code: 'camera-program-missing',
    hint: expect.stringContaining('apt install ffmpeg') as string,
  });
});

describeWhere(hasProgram('ffmpeg'), 'ffmpeg is not installed (apt install ffmpeg)')('ffmpeg', () => {
  it('a video that does not exist is a clear error', async () => {
    await expect(collect(videoFile({ kind: 'video', path: '/no/such.mp4' }))).rejects.toMatchObject({
      code: 'camera-source-missing',
    });
  });

  it('a playlist with the name of a video leads out of no allowed folder', async () => {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'videos-')));
    const [allowedFolder, outside] = ['allowed', 'outside'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    for (const made of [allowedFolder, outside]) mkdirSync(made);
    const video = path.join(outside, 'secret.mp4');
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=d=1:s=64x48', video]);
    const playlist = path.join(allowedFolder, 'list.mp4');
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:5', '#EXTINF:1,', video, '#EXT-X-ENDLIST', ''];
    writeFileSync(playlist, lines.join('\n'));
    const config = { kind: 'video', path: playlist, realTime: false } as const;
    // ffmpeg plays it: only the option keeps it from doing so.
    expect(await collect(videoFile(config), 1)).toHaveLength(1);
    await expect(collect(videoFile({ ...config, allowedFolder }), 1)).rejects.toMatchObject({
      code: 'camera-failed',
      got: expect.stringContaining('list.mp4') as string,
    });
    await expect(collect(videoFile({ ...config, path: video, allowedFolder }), 1)).rejects.toMatchObject({
      code: 'path-not-allowed',
    });
    expect(await collect(videoFile({ ...config, path: video, allowedFolder: outside }), 1)).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it('a file that is no video is a clear error, with what ffmpeg said', async () => {
    await expect(collect(videoFile({ kind: 'video', path: __filename }))).rejects.toMatchObject({
      code: 'camera-failed',
    });
    expect(children()).toBe(0);
  });
});

const FOREMAN = path.join(SHARED, 'videos/foreman_cif.mp4');
describeWhere(hasProgram('ffmpeg') && hasShared && existsSync(FOREMAN), 'ffmpeg or the videos are not here')(
  'video files',
  () => {
    const config: VideoConfig = { kind: 'video', path: FOREMAN, realTime: false };

    it('as fast as possible: every frame, none lost, although the consumer is slow at times', async () => {
      let sequence = 0;
      for await (const frame of videoFile(config)(new AbortController().signal)) {
        expect(frame.sequence).toBe(sequence++);
        expect([frame.width, frame.height, frame.source]).toEqual([352, 288, 'foreman_cif.mp4']);
        if (sequence % 50 === 0) await sharp(frame.image).resize(2000).png().toBuffer();
      }
      expect(sequence).toBe(300);
      expect(children()).toBe(0);
    });

    it('size and rate are changed at the source', async () => {
      const frames = await collect(videoFile({ ...config, width: 176, framesPerSecond: 5 }));
      expect(frames).toHaveLength(60);
      expect([frames[0]?.width, frames[0]?.height]).toEqual([176, 144]);
    });

    it('loops', async () => {
      const frames = await collect(videoFile({ ...config, loop: true, framesPerSecond: 5, width: 88 }), 70);
      expect(frames).toHaveLength(70);
      expect(children()).toBe(0);
    });

    it('ends its program when it is aborted while the program waits', async () => {
      const controller = new AbortController();
      const frames = videoFile({ ...config, loop: true })(controller.signal)[Symbol.asyncIterator]();
      await frames.next();
      expect(children()).toBe(1);
      controller.abort();
      let last = await frames.next();
      while (last.done !== true) last = await frames.next();
      expect(children()).toBe(0);
    });
  },
);
