import type { Request, Response } from 'express';
import type { NodeAPI } from 'node-red';
import { listWebcams } from '../../src/camera';
import { toFaceError } from '../../src/errors';
import { cameraToken, hasPassword, rootOf } from './browser-camera';

/** What the dialog asks for: for those who may see flows. */
export function addAdminRoutes(RED: NodeAPI): void {
  const allowed = RED.auth.needsPermission('flows.read');

  RED.httpAdmin.get('/mtcnn/webcams', allowed, (_request: Request, response: Response) => {
    listWebcams().then(
      (webcams) => response.json({ webcams }),
      (error: unknown) => response.json({ webcams: [], problem: toFaceError(error).message }),
    );
  });

  // The token makes a camera of whoever has it: it is shown to those who could read the flow anyway.
  RED.httpAdmin.get('/mtcnn/camera-link/:id', allowed, (request: Request, response: Response) => {
    const id = String(request.params['id']);
    const query = hasPassword(RED) ? '' : `?token=${cameraToken(RED, id)}`;
    response.json({ root: rootOf(RED), query });
  });
}
