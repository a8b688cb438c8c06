import type { DetectionMessage, FaceMessage, FrameMessage } from './message';

/** Longest text that is read: what we write has less than a thousand characters, and a broker lets 64 KB pass. */
const MOST_CHARACTERS = 10_000;

/**
 * Puts what a message tells of its picture among its user properties, beside those that are there. They are texts that
 * travel over MQTT 5: `mqtt out` sends `msg.userProperties`, and `mqtt in` gives them.
 */
export function writeUserProperties(message: FaceMessage): void {
  const frame = toText(message.frame);
  const detection = toText(message.detection);
  message.userProperties = {
    ...userPropertiesOf(message),
    ...(frame === undefined ? {} : { frame }),
    ...(detection === undefined ? {} : { detection }),
  };
}

/** JSON of an object; nothing of what is none, or holds what JSON does not know, such as a BigInt of a function node. */
function toText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Gives a message that came over MQTT its `frame` and `detection` back; what is no such text is left as it is. */
export function readUserProperties(message: FaceMessage): void {
  const userProperties = userPropertiesOf(message);
  const size = ['width', 'height'];
  const frame = readObject(userProperties['frame'], ['sequence', 'timestamp', ...size]);
  const detection = readObject(userProperties['detection'], size);
  // What a node reads of the rest is checked where it is used.
  if (message.frame === undefined && frame !== undefined) message.frame = frame as FrameMessage;
  if (message.detection === undefined && detection !== undefined) {
    message.detection = detection as DetectionMessage;
  }
}

/** Any node may have set them, to anything. */
function userPropertiesOf({ userProperties }: FaceMessage): Record<string, string> {
  return typeof userProperties === 'object' ? { ...userProperties } : {};
}

/** The object in a text of JSON, if it is one that has these numbers. */
function readObject(text: unknown, numbers: readonly string[]): object | undefined {
  if (typeof text !== 'string' || text.length > MOST_CHARACTERS) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // a text of somebody else by the same name
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  return numbers.every((name) => Number.isFinite(fields[name])) ? value : undefined;
}
