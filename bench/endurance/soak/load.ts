/** What surrounds the soak's Node-RED: cameras that send pictures to it, and those who look at them. */
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { createRenderer } from '../../../src/camera/test-scene/test-scene';
import { encodeImage } from '../../../src/image/encode';
import { launchChromium } from '../../chromium';

/** A camera of ours. */
export interface Source {
  /** Pictures that it has handed over whole. */
  readonly sent: number;
  /** Sends no more; its connection stays. */
  pause(): void;
  close(): Promise<void>;
}

/** JPEG pictures of the drawn scene, two seconds apart. */
export async function drawPictures(count: number): Promise<Buffer[]> {
  const render = await createRenderer(640, 480);
  const pictures: Buffer[] = [];
  for (let i = 0; i < count; i++) pictures.push(await encodeImage(await render(2 * i), { quality: 88 }));
  return pictures;
}

/** A clock that calls `send` with one picture after the other, at a rate that may change. */
function sendPictures(
  pictures: readonly Buffer[],
  rateAt: (seconds: number) => number,
  send: (picture: Buffer) => void,
): { pause(): void } {
  const begin = performance.now();
  let number = 0;
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(
      () => {
        const picture = pictures[number++ % pictures.length];
        if (picture !== undefined) send(picture);
        next();
      },
      1000 / rateAt((performance.now() - begin) / 1000),
    );
  };
  next();
  return { pause: () => clearTimeout(timer) };
}

/** Pictures a second of the MJPEG camera: calm, and for the last seconds of each minute more than detectors can search. */
const MJPEG = { calm: 2, burst: 20, burstSeconds: 10 } as const;

/** An MJPEG camera on loopback. */
export async function startMjpegCamera(
  pictures: readonly Buffer[],
): Promise<Source & { readonly address: string }> {
  const viewers = new Set<ServerResponse>();
  let sent = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace;boundary=b' });
    response.flushHeaders();
    viewers.add(response);
    response.on('close', () => viewers.delete(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has one
  const rateAt = (seconds: number) => (seconds % 60 >= 60 - MJPEG.burstSeconds ? MJPEG.burst : MJPEG.calm);
  const clock = sendPictures(pictures, rateAt, (picture) => {
    for (const viewer of viewers) {
      viewer.write(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
      viewer.write(picture);
      viewer.write('\r\n');
      sent++;
    }
  });
  return {
    address: `http://127.0.0.1:${port}/`,
    get sent() {
      return sent;
    },
    pause: () => clock.pause(),
    async close() {
      clock.pause();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Pictures that stay in the watched folder: a minute's, so that a busy machine has read each of them. */
const FILES_KEPT = 60;

/** Moves a new picture into a folder every second, and removes the oldest. */
export function fillFolder(folder: string, beside: string, pictures: readonly Buffer[]): Source {
  mkdirSync(folder, { recursive: true });
  const draft = path.join(beside, 'draft.jpg');
  const fileOf = (number: number) => path.join(folder, `${number}.jpg`);
  let sent = 0;
  const clock = sendPictures(
    pictures,
    () => 1,
    (picture) => {
      writeFileSync(draft, picture);
      renameSync(draft, fileOf(sent));
      rmSync(fileOf(sent - FILES_KEPT), { force: true });
      sent++;
    },
  );
  return {
    get sent() {
      return sent;
    },
    pause: () => clock.pause(),
    close: () => {
      clock.pause();
      return Promise.resolve();
    },
  };
}

export interface Viewers {
  /** The views whose page shows no picture, or says that something is wrong. */
  blind(): Promise<string[]>;
  close(): Promise<void>;
}

/** Two browsers, each with the pages of two views. */
export async function openBrowsers(url: string, paths: readonly string[]): Promise<Viewers> {
  const browsers = await Promise.all([launchChromium(), launchChromium()]);
  const pages = await Promise.all(
    paths.map(async (view, i) => {
      const page = await browsers[i % browsers.length]?.newPage();
      if (page === undefined) throw new Error('no browser');
      // A stream never ends, and neither does the loading of its page.
      await page.goto(url + view, { waitUntil: 'domcontentloaded' });
      return { view, page };
    }),
  );
  const sees = (page: Page) =>
    page.evaluate(
      "document.getElementById('picture').naturalWidth > 0 && document.getElementById('state').textContent === ''",
    );
  return {
    async blind() {
      const seen = await Promise.all(pages.map(async ({ view, page }) => ({ view, ok: await sees(page) })));
      return seen.filter(({ ok }) => ok !== true).map(({ view }) => view);
    },
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()));
    },
  };
}

/** A client that asks for a stream and never reads: its connection fills up and stays so. */
export function openStalledClient(url: string, stream: string): { readonly alive: boolean; close(): void } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).pause();
  let alive = true;
  socket.on('close', () => (alive = false)).on('error', () => undefined);
  socket.write(`GET ${stream} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  return {
    get alive() {
      return alive;
    },
    close: () => socket.destroy(),
  };
}
