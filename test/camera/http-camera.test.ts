import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Camera, type StateChange } from '../../src/camera/camera';
import type { CameraFrame } from '../../src/camera/frame';
import { httpCamera, type HttpConfig } from '../../src/camera/http-camera';
import { until } from '../support/processes';
import { collect } from './collect';

let pictures: Buffer[];
beforeAll(async () => {
  pictures = await Promise.all(
    ['#a33', '#3a3', '#33a'].map((background) =>
      sharp({ create: { width: 64, height: 48, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    ),
  );
});
const picture = (index: number) => pictures[index % pictures.length]!;

const BOUNDARY = 'camera';
const part = (jpeg: Buffer) =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from('\r\n'),
  ]);
const beginStream = (response: ServerResponse) =>
  response.writeHead(200, { 'Content-Type': `multipart/x-mixed-replace;boundary=${BOUNDARY}` });

let server: Server | undefined;

/** A camera on loopback that answers as a test says. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ address: string; config: HttpConfig }> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  return { address, config: { kind: 'http', address: `${address}/stream`, framesPerSecond: 60 } };
}

afterEach(async () => {
  server?.closeAllConnections();
  if (server?.listening === true) {
    server.close();
    await once(server, 'close');
  }
});

describe('an MJPEG stream', () => {
  it('comes picture by picture, with size, number and an address without secrets', async () => {
    const { config, address } = await serve((_request, response) => {
      beginStream(response);
      let count = 0;
      const timer = setInterval(() => response.write(part(picture(count++))), 30);
      response.on('close', () => clearInterval(timer));
    });
    const frames = await collect(httpCamera({ ...config, address: `${config.address}?key=secret` }), 4);
    for (const { width, height, source, image } of frames) {
      expect([width, height, source]).toEqual([64, 48, `${address}/stream`]);
      expect(pictures.some((known) => known.equals(image))).toBe(true);
    }
    // A slow machine gets the newest of those that came together: the numbers tell.
    const numbers = frames.map(({ sequence }) => sequence);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('of parts without a length, cut anywhere, and garbage between them, yields its whole pictures', async () => {
    const { config } = await serve((_request, response) => {
      beginStream(response);
      const bytes = Buffer.concat([
        Buffer.from('garbage \xff\xd8 \xff\xff', 'latin1'),
        picture(0),
        picture(1).subarray(0, 200), // breaks off in the middle
        Buffer.from(`\r\n--${BOUNDARY}\r\n\r\n`),
        picture(2),
        Buffer.from(`\r\n--${BOUNDARY}--`),
      ]);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 97) }, (_, i) =>
        bytes.subarray(i * 97, (i + 1) * 97),
      );
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) response.write(piece);
      }, 5);
      response.on('close', () => clearInterval(timer));
    });
    const frames = await collect(httpCamera(config), 2);
    expect(frames.map(({ image }) => image)).toEqual([picture(0), picture(2)]);
    // Both what looked like a picture and the broken one are counted.
    expect(frames[1]!.sequence).toBeGreaterThan(frames[0]!.sequence + 1);
  });

  it('that ends is a failure, since a camera does not', async () => {
    const { config } = await serve((_request, response) => beginStream(response).end(part(picture(0))));
    await expect(collect(httpCamera(config))).rejects.toMatchObject({ code: 'camera-failed' });
  });

  it('faster than asked for is thinned out, and nothing counts as dropped', async () => {
    const { config } = await serve((_request, response) => {
      beginStream(response);
      let count = 0;
      const timer = setInterval(() => response.write(part(picture(count++))), 20);
      response.on('close', () => clearInterval(timer));
    });
    const frames = await collect(httpCamera({ ...config, framesPerSecond: 10 }), 3);
    // Ten pictures come in that time: were those left out counted, the number would be about as high.
    expect(frames[2]!.sequence).toBeLessThan(6);
    const span = frames[2]!.timestamp - frames[0]!.timestamp;
    expect(span).toBeGreaterThanOrEqual(170);
  });
});

describe('a picture that is asked for', () => {
  it('is sent once while the server says that it is the same', async () => {
    const asked: string[] = [];
    const { config } = await serve((request, response) => {
      const version = Math.floor(asked.length / 3);
      asked.push(request.headers['if-none-match'] ?? 'anything');
      if (request.headers['if-none-match'] === `"${version}"`) response.writeHead(304).end();
      else
        response.writeHead(200, { 'Content-Type': 'image/jpeg', ETag: `"${version}"` }).end(picture(version));
    });
    const frames = await collect(httpCamera(config), 3);
    expect(frames.map(({ image }) => image)).toEqual([0, 1, 2].map(picture));
    expect(asked).toEqual(['anything', '"0"', '"0"', '"0"', '"1"', '"1"', '"1"']);
  });

  it('is told apart by its time, too', async () => {
    const asked: unknown[] = [];
    const time = 'Tue, 24 Nov 2026 10:00:00 GMT';
    const { config } = await serve((request, response) => {
      asked.push(request.headers['if-modified-since']);
      if (asked.length === 2) response.writeHead(304).end();
      else response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Last-Modified': time }).end(picture(0));
    });
    await collect(httpCamera(config), 2);
    expect(asked).toEqual([undefined, time, time]);
  });

  it('uses one connection', async () => {
    const sockets = new Set<unknown>();
    const { config } = await serve((request, response) => {
      sockets.add(request.socket);
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(picture(0));
    });
    await collect(httpCamera(config), 5);
    expect(sockets.size).toBe(1);
  });

  it('that stays the same for long is no stall', async () => {
    let requests = 0;
    const { config } = await serve((_request, response) => {
      if (requests++ === 0)
        response.writeHead(200, { 'Content-Type': 'image/jpeg', ETag: '"1"' }).end(picture(0));
      else response.writeHead(304).end();
    });
    const states: string[] = [];
    const camera = new Camera(
      { ...config, framesPerSecond: 50 },
      { stallMs: 100 },
      { onFrame: () => undefined, onError: () => undefined, onState: ({ state }) => states.push(state) },
    );
    camera.start();
    await until(() => requests > 30);
    await camera.stop();
    expect(states).toEqual(['starting', 'running', 'stopped']);
  });
});

describe('name and password', () => {
  const credentials = { username: 'jo', password: 'se cret' };
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');

  /** Lets in who answers the digest rightly, and remembers what it was told. */
  const guard = (told: string[]) => (request: IncomingMessage, response: ServerResponse) => {
    const header = request.headers.authorization ?? '';
    told.push(header);
    const field = (name: string) => new RegExp(`${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';
    const secret = md5('jo:camera:se cret');
    const expected = md5(
      `${secret}:${field('nonce')}:${field('nc')}:${field('cnonce')}:auth:${md5('GET:/stream')}`,
    );
    if (header !== '' && field('response') === expected) {
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(picture(0));
    } else {
      response
        .writeHead(401, { 'WWW-Authenticate': 'Digest realm="camera", nonce="abc", qop="auth"' })
        .end('no');
    }
  };

  it('digest: sent when asked for, never in clear, and once a challenge', async () => {
    const told: string[] = [];
    const { config } = await serve(guard(told));
    expect(await collect(httpCamera({ ...config, ...credentials }), 3)).toHaveLength(3);
    expect(told[0]).toBe('');
    expect(told.filter((header) => header === '')).toHaveLength(1);
    expect(told.join()).not.toContain('se cret');
  });

  it('basic', async () => {
    const { config } = await serve((request, response) => {
      const right = `Basic ${Buffer.from('jo:se cret').toString('base64')}`;
      if (request.headers.authorization === right)
        response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(picture(0));
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    expect(await collect(httpCamera({ ...config, ...credentials }), 1)).toHaveLength(1);
  });

  it.each([
    { reason: 'none given', login: {} },
    { reason: 'a wrong one', login: { username: 'jo', password: 'wrong-word' } },
  ])('refused: $reason', async ({ login }) => {
    const { config } = await serve(guard([]));
    const problem = await collect(httpCamera({ ...config, ...login }), 1).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'camera-access-denied' });
    expect(String(problem)).not.toContain('wrong-word');
  });

  it('are not carried to another server', async () => {
    let told: string | undefined = 'not asked';
    const other = createServer((request, response) => {
      told = request.headers.authorization;
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(picture(0));
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { config } = await serve((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
      else
        response
          .writeHead(302, { Location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` })
          .end();
    });
    await collect(httpCamera({ ...config, ...credentials }), 1);
    expect(told).toBeUndefined();
    other.closeAllConnections();
    other.close();
  });
});

describe('an address that gives no pictures', () => {
  it.each([
    {
      reason: 'a web page',
      code: 'camera-failed',
      answer: (response: ServerResponse) =>
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>'),
    },
    {
      reason: 'nothing there',
      code: 'camera-failed',
      answer: (response: ServerResponse) => response.writeHead(404).end(),
    },
    {
      reason: 'a ring of redirections',
      code: 'camera-failed',
      answer: (response: ServerResponse) => response.writeHead(302, { Location: '/stream' }).end(),
    },
    {
      reason: 'a redirection to a file',
      code: 'camera-failed',
      answer: (response: ServerResponse) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
    },
    {
      reason: 'a connection that closes',
      code: 'camera-unreachable',
      answer: (response: ServerResponse) => response.socket?.destroy(),
    },
    {
      reason: 'half a picture',
      code: 'camera-failed',
      answer: (response: ServerResponse) => {
        response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': '9999' });
        response.write(picture(0).subarray(0, 100), () => response.socket?.destroy());
      },
    },
  ])('$reason: $code', async ({ code, answer }) => {
    const { config } = await serve((_request, response) => {
      answer(response);
    });
    await expect(collect(httpCamera(config), 1)).rejects.toMatchObject({ code });
  });

  it('a port where nobody listens', async () => {
    const { config } = await serve(() => undefined);
    server?.close();
    await expect(collect(httpCamera(config), 1)).rejects.toMatchObject({ code: 'camera-unreachable' });
  });
});

it('a stream that stalls, breaks off, and closes goes on each time by itself', async () => {
  let connections = 0;
  const { config } = await serve((_request, response) => {
    connections++;
    beginStream(response);
    response.write(part(picture(connections)));
    if (connections === 2)
      response.write(part(picture(0)).subarray(0, 150), () => response.socket?.destroy());
    if (connections === 3) response.end();
    // 1 and 4 say nothing more
  });
  const frames: CameraFrame[] = [];
  const changes: StateChange[] = [];
  const camera = new Camera(
    config,
    { stallMs: 300, restartDelayMs: 100 },
    {
      onFrame: (frame) => frames.push(frame),
      onState: (change) => changes.push(change),
      onError: () => undefined,
    },
  );
  camera.start();
  await until(() => frames.length === 4);
  await camera.stop();
  expect(changes.map(({ state }) => state)).toEqual([
    ...['starting', 'running', 'stalled', 'reconnecting'],
    ...['starting', 'running', 'reconnecting'],
    ...['starting', 'running', 'reconnecting'],
    ...['starting', 'running', 'stopped'],
  ]);
  expect(changes.flatMap(({ error }) => error?.code ?? [])).toEqual([
    'camera-stalled',
    'camera-stalled',
    'camera-failed',
    'camera-failed',
  ]);
});
