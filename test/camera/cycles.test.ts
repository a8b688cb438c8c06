import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type CameraConfig, createFrameSource } from '../../src/camera/create-source';
import { PushedFrames } from '../../src/camera/pushed-frames';
import { descendantsOf, until } from '../support/processes';
import { describeWhere, hasProgram, hasShared, SHARED } from '../support/requires';
import { hasRtspServer, RTSP_REASON, type RtspServer, startRtspServer } from '../support/rtsp-server';
import { putStandIns, type StandIns } from '../support/stand-ins';

/** Starts and stops of each source. */
const CYCLES = 200;

/**
 * Growth of the heap that is noise, in bytes: one leaked 64 KB buffer, abort listener with its frame, or child process
 * a cycle would be 12 MB and more.
 */
const HEAP_NOISE = 8 * 1024 * 1024;

vi.setConfig({ testTimeout: 240_000 });

const openFiles = () => readdirSync('/proc/self/fd').length;
/** Our own: tests of other files run beside us. */
const temporary = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith(`webcam-${process.pid}-`));

setFlagsFromString('--expose_gc');
// The flag adds the function to contexts that are made after it.
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const able =
  process.platform === 'linux' && hasProgram('ffmpeg') && hasProgram('fswebcam') && hasRtspServer();
describeWhere(able && hasShared, `ffmpeg, fswebcam or the videos are not here, or ${RTSP_REASON}`)(
  `${CYCLES} starts and stops leave nothing behind`,
  () => {
    let programs: StandIns;
    let rtsp: RtspServer;
    let http: Server;
    let folder: string;
    let jpeg: Buffer;
    let address: string;
    const frames = new PushedFrames();

    beforeAll(async () => {
      programs = putStandIns('camera-ffmpeg', 'rpicam-vid');
      rtsp = await startRtspServer();
      folder = mkdtempSync(path.join(os.tmpdir(), 'cycles-'));
      jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a50' } })
        .jpeg()
        .toBuffer();
      writeFileSync(path.join(folder, 'a.jpg'), jpeg);
      http = createServer((request, response) => {
        if (request.url === '/picture') response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(jpeg);
        else {
          response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace;boundary=b' });
          const timer = setInterval(() => response.write(jpeg), 10);
          response.on('close', () => clearInterval(timer));
        }
      }).listen(0, '127.0.0.1');
      await once(http, 'listening');
      address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    });
    afterAll(async () => {
      programs.remove();
      rmSync(folder, { recursive: true });
      http.closeAllConnections();
      http.close();
      await rtsp.kill();
    });

    const video = path.join(SHARED, 'videos/foreman_cif.mp4');
    const sources: { name: string; config: () => CameraConfig; cycles?: number }[] = [
      { name: 'test scene', config: () => ({ kind: 'scene', width: 64, height: 48, framesPerSecond: 60 }) },
      { name: 'image file', config: () => ({ kind: 'file', path: folder, loop: true, framesPerSecond: 60 }) },
      { name: 'watched folder', config: () => ({ kind: 'watch', path: folder }) },
      {
        name: 'HTTP stream',
        config: () => ({ kind: 'http', address: `${address}/stream`, framesPerSecond: 60 }),
      },
      {
        name: 'HTTP pictures',
        config: () => ({ kind: 'http', address: `${address}/picture`, framesPerSecond: 60 }),
      },
      { name: 'browser', config: () => ({ kind: 'browser', frames }) },
      {
        name: 'video file',
        config: () => ({ kind: 'video', path: video, width: 64, realTime: false }),
      },
      {
        name: 'webcam (stand-in)',
        config: () => ({ kind: 'webcam', ffmpeg: path.join(programs.folder, 'camera-ffmpeg') }),
      },
      { name: 'Raspberry Pi camera (stand-in)', config: () => ({ kind: 'rpicam', framesPerSecond: 60 }) },
      {
        name: 'webcam pictures',
        config: () => ({ kind: 'snapshot', device: 'TEST:', skipFrames: 0, width: 64, height: 48 }),
      },
      {
        name: 'RTSP',
        config: () => ({ kind: 'rtsp', address: `rtsp://127.0.0.1:${rtsp.port}/camera`, width: 64 }),
      },
    ];

    /** Every tenth time up to the first picture, otherwise stopped while it starts. */
    async function cycle(config: CameraConfig, turn: number): Promise<void> {
      const controller = new AbortController();
      const iterator = createFrameSource(config)(controller.signal)[Symbol.asyncIterator]();
      const first = iterator.next();
      if (turn % 10 === 0 && config.kind !== 'watch') {
        if (config.kind === 'browser') frames.push(jpeg, 'browser');
        await first;
      } else await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      for (let step = await first; step.done !== true; step = await iterator.next());
    }

    it.each(sources)('$name', async ({ config }) => {
      const warmUp = 10;
      for (let turn = 0; turn < warmUp; turn++) await cycle(config(), turn);
      const before = { heap: heapUsed(), files: openFiles(), temporary: temporary() };
      const childrenBefore = descendantsOf(process.pid).length;
      for (let turn = 0; turn < CYCLES; turn++) await cycle(config(), turn);
      // The other side may take a moment to see that a connection has ended.
      await until(() => openFiles() <= before.files);
      expect(descendantsOf(process.pid)).toHaveLength(childrenBefore);
      expect(temporary()).toEqual(before.temporary);
      expect(heapUsed() - before.heap).toBeLessThan(HEAP_NOISE);
    });
  },
);
