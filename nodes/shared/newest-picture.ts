import type { Request, Response } from 'express';
import type { Node, NodeAPI } from 'node-red';
import { messageOf } from '../../src/errors';
import { toJpeg, toThumbnail } from '../../src/image/to-jpeg';

/** A node whose dialog shows the newest picture that came through it. */
export interface PictureNode extends Node {
  newest?: unknown;
}

/** Widest picture in pixels that a dialog is given. */
const MOST_WIDTH = 1920;

const routed = new WeakSet<object>();

/** Serves the newest picture of any such node to its dialog, as a data URL, for those who may see flows. */
export function addPictureRoute(RED: NodeAPI): void {
  if (routed.has(RED.httpAdmin)) return;
  routed.add(RED.httpAdmin);
  const allowed = RED.auth.needsPermission('flows.read');
  RED.httpAdmin.get('/mtcnn/picture/:id', allowed, (request: Request, response: Response) => {
    const node = RED.nodes.getNode(String(request.params['id'])) as PictureNode | null;
    response.setHeader('Cache-Control', 'no-store');
    if (node?.newest === undefined) {
      response.json({});
      return;
    }
    const width = Math.min(MOST_WIDTH, Math.max(16, Number(request.query['width']) || MOST_WIDTH));
    toJpeg(node.newest)
      .then((jpeg) => toThumbnail(jpeg, width, 92))
      .then(
        (jpeg) => response.json({ image: `data:image/jpeg;base64,${jpeg.toString('base64')}` }),
        (error: unknown) => response.json({ problem: messageOf(error) }),
      );
  });
}
