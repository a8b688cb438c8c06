import type { BlockList } from 'node:net';
import type { NodeAPI } from 'node-red';
import { allowedPath } from '../../src/allowed-path';
import { blockList, BLOCKED_NETWORKS } from '../../src/camera';
import { describeValue, FaceError } from '../../src/errors';
import { isPath } from '../../src/image/read-image';

/** What messages may not name, as Node-RED's settings file has it: `mtcnn: { … }`. */
interface MessageLimits {
  /** Addresses and networks that no message may point to, beside {@link BLOCKED_NETWORKS}. */
  blockedAddresses?: unknown;
  /** The folder that paths of messages must lie in. */
  allowedFolder?: unknown;
}

function limitsOf(RED: NodeAPI): MessageLimits {
  // Node-RED's types know its own settings only.
  const limits = (RED.settings as unknown as Record<string, unknown>)['mtcnn'] ?? {};
  if (typeof limits === 'object') return limits;
  throw invalid('mtcnn: { … }', limits);
}

/**
 * Where a source that a message names may not be.
 * @throws FaceError `option-invalid` for a setting that is none: nothing is let through by a slip
 */
export function blockedAddresses(RED: NodeAPI): BlockList {
  const { blockedAddresses: more = [] } = limitsOf(RED);
  if (!Array.isArray(more)) throw invalid('blockedAddresses to be an array', more);
  return blockList([...BLOCKED_NETWORKS, ...(more as unknown[])]);
}

/**
 * Where the files that a message names must be; undefined: anywhere.
 * @throws FaceError `option-invalid`
 */
export function allowedFolder(RED: NodeAPI): string | undefined {
  const { allowedFolder: folder = '' } = limitsOf(RED);
  if (typeof folder !== 'string') throw invalid('allowedFolder to be the path of a folder', folder);
  return folder === '' ? undefined : folder;
}

/**
 * The picture of a message as it may be read: where it is a path, the real one of a file in the allowed folder.
 * @throws FaceError `path-not-allowed`, `option-invalid`
 */
export async function allowedImage(RED: NodeAPI, image: unknown): Promise<unknown> {
  const folder = allowedFolder(RED);
  if (folder === undefined || typeof image !== 'string' || !isPath(image)) return image;
  return await allowedPath(image, folder);
}

function invalid(expected: string, got: unknown): FaceError {
  return new FaceError({
    code: 'option-invalid',
    expected,
    got: describeValue(got),
    hint: 'Correct it in Node-RED’s settings file.',
  });
}
