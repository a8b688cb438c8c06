import type { BlockList } from 'node:net';
import type { NodeAPI } from 'node-red';
import { blockList, BLOCKED_NETWORKS } from '../../src/camera';
import { describeValue, FaceError } from '../../src/errors';

/** What messages may not name, as Node-RED's settings file has it: `mtcnn: { … }`. */
interface MessageLimits {
  /** Addresses and networks that no message may point to, beside {@link BLOCKED_NETWORKS}. */
  blockedAddresses?: unknown;
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

function invalid(expected: string, got: unknown): FaceError {
  return new FaceError({
    code: 'option-invalid',
    expected,
    got: describeValue(got),
    hint: 'Correct it in Node-RED’s settings file.',
  });
}
