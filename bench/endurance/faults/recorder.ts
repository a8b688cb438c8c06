/**
 * Preloaded into Node-RED: tells over the IPC channel what becomes of each frame, so that the books live outside. The
 * flow is not changed for it: Node-RED's own hooks tell of every message that a node sends, receives and has done with.
 */
import type { EventEmitter } from 'node:events';
import * as util from '@node-red/util';
import type { Entry } from './books';
import { CATCH, isCamera, isDetect } from './flow';

/** What a hook tells of a node; the object is one life of it. */
interface Place {
  id: string;
  node?: { on(event: 'close', callback: () => void): unknown } | undefined;
}

interface Recorded {
  topic?: string;
  payload?: unknown;
  frame?: { sequence: number; timestamp: number; dropped?: number };
  detection?: { dropped: number };
  error?: { code?: string; message: string; source: { id: string } };
}

const { hooks } = util;
// Its types lack the events.
const { events } = util as unknown as { events: EventEmitter };

const tell = (entry: Entry) => process.send?.(entry);

const lives = new WeakMap<object, number>();
let count = 0;

/** The number of a node's life: each deployment that starts it anew gives it another object. */
function lifeOf({ id, node }: Place): number {
  if (node === undefined) return 0;
  const known = lives.get(node);
  if (known !== undefined) return known;
  const life = ++count;
  lives.set(node, life);
  node.on('close', () => tell({ what: 'closing', node: id, life }));
  return life;
}

const nameOf = ({ topic = '', frame }: Recorded) =>
  frame && { name: `${topic} ${frame.sequence} ${frame.timestamp}`, camera: topic, takenAt: frame.timestamp };

// Asked of Node-RED as any message: the hooks' types leave the messages open.
hooks.add('onSend.faults', (sent: { source: Place; msg: Recorded }[]) => {
  for (const { source, msg } of sent) {
    const frame = nameOf(msg);
    if (source.id === CATCH) {
      const { code = 'none', source: from, message = '' } = msg.error ?? {};
      tell({ what: 'caught', node: from?.id ?? '', code, message, frame: frame?.name });
    } else if (frame !== undefined && isCamera(source.id)) {
      const { sequence = 0, dropped = 0 } = msg.frame ?? {};
      tell({ what: 'sent', node: source.id, life: lifeOf(source), frame: frame.name, sequence, dropped });
    } else if (frame !== undefined && isDetect(source.id)) {
      const faces = Array.isArray(msg.payload) ? msg.payload.length : 0;
      const { dropped = 0 } = msg.detection ?? {};
      const { camera, takenAt, name } = frame;
      tell({
        what: 'found',
        node: source.id,
        life: lifeOf(source),
        frame: name,
        camera,
        takenAt,
        faces,
        dropped,
      });
    }
  }
});

hooks.add('onReceive.faults', ({ destination, msg }: { destination: Place; msg: Recorded }) => {
  const frame = nameOf(msg);
  if (frame === undefined || !isDetect(destination.id)) return;
  tell({ what: 'arrived', node: destination.id, life: lifeOf(destination), frame: frame.name });
});

hooks.add(
  'onComplete.faults',
  ({ node, msg, error }: { node: Place; msg: Recorded; error?: { code?: string } }) => {
    const frame = nameOf(msg);
    if (frame === undefined || !isDetect(node.id)) return;
    const code = error === undefined ? {} : { code: error.code ?? 'none' };
    tell({ what: 'done', node: node.id, life: lifeOf(node), frame: frame.name, ...code });
  },
);

events.on('flows:stopping', () => tell({ what: 'stopping' }));
events.on('flows:started', () => tell({ what: 'started' }));
