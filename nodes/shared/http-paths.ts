import type { NextFunction, Request, Response } from 'express';
import type { NodeAPI } from 'node-red';
import { FaceError } from '../../src/errors';

/** Answers a request for a path, or for a part below it such as `/stream`; the path itself is the part ''. */
export type PathHandler = (request: Request, response: Response, part: string) => void;

/** A path of letters, digits, `-`, `_`, `.` and `/`: nothing that the router takes for a pattern. */
const PATH = /^\/[\w./-]*$/;

interface Paths {
  /** Who answers at each path. */
  handlers: Map<string, PathHandler>;
  /** Routes stay where they were made and pass on when nobody answers any more. */
  routed: Set<string>;
}

/** The paths of one Node-RED: there may be several in a process. */
const pathsOf = new WeakMap<object, Paths>();

/**
 * Takes a path among Node-RED's HTTP nodes for one node.
 * @param parts what is answered below the path; '' is the path itself
 * @returns gives the path back
 * @throws FaceError `option-invalid` for a path that is none, or that another of our nodes has
 */
export function claimPath(
  RED: NodeAPI,
  path: string,
  parts: readonly string[],
  handler: PathHandler,
): () => void {
  const paths: Paths = pathsOf.get(RED.httpNode) ?? { handlers: new Map(), routed: new Set() };
  pathsOf.set(RED.httpNode, paths);
  const { handlers, routed } = paths;
  const expected = !PATH.test(path)
    ? 'a path such as /faces'
    : handlers.has(path)
      ? 'a path that no other node uses'
      : undefined;
  if (expected !== undefined) {
    throw new FaceError({
      code: 'option-invalid',
      expected,
      got: JSON.stringify(path.slice(0, 80)),
      hint: 'Choose another path in the dialog.',
    });
  }
  handlers.set(path, handler);
  for (const part of parts) {
    const url = path === '/' && part !== '' ? part : path + part;
    if (routed.has(url)) continue;
    routed.add(url);
    RED.httpNode.get(url, middlewareOf(RED), (request: Request, response: Response, next: NextFunction) => {
      const current = handlers.get(path);
      if (current === undefined) next();
      else current(request, response, part);
    });
  }
  return () => {
    if (handlers.get(path) === handler) handlers.delete(path);
  };
}

/** A path as a user typed it, without a slash at its end. */
export const cleanPath = (typed = ''): string => typed.trim().replace(/(.)\/$/, '$1');

/** As the core node "http in": a user's own check comes first. */
function middlewareOf(RED: NodeAPI) {
  return (request: Request, response: Response, next: NextFunction) => {
    const own: unknown = (RED.settings as unknown as Record<string, unknown>)['httpNodeMiddleware'];
    if (typeof own === 'function') (own as (...given: unknown[]) => void)(request, response, next);
    else next();
  };
}
