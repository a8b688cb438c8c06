/** What counts as an answer to a bad input: a result of the right shape, or a typed error, once and in time. */
import { checkFaces } from '../../../src/drawing/check-faces';
import { ERROR_CODES } from '../../../src/errors';
import { isJpeg } from '../../../src/image/decode';
import type { Message, Target } from './generators';

/** Everything that came back for one input. */
export interface Answer {
  /** Messages that the node sent, without those of which they are copies. */
  results: Message[];
  /** `msg.error.code` of what reached the Catch node; undefined for an error without one. */
  errors: (string | undefined)[];
  /** How often the node has called `done()` without an error. */
  completed: number;
  ms: number;
}

/** Fewest and most messages that a node sends for one that it has worked on. */
const RESULTS: Record<Target, readonly [fewest: number, most: number]> = {
  detect: [1, 1],
  video: [1, 1],
  annotate: [1, 1],
  hide: [1, 1],
  crop: [0, Infinity],
  filter: [1, 2],
  // Told to forget, it has nothing to send.
  track: [0, 1],
  // Its messages are events of their own.
  alert: [0, 0],
  view: [0, 0],
  camera: [0, 1],
};

const TYPED: ReadonlySet<string | undefined> = new Set(ERROR_CODES.filter((code) => code !== 'internal'));

/** What is wrong with an answer; nothing for a good one. */
export function judge(target: Target, answer: Answer, deadlineMs: number): string[] {
  const { results, errors, completed, ms } = answer;
  const faults = errors
    .filter((code) => !TYPED.has(code))
    .map((code) => `an error with the code ${code ?? 'undefined'}`);
  const answers = completed + errors.length;
  if (answers === 0) faults.push('no answer');
  // face-view takes a message at once, and tells later what it could not draw.
  const most = target === 'view' && completed === 1 ? 2 : 1;
  if (answers > most) faults.push(`${completed} times done and ${errors.length} errors`);
  if (errors.length > 0 && results.length > 0) faults.push('a result and an error');
  if (ms > deadlineMs) faults.push(`an answer after ${Math.round(ms)} ms`);
  const [fewest, mostResults] = RESULTS[target];
  if (errors.length === 0 && answers > 0 && (results.length < fewest || results.length > mostResults)) {
    faults.push(`${results.length} results`);
  }
  for (const result of results) {
    const problem = problemOf(target, result);
    if (problem !== undefined) faults.push(problem);
  }
  return faults;
}

function problemOf(target: Target, message: Message): string | undefined {
  switch (target) {
    case 'detect':
    case 'video':
      return detectionProblem(message);
    case 'annotate':
    case 'hide':
      return isJpegFile(message['payload']) ? undefined : 'a picture that is no JPEG';
    case 'crop': {
      const { payload, crop, face } = message;
      if (!isFaces([face])) return 'a crop without its face';
      if (!isSizes([crop])) return 'a crop without its size';
      return isPicture(payload) ? undefined : 'a crop that is no picture';
    }
    case 'filter':
    case 'track':
      return isFaces(message['payload']) ? undefined : 'a payload that is no list of faces';
    case 'camera':
      return isPicture(message['payload']) ? undefined : 'a payload that is no picture';
    default:
      return 'a message where none is sent';
  }
}

/** One picture's faces and detection, or as many of each as there were pictures. */
function detectionProblem({ payload, detection, image }: Message): string | undefined {
  const several = Array.isArray(image);
  const [lists, details] = several ? [payload, detection] : [[payload], [detection]];
  if (!Array.isArray(lists) || !lists.every(isFaces)) return 'a payload that is no list of faces';
  if (!Array.isArray(details) || details.length !== lists.length) return 'not one detection for each picture';
  return isSizes(details) ? undefined : 'a detection without a size';
}

function isFaces(value: unknown): boolean {
  try {
    return checkFaces(value).every(({ confidence }) => Number.isFinite(confidence));
  } catch {
    return false;
  }
}

function isSizes(values: readonly unknown[]): boolean {
  return values.every((value) => {
    const { width, height } = (value ?? {}) as { width?: unknown; height?: unknown };
    return [width, height].every((side) => Number.isFinite(side) && (side as number) > 0);
  });
}

const isJpegFile = (value: unknown) => Buffer.isBuffer(value) && isJpeg(value);

function isPicture(value: unknown): boolean {
  if (isJpegFile(value) || (Buffer.isBuffer(value) && value[1] === 0x50)) return true;
  const { data, width, height } = (value ?? {}) as { data?: unknown; width?: unknown; height?: unknown };
  return data instanceof Uint8Array && data.length === Number(width) * Number(height) * 3;
}
