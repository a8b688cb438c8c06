import path from 'node:path';
import type { Request, Response } from 'express';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { describeValue, FaceError, toFaceError } from '../../src/errors';
import { formatRate, FrameRate } from '../../src/camera';
import { annotateImage } from '../../src/drawing/annotate';
import { checkFaces } from '../../src/drawing/check-faces';
import { toJpeg, toThumbnail } from '../../src/image/to-jpeg';
import type { Face } from '../../src';
import { handleAtOnce } from '../shared/handle-input';
import { claimPath, cleanPath } from '../shared/http-paths';
import type { FaceMessage } from '../shared/message';
import { allowedImage } from '../shared/message-limits';
import { readFields } from '../shared/options';
import { sizeOf } from '../shared/picture-of';
import { renderPage } from '../shared/render-page';
import { StatusLine } from '../shared/status-line';
import { whenStarted } from '../shared/when-started';
import { StreamClients } from './stream-clients';

interface ViewNodeDef extends NodeDef {
  /** Message property that holds the picture, or the faces of `msg.image`. */
  image?: string;
  inEditor?: boolean;
  /** HTTP path of the view page; empty: none. */
  path?: string;
}

/** What is shown: drawn when somebody asks for it, and once only. */
interface View {
  faces: Face[];
  message: FaceMessage;
  timestamp: number;
  jpeg(): Promise<Buffer>;
}

const FIELDS = { width: 'number', framesPerSecond: 'number' } as const;
const EDITOR_WIDTH = 320;
const EDITOR_FRAMES_PER_SECOND = 5;

/** What a view answers below its path. */
const PARTS = ['', '/stream', '/frame.jpg', '/faces.json'];

const PAGE = {
  file: path.join(__dirname, 'view-page.html'),
  prefix: 'face-view.page.',
  texts: [
    'title',
    'faces',
    'perSecond',
    'milliseconds',
    'fullScreen',
    'picture',
    'waiting',
    'stopped',
    'lost',
  ],
};

export default function register(RED: NodeAPI): void {
  function FaceView(this: Node, config: ViewNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const text = (key: string, values?: Record<string, string | number>) =>
      RED._(`face-view.status.${key}`, values);
    const clients = new StreamClients();
    const rate = new FrameRate();
    const { width = EDITOR_WIDTH, framesPerSecond = EDITOR_FRAMES_PER_SECOND } = readFields(config, FIELDS);
    const topic = `face-view/${this.id}`;
    let latest: View | undefined;
    let fps = 0;
    let showing: Promise<void> | undefined;
    let publishedAt = -Infinity;
    let closed = false;

    status.show({ fill: 'grey', shape: 'ring', text: text('waiting') });
    const releasePath = claim(this);

    handleAtOnce(this, {
      status,
      failedText: text('failed'),
      work: (message) => {
        latest = readView(message, config.image || 'payload');
        fps = rate.count();
        status.show({
          fill: 'green',
          shape: 'dot',
          text: text(clients.count === 1 ? 'viewer' : 'viewers', {
            fps: formatRate(fps),
            viewers: clients.count,
          }),
        });
        show();
      },
    });

    this.on('close', (done: () => void) => {
      closed = true;
      releasePath();
      clients.close();
      if (config.inEditor !== false) RED.comms.publish(topic, { cleared: true }, false);
      status.close();
      void Promise.resolve(showing).finally(() => done());
    });

    /** Draws and sends the newest picture to those who look; what comes meanwhile waits for the next turn. */
    const show = () => {
      if (showing !== undefined || closed || latest === undefined) return;
      const view = latest;
      const toEditor = config.inEditor !== false && performance.now() - publishedAt >= 1000 / framesPerSecond;
      if (!toEditor && clients.count === 0) return;
      showing = deliver(view, toEditor)
        .catch((error: unknown) => {
          status.show({ fill: 'red', shape: 'ring', text: text('failed') });
          this.error(toFaceError(error), view.message);
        })
        .finally(() => {
          showing = undefined;
          if (latest !== view) show();
        });
    };

    const deliver = async (view: View, toEditor: boolean) => {
      const jpeg = await view.jpeg();
      clients.send(jpeg);
      if (!toEditor) return;
      publishedAt = performance.now();
      const small = await toThumbnail(jpeg, width);
      if (closed) return;
      const data = {
        image: `data:image/jpeg;base64,${small.toString('base64')}`,
        ...sizeOf(view.message),
        faces: view.faces.length,
        at: view.timestamp,
      };
      RED.comms.publish(topic, data, false);
    };

    function readView(message: FaceMessage, property: string): View {
      const value: unknown = RED.util.getMessageProperty(message, property);
      const drawn = Array.isArray(value);
      const faces = drawn ? checkFaces(value) : (message.faces ?? []);
      let picture: Promise<Buffer> | undefined;
      const draw = drawn
        ? async () => (await annotateImage(await allowedImage(RED, message.image), faces)).image
        : async () => toJpeg(await allowedImage(RED, value));
      if (value === undefined || (drawn && message.image === undefined)) throw nothingToShow(property, value);
      return { faces, message, timestamp: Date.now(), jpeg: () => (picture ??= draw()) };
    }

    /** Takes the path of the view; a path that cannot be had is an error, and the editor's view goes on. */
    function claim(node: Node): () => void {
      const wanted = cleanPath(config.path);
      if (wanted === '') return () => undefined;
      try {
        return claimPath(RED, wanted, PARTS, serve);
      } catch (error) {
        whenStarted(RED, node, () => {
          status.show({ fill: 'red', shape: 'dot', text: text('path') });
          node.error(toFaceError(error), {});
        });
        return () => undefined;
      }
    }

    function serve(_request: Request, response: Response, part: string): void {
      response.setHeader('Cache-Control', 'no-store');
      if (part === '') response.type('html').send(renderPage(RED, PAGE));
      else if (part === '/faces.json') sendJson(response);
      else if (part === '/stream') {
        clients.add(response);
        if (latest !== undefined)
          latest.jpeg().then(
            (jpeg) => clients.send(jpeg, response),
            () => undefined,
          );
      } else if (latest === undefined) response.status(503).json({ error: text('waiting') });
      else {
        latest.jpeg().then(
          (jpeg) => response.type('jpeg').send(jpeg),
          (error: unknown) => response.status(500).json({ error: toFaceError(error).message }),
        );
      }
    }

    /** What other nodes put into a message need not be plain data. */
    function sendJson(response: Response): void {
      try {
        response.json(describeView());
      } catch {
        response.status(500).json({ error: text('failed') });
      }
    }

    function describeView(): object {
      if (latest === undefined) return { faces: [], now: Date.now() };
      const { faces, message, timestamp } = latest;
      return {
        faces,
        ...sizeOf(message),
        timestamp,
        now: Date.now(),
        fps: Number(fps.toFixed(2)),
        ...(message.frame === undefined ? {} : { frame: message.frame }),
        ...(message.detection === undefined ? {} : { detection: message.detection }),
      };
    }
  }
  RED.nodes.registerType('face-view', FaceView);
}

function nothingToShow(property: string, value: unknown): FaceError {
  return new FaceError({
    code: 'image-missing',
    expected: `a picture in msg.${property}, or faces there with their picture in msg.image`,
    got: describeValue(value),
    hint: 'Wire this node behind camera input, mtcnn detect or face annotate.',
  });
}
