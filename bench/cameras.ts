/**
 * What the camera sources cost, in a real Node-RED on loopback.
 *
 *   node dist/bench/cameras.js [--frames N] [--playback-minutes N]
 *
 * - Latency in ms from a picture's making (before it is encoded) to its message, for RTSP, MJPEG and a browser: each
 *   640x480 picture carries its time as bars, which are read back from the message.
 * - CPU time of the Node-RED process per frame.
 * - Time from the return of a killed RTSP server to the next message.
 * - Frames lost while a video file is played in real time.
 *
 * Needs GStreamer's RTSP server, ffmpeg and chromium. The last line is JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { cpuMs } from './processes';
import { startRtspServer } from './rtsp-server';
import { type RunningNodeRed, ROOT, startNodeRed } from './start-node-red';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '200' },
    'playback-minutes': { type: 'string', default: '1' },
  },
});
const FRAMES = Number(values.frames);
const RATE = 10;
const [WIDTH, HEIGHT, BITS] = [640, 480, 20] as const;
const MODULUS = 2 ** BITS;

interface Arrival {
  now: number;
  sequence: number;
  dropped: number;
  /** base64 */
  image: string;
}

const quantile = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

/** Draws a time as bars, the highest bit at the left. */
async function stampedJpeg(time: number): Promise<Buffer> {
  const row = Buffer.alloc(WIDTH);
  for (let bit = 0; bit < BITS; bit++) {
    row.fill((time >> (BITS - 1 - bit)) & 1 ? 235 : 16, bit * 32, (bit + 1) * 32);
  }
  const data = Buffer.concat(Array.from({ length: HEIGHT }, () => row));
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
    .toColourspace('srgb')
    .jpeg()
    .toBuffer();
}

/** The time that a picture carries. */
async function readStamp(image: Buffer): Promise<number> {
  const { data, info } = await sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });
  const middle = Math.floor(info.height / 2) * info.width;
  let time = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor(((bit + 0.5) * info.width) / BITS);
    time = time * 2 + ((data[middle + x] ?? 0) > 126 ? 1 : 0);
  }
  return time;
}

/** The camera's messages are kept by a function node, and read over HTTP. */
function flowFor(camera: object, keepImages = true): object[] {
  const image = keepImages ? "msg.payload.toString('base64')" : "''";
  const node = (id: string, type: string, config: object) => ({ id, type, z: 'tab', x: 1, y: 1, ...config });
  return [
    { id: 'tab', type: 'tab', label: 'Bench' },
    node('camera', 'camera-input', { start: 'deploy', wires: [['keep']], ...camera }),
    node('keep', 'function', {
      func: `const now = Date.now(); const kept = flow.get('kept') || []; const { sequence, dropped } = msg.frame;
        kept.push({ now, sequence, dropped, image: ${image} }); flow.set('kept', kept);`,
      wires: [[]],
    }),
    node('in', 'http in', { url: '/kept', method: 'get', wires: [['read']] }),
    node('read', 'function', {
      func: "const kept = flow.get('kept') || []; if (msg.req.query.take) flow.set('kept', []); msg.payload = msg.req.query.take ? kept : kept.length; return msg;",
      wires: [['out']],
    }),
    node('out', 'http response', { headers: { 'content-type': 'application/json' }, wires: [] }),
  ];
}

const count = async (nodeRed: RunningNodeRed) => Number(await (await fetch(`${nodeRed.url}/kept`)).text());
const take = async (nodeRed: RunningNodeRed) =>
  (await (await fetch(`${nodeRed.url}/kept?take=1`)).json()) as Arrival[];

interface SourceFigures {
  p50Ms: number;
  p95Ms: number;
  cpuMsPerFrame: number;
  frames: number;
  dropped: number;
}

/** Latency and cost of a camera that runs already. */
async function measureSource(nodeRed: RunningNodeRed): Promise<SourceFigures> {
  while ((await count(nodeRed)) < 2 * RATE) await wait(100);
  await take(nodeRed);
  const pid = nodeRed.process.pid ?? 0;
  const cpu = cpuMs(pid);
  while ((await count(nodeRed)) < FRAMES) await wait(1000);
  const spent = cpuMs(pid) - cpu;
  const arrivals = await take(nodeRed);
  const latencies = await Promise.all(
    arrivals.map(async ({ now, image }) => {
      const stamp = await readStamp(Buffer.from(image, 'base64'));
      return ((now % MODULUS) - stamp + MODULUS) % MODULUS;
    }),
  );
  const sorted = latencies.sort((a, b) => a - b);
  return {
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    cpuMsPerFrame: Number((spent / arrivals.length).toFixed(2)),
    frames: arrivals.length,
    dropped: arrivals.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}

async function measureRtsp(): Promise<SourceFigures & { recoveryMs: number }> {
  const server = await startRtspServer({ 'frames-per-second': RATE });
  const address = `rtsp://127.0.0.1:${server.port}/camera`;
  const nodeRed = await startNodeRed({ flows: flowFor({ source: 'rtsp', address }) });
  const figures = await measureSource(nodeRed);
  // Killed, and back after 3 s: by then the camera waits 2 s between two attempts.
  await server.kill();
  await wait(3_000);
  const again = await startRtspServer({ port: server.port, 'frames-per-second': RATE });
  await take(nodeRed);
  const back = performance.now();
  while ((await count(nodeRed)) === 0) await wait(20);
  const recoveryMs = Math.round(performance.now() - back);
  await nodeRed.stop();
  await again.kill();
  return { ...figures, recoveryMs };
}

async function measureMjpeg(): Promise<SourceFigures> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace;boundary=b' });
    const timer = setInterval(() => {
      void stampedJpeg(Date.now() % MODULUS).then((jpeg) => {
        response.write(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
        response.write(jpeg);
        response.write('\r\n');
      });
    }, 1000 / RATE);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flows = flowFor({ source: 'http', address, framesPerSecond: 60 });
  const nodeRed = await startNodeRed({ flows });
  const figures = await measureSource(nodeRed);
  await nodeRed.stop();
  server.closeAllConnections();
  server.close();
  return figures;
}

/** Takes the place of the camera in a page: a drawing that carries its time. */
const DRAWN_CAMERA = `
  const canvas = document.createElement('canvas');
  canvas.width = ${WIDTH}; canvas.height = ${HEIGHT};
  const context = canvas.getContext('2d');
  const draw = () => {
    const time = Date.now() % ${MODULUS};
    for (let bit = 0; bit < ${BITS}; bit++) {
      context.fillStyle = (time >> (${BITS - 1} - bit)) & 1 ? '#ebebeb' : '#101010';
      context.fillRect(bit * 32, 0, 32, ${HEIGHT});
    }
  };
  setInterval(draw, 1000 / 30);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(30);`;

async function measureBrowser(): Promise<SourceFigures> {
  const flows = flowFor({ source: 'browser', browserPath: '/phone', framesPerSecond: RATE });
  const nodeRed = await startNodeRed({ flows });
  const { query } = (await (await fetch(`${nodeRed.url}/mtcnn/camera-link/camera`)).json()) as {
    query: string;
  };
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  });
  const page = await browser.newPage();
  await page.addInitScript(DRAWN_CAMERA);
  await page.goto(`${nodeRed.url}/phone${query}`);
  const figures = await measureSource(nodeRed);
  await browser.close();
  await nodeRed.stop();
  return figures;
}

/** A drawn video with a known number of frames, played at its own speed. */
async function measurePlayback(
  minutes: number,
): Promise<{ minutes: number; expected: number; lost: number }> {
  const expected = minutes * 60 * 25;
  const video = path.join(ROOT, '.user', `playback-${minutes}.mp4`);
  const make = spawn('ffmpeg', [
    ...[
      '-loglevel',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      `testsrc=size=640x480:rate=25:duration=${minutes * 60}`,
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', video],
  ]);
  await once(make, 'close');
  const flows = flowFor({ source: 'video', path: video, loop: false, realTime: true }, false);
  const nodeRed = await startNodeRed({ flows });
  await wait(minutes * 60_000);
  let seen = -1;
  for (let now = await count(nodeRed); now !== seen; now = await count(nodeRed)) {
    seen = now;
    await wait(2_000);
  }
  const arrivals = await take(nodeRed);
  await nodeRed.stop();
  const numbers = new Set(arrivals.map(({ sequence }) => sequence));
  return { minutes, expected, lost: expected - numbers.size };
}

async function measure(): Promise<void> {
  const figures = {
    mjpeg: await measureMjpeg(),
    rtsp: await measureRtsp(),
    browser: await measureBrowser(),
    playback: await measurePlayback(Number(values['playback-minutes'])),
  };
  console.table({ mjpeg: figures.mjpeg, rtsp: figures.rtsp, browser: figures.browser });
  console.log(JSON.stringify(figures));
}

measure().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
