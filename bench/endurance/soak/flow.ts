/** The soak's flow: four cameras into shared detectors, tracked, drawn, shown, and every message of theirs counted. */
import type { EngineName } from '../../../src/detection';

export const CAMERAS = ['scene', 'rtsp', 'mjpeg', 'folder'] as const;
export type CameraName = (typeof CAMERAS)[number];

/** Messages of one camera. */
export interface CameraCounts {
  /** Pictures that the camera has numbered, sent or not: its last `msg.frame.sequence`, plus 1. */
  numbered: number;
  /** Messages that it sent, and the sum of their `msg.frame.dropped`. */
  sent: number;
  lost: number;
  /** Messages that left the detect node, and the sum of their `msg.detection.dropped`. */
  detected: number;
  detectDropped: number;
  /** Faces in them. */
  faces: number;
  /** Messages that left the annotate node, and those that it told Node-RED to be done with, dropped ones among them. */
  annotated: number;
  annotateDone: number;
  /** Messages that the view node was done with. */
  shown: number;
  /** Messages with which the detect node failed. */
  failed: number;
}

/** What the flow has counted. */
export interface Counts {
  cameras: Record<CameraName, CameraCounts>;
  /** The first errors that the Catch node saw. */
  errors: string[];
}

const NOTHING: CameraCounts = {
  ...{ numbered: 0, sent: 0, lost: 0, detected: 0, detectDropped: 0, faces: 0 },
  ...{ annotated: 0, annotateDone: 0, shown: 0, failed: 0 },
};

const NO_COUNTS: Counts = {
  cameras: { scene: NOTHING, rtsp: NOTHING, mjpeg: NOTHING, folder: NOTHING },
  errors: [],
};

/** Errors that are kept: the first ones tell most. */
const ERRORS_KEPT = 20;

/** The path of a camera's view. */
export const viewPath = (camera: CameraName): string => `/view/${camera}`;

/** What a function node does with the counts; a message's topic is its camera's name. */
const counting = (statements: string) => `
  const counts = flow.get('counts') ?? ${JSON.stringify(NO_COUNTS)};
  const camera = counts.cameras[msg.topic] ?? {};
  ${statements}
  flow.set('counts', counts);
  return msg;`;

export interface FlowConfig {
  engine: EngineName;
  /** Detector processes. */
  processes: number;
  /** What tells the sources apart, beside their name. */
  sources: Record<CameraName, object>;
}

/** All nodes. `GET /counts` answers {@link Counts}; `GET /stop` stops the cameras. */
export function buildFlow({ engine, processes, sources }: FlowConfig): object[] {
  const node = (id: string, type: string, config: object) => ({ id, type, z: 'tab', x: 1, y: 1, ...config });
  const count = (id: string, statements: string, next: string[]) =>
    node(id, 'function', { func: counting(statements), wires: [next] });

  const chain = (name: CameraName) => {
    const id = (step: string) => `${name}-${step}`;
    return [
      node(id('camera'), 'camera-input', { name, start: 'deploy', ...sources[name], wires: [[id('sent')]] }),
      count(
        id('sent'),
        'camera.sent++; camera.lost += msg.frame.dropped; camera.numbered = msg.frame.sequence + 1;',
        [id('detect')],
      ),
      node(id('detect'), 'mtcnn-detect', { detector: 'detector', wires: [[id('detected')]] }),
      count(
        id('detected'),
        'camera.detected++; camera.detectDropped += msg.detection.dropped; camera.faces += msg.payload.length;',
        [id('track')],
      ),
      node(id('track'), 'face-track', { wires: [[id('annotate')]] }),
      node(id('annotate'), 'face-annotate', {
        ...{ boxes: true, labels: true, trails: true, legend: true },
        wires: [[id('annotated')]],
      }),
      count(id('annotated'), 'camera.annotated++;', [id('view')]),
      node(id('view'), 'face-view', { path: viewPath(name), wires: [] }),
    ];
  };
  const all = (step: string) => CAMERAS.map((name) => `${name}-${step}`);

  return [
    { id: 'tab', type: 'tab', label: 'Soak' },
    { id: 'detector', type: 'mtcnn-detector', engine, processes },
    ...CAMERAS.flatMap(chain),
    // A node is done with a message whether it passes it on or drops it: what is missing here is lost.
    node('annotate-done', 'complete', { scope: all('annotate'), wires: [['annotate-count']] }),
    count('annotate-count', 'camera.annotateDone++;', []),
    node('view-done', 'complete', { scope: all('view'), wires: [['view-count']] }),
    count('view-count', 'camera.shown++;', []),
    node('catch', 'catch', { scope: null, wires: [['catch-count']] }),
    count(
      'catch-count',
      `const { id, type } = msg.error.source;
       if (type === 'mtcnn-detect') camera.failed++;
       if (counts.errors.length < ${ERRORS_KEPT}) counts.errors.push(id + ' at ' + new Date().toISOString() + ': ' + msg.error.message);`,
      [],
    ),
    node('counts-in', 'http in', { url: '/counts', method: 'get', wires: [['counts-read']] }),
    node('counts-read', 'function', {
      func: `msg.payload = flow.get('counts') ?? ${JSON.stringify(NO_COUNTS)}; return msg;`,
      wires: [['answer']],
    }),
    node('stop-in', 'http in', { url: '/stop', method: 'get', wires: [['stop', 'answer']] }),
    node('stop', 'change', {
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'stop', tot: 'str' }],
      wires: [all('camera')],
    }),
    node('answer', 'http response', { headers: { 'content-type': 'application/json' }, wires: [] }),
  ];
}
