import type { Request, Response } from 'express';
import type { Node, NodeAPI } from 'node-red';
import type { DetectOptions } from '../../src';
import { toFaceError } from '../../src/errors';
import type { SharedDetector } from '../shared/detectors';

/** A node whose values can be tried on a picture. */
export interface TunedNode extends Node {
  detector?: SharedDetector;
}

/**
 * Tries values of the dialog on a picture, with the detector of the node: nothing is deployed by looking. For those who
 * may see flows.
 */
export function addTuningRoute(RED: NodeAPI): void {
  const allowed = RED.auth.needsPermission('flows.read');
  RED.httpAdmin.post('/mtcnn/try/:id', allowed, (request: Request, response: Response) => {
    const node = RED.nodes.getNode(String(request.params['id'])) as TunedNode | null;
    // A body that is no JSON is not read: no form of another site can send any.
    const { image, options } = (request.body ?? {}) as { image?: unknown; options?: DetectOptions };
    // Nothing else: a path would make a reader of files of whoever may see flows.
    if (typeof image !== 'string' || !image.startsWith('data:image/')) {
      response.status(400).json({ problem: 'a picture as a data URL is expected' });
      return;
    }
    if (node?.detector === undefined) {
      response.json({ undeployed: true });
      return;
    }
    node.detector
      .get()
      .then((detector) => detector.explain(image, options))
      .then(
        (detection) => response.json(detection),
        (error: unknown) => response.json({ problem: toFaceError(error).message }),
      );
  });
}
