/** The network cameras of the flow: a real RTSP server, and an HTTP server with an MJPEG stream. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRenderer } from '../../../src/camera/test-scene/test-scene';
import { encodeImage } from '../../../src/image/encode';
import { type RtspServer, startRtspServer } from '../../rtsp-server';

/** Frames a second: ffmpeg takes a third of a second longer to begin with each one less. */
const RTSP_RATE = 10;
const MJPEG_RATE = 4;
const [WIDTH, HEIGHT] = [640, 480] as const;

/** A camera's server that can leave, in one of two ways, and come back. */
export interface CameraServer {
  address: string;
  /** Ends, and with it each connection. */
  leave(): Promise<void>;
  /** Says nothing more, and keeps the connections. */
  freeze(): void;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A picture of the test scene on which the people look at the camera. */
async function drawPeople(): Promise<Buffer> {
  return encodeImage(await (await createRenderer(WIDTH, HEIGHT))(0));
}

/** @param folder for the picture that the servers show */
export async function startServers(folder: string): Promise<{ rtsp: CameraServer; mjpeg: CameraServer }> {
  const jpeg = await drawPeople();
  const picture = path.join(folder, 'people.i420');
  const toI420 = ['-f', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'];
  writeFileSync(picture, execFileSync('ffmpeg', ['-loglevel', 'error', ...toI420], { input: jpeg }));
  return { rtsp: await rtspServer(picture), mjpeg: await mjpegServer(jpeg) };
}

async function rtspServer(picture: string): Promise<CameraServer> {
  const start = (port: number): Promise<RtspServer> =>
    startRtspServer({ port, picture, 'frames-per-second': RTSP_RATE });
  let server = await start(0);
  const { port } = server;
  let frozen = false;
  return {
    address: `rtsp://127.0.0.1:${port}/camera`,
    leave: () => server.kill(),
    freeze() {
      server.process.kill('SIGSTOP');
      frozen = true;
    },
    async comeBack() {
      if (frozen) server.process.kill('SIGCONT');
      else server = await start(port);
      frozen = false;
    },
    close: () => server.kill(),
  };
}

async function mjpegServer(jpeg: Buffer): Promise<CameraServer> {
  const part = Buffer.concat([
    Buffer.from(`--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from('\r\n'),
  ]);
  let frozen = false;
  const viewers = new Set<ServerResponse>();
  const timer = setInterval(() => {
    if (!frozen) for (const viewer of viewers) viewer.write(part);
  }, 1000 / MJPEG_RATE);
  let server: Server;
  const listen = async (port: number) => {
    server = createServer((_request, response) => {
      if (frozen) return;
      response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace;boundary=b' });
      viewers.add(response);
      response.on('close', () => viewers.delete(response));
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const leave = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const port = await listen(0);
  return {
    address: `http://127.0.0.1:${port}/`,
    leave,
    freeze() {
      frozen = true;
    },
    async comeBack() {
      if (frozen) frozen = false;
      else await listen(port);
    },
    async close() {
      clearInterval(timer);
      await leave();
    },
  };
}
