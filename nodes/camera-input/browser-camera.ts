import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Request, Response } from 'express';
import type { NodeAPI } from 'node-red';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { FaceError, messageOf, toFaceError } from '../../src/errors';
import type { CameraState, PushedFrames } from '../../src/camera';
import { claimPath } from '../shared/http-paths';
import type { FaceMessage } from '../shared/message';
import { sizeOf } from '../shared/picture-of';
import { renderPage } from '../shared/render-page';

/** Largest picture in bytes that a browser may send: a JPEG of 12 megapixels in good quality. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** Time in ms between two looks whether a browser is still there: a phone that leaves the network says nothing. */
const HEARTBEAT_MS = 10_000;

/** What is below the page's path. */
const SOCKET = '/socket';

const TEXTS = [
  'title',
  'camera',
  'start',
  'stop',
  'connecting',
  'sending',
  'paused',
  'lost',
  'full',
  'denied',
  'insecure',
  'refused',
  'busy',
  'none',
  'faces',
] as const;

export interface BrowserCameraConfig {
  nodeId: string;
  /** HTTP path of the page. */
  path: string;
  maxClients: number;
  framesPerSecond: number;
  /** pixels */
  width: number;
  height: number;
  /** Where the pictures go. */
  frames: PushedFrames;
  /** Told of the number of browsers whenever it changes. */
  onClients: (count: number) => void;
  onError: (error: FaceError) => void;
}

/** A page that turns a phone or a laptop into a camera, and the connections of those who have it open. */
export class BrowserCamera {
  readonly #RED: NodeAPI;
  readonly #config: BrowserCameraConfig;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  readonly #clients = new Map<string, { socket: WebSocket; alive: boolean }>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #release: () => void;
  #state: CameraState = 'stopped';

  /** @throws FaceError `option-invalid` for a path that is none, or that another node has */
  constructor(RED: NodeAPI, config: BrowserCameraConfig) {
    this.#RED = RED;
    this.#config = config;
    const releasePath = claimPath(RED, config.path, [''], (request, response) =>
      this.#serve(request, response),
    );
    const stopListening = listen(RED, rootOf(RED) + config.path + SOCKET, (request, socket, head) =>
      this.#upgrade(request, socket, head),
    );
    this.#release = () => {
      releasePath();
      stopListening();
    };
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Tells all browsers what the camera does: they send while it is not stopped. */
  setState(state: CameraState): void {
    this.#state = state;
    for (const { socket } of this.#clients.values()) tell(socket, { type: 'state', state });
  }

  /** Shows the faces of a message to the browser whose picture they are of, or to all. */
  showFaces(message: FaceMessage): void {
    const { payload, frame } = message;
    const text = { type: 'faces', faces: payload, ...sizeOf(message) };
    for (const [name, { socket }] of this.#clients) {
      if (frame === undefined || frame.source === name) tell(socket, text);
    }
  }

  /** Ends all connections, and gives the path back. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#release();
    for (const { socket } of this.#clients.values()) socket.terminate();
    this.#clients.clear();
    this.#server.close();
  }

  #serve(request: Request, response: Response): void {
    response.setHeader('Cache-Control', 'no-store');
    // A page of another site must not lay itself over the button that starts the camera.
    response.setHeader('Content-Security-Policy', "frame-ancestors 'self'");
    // Behind Node-RED's own password nobody else comes this far.
    if (!hasPassword(this.#RED) && !isToken(request.query['token'], this.#token())) {
      response.status(403).type('text').send(this.#RED._('camera-input.page.denied'));
      return;
    }
    const { framesPerSecond, width, height } = this.#config;
    const data = { token: this.#token(), framesPerSecond, width, height };
    const file = path.join(__dirname, 'browser-page.html');
    response
      .type('html')
      .send(renderPage(this.#RED, { file, prefix: 'camera-input.page.', texts: TEXTS, data }));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = addressOf(request)?.searchParams ?? new URLSearchParams();
    // Node.js hands the bare connection over: its errors, such as a client that is gone at once, are ours from here on.
    socket.on('error', () => socket.destroy());
    if (!isSameOrigin(request) || !isToken(query.get('token'), this.#token())) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(client, query.get('client')));
  }

  /** @param id the page's own name for itself: one that comes back takes the place of its lost connection */
  #accept(socket: WebSocket, id: string | null): void {
    const name = `browser ${/^\w{1,12}$/.test(id ?? '') ? id : randomBytes(3).toString('hex')}`;
    this.#clients.get(name)?.socket.terminate();
    this.#clients.delete(name);
    socket.on('error', () => undefined); // it is followed by 'close'
    if (this.#clients.size >= this.#config.maxClients) {
      tell(socket, { type: 'full' });
      socket.close(1013, 'full');
      return;
    }
    const client = { socket, alive: true };
    this.#clients.set(name, client);
    this.#config.onClients(this.#clients.size);
    socket.on('pong', () => (client.alive = true));
    socket.on('message', (data, isBinary) => this.#take(name, socket, data, isBinary));
    socket.on('close', () => {
      if (this.#clients.get(name) !== client) return;
      this.#clients.delete(name);
      this.#config.onClients(this.#clients.size);
    });
    tell(socket, { type: 'state', state: this.#state });
  }

  /** Takes a picture, and asks for the next: a browser never sends faster than the pictures are taken. */
  #take(name: string, socket: WebSocket, data: RawData, isBinary: boolean): void {
    const { frames, onError } = this.#config;
    try {
      if (isBinary) {
        frames.push(asBuffer(data), name);
        tell(socket, { type: 'next' });
      } else frames.skip(readSkipped(asBuffer(data).toString('utf8')));
    } catch (error) {
      onError(toFaceError(error));
      tell(socket, { type: 'refused' });
      socket.close(1007, 'refused');
    }
  }

  #beat(): void {
    for (const client of this.#clients.values()) {
      if (!client.alive) client.socket.terminate();
      client.alive = false;
      client.socket.ping();
    }
  }

  #token(): string {
    return cameraToken(this.#RED, this.#config.nodeId);
  }
}

/**
 * The token in the link of a node's page: the same after a restart, so that a phone's bookmark lasts, and told by
 * nothing but this installation's secret.
 */
export function cameraToken(RED: NodeAPI, nodeId: string): string {
  return createHmac('sha256', secretOf(RED)).update(nodeId).digest('base64url').slice(0, 22);
}

const SECRET = 'mtcnnCameraSecret';
const secrets = new WeakMap<object, string>();

/** The runtime's settings as they are: Node-RED's types leave these two out. */
interface StoredSettings {
  get?(key: string): unknown;
  set?(key: string, value: unknown): Promise<void>;
}

function secretOf(RED: NodeAPI): string {
  let secret = secrets.get(RED.httpNode);
  if (secret !== undefined) return secret;
  const settings = RED.settings as unknown as StoredSettings;
  const stored = settings.get?.(SECRET);
  secret = typeof stored === 'string' && stored !== '' ? stored : randomBytes(32).toString('hex');
  secrets.set(RED.httpNode, secret);
  if (secret !== stored) {
    // Settings that cannot be written cost a new link after a restart, no more.
    settings.set?.(SECRET, secret).catch((error: unknown) => RED.log.debug(messageOf(error)));
  }
  return secret;
}

/** True where Node-RED itself asks for a name and password before it shows a page. */
export function hasPassword(RED: NodeAPI): boolean {
  return Boolean(RED.settings.httpNodeAuth);
}

/** The path under which Node-RED has the pages of nodes, without a slash at its end. */
export function rootOf(RED: NodeAPI): string {
  const root: unknown = RED.settings.httpNodeRoot;
  return typeof root === 'string' ? root.replace(/\/$/, '') : '';
}

function isToken(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || given.length !== expected.length) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A page of another site may open a connection in a browser, but cannot hide where it comes from. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true; // no browser
  const forwarded = [headers['x-forwarded-host']].flat();
  return URL.canParse(origin) && [host, ...forwarded].includes(new URL(origin).host);
}

/** What a request asks for; nothing for a text that is no address, such as `//`, which anybody may send. */
function addressOf({ url = '' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://host') ? new URL(url, 'http://host') : undefined;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Who takes WebSocket connections, by path, for each HTTP server. */
const upgrades = new WeakMap<Server, Map<string, Upgrade>>();

/** Takes the WebSocket connections to one path; those to others are left to others. Returns how to stop it. */
function listen(RED: NodeAPI, address: string, upgrade: Upgrade): () => void {
  const server = RED.server as Server;
  let byPath = upgrades.get(server);
  if (byPath === undefined) {
    const handlers = (byPath = new Map<string, Upgrade>());
    upgrades.set(server, handlers);
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const place = addressOf(request);
      if (place !== undefined) handlers.get(place.pathname)?.(request, socket, head);
    });
  }
  const handlers = byPath;
  handlers.set(address, upgrade);
  return () => {
    if (handlers.get(address) === upgrade) handlers.delete(address);
  };
}

function tell(socket: WebSocket, message: object): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

const asBuffer = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

/** How many pictures a browser left out because the one before was still on its way. */
function readSkipped(text: string): number {
  const { skipped } = JSON.parse(text) as { skipped?: unknown };
  if (typeof skipped === 'number' && Number.isInteger(skipped) && skipped > 0 && skipped < 1e6)
    return skipped;
  throw new FaceError({
    code: 'image-type',
    expected: 'a JPEG picture, or the number of those skipped',
    got: 'another message',
    hint: 'Load the page of the browser camera again.',
  });
}
