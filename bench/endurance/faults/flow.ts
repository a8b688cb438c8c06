/** The flow that the faults happen to: four cameras, two detect nodes with one detector, a counter, a catch node. */

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export const CAMERAS = ['scene', 'mjpeg', 'rtsp', 'webcam'] as const;
export type CameraName = (typeof CAMERAS)[number];
export const DETECTS = ['detect-newest', 'detect-queue'] as const;
export const DETECTOR = 'detector';
export const CATCH = 'catch';

/** fswebcam draws a test card, on which nobody is to be seen. */
export const WITHOUT_FACES: readonly CameraName[] = ['webcam'];

export const isCamera = (id: string): boolean => (CAMERAS as readonly string[]).includes(id);
export const isDetect = (id: string): boolean => (DETECTS as readonly string[]).includes(id);

/** Detector processes: with two, one of them goes on while the other suffers. */
export const PROCESSES = 2;

/** Seconds for one image: a search takes 0.1 s, so that 2 s are twenty times as long, and a hang ends soon. */
export const DEADLINE_S = 2;

/** Seconds of silence after which a camera counts as stalled: ffmpeg takes 2 to 3 s to the first picture. */
export const STALL_S = 5;

/** Seconds until a camera is started anew: the first, and the longest delay. */
export const RESTART_S = { first: 0.5, longest: 1 } as const;

/** The camera shortens or lengthens a delay by up to a fifth. */
export const LONGEST_RESTART_S = RESTART_S.longest * 1.2;

export interface Addresses {
  rtsp: string;
  mjpeg: string;
}

export function makeFlow({ rtsp, mjpeg }: Addresses): FlowNode[] {
  const node = (id: string, type: string, config: object): FlowNode => ({
    id,
    type,
    z: 'tab',
    x: 1,
    y: 1,
    ...config,
  });
  const camera = (name: CameraName, to: (typeof DETECTS)[number], config: object) =>
    node(name, 'camera-input', {
      name,
      start: 'deploy',
      stallAfter: STALL_S,
      restartDelay: RESTART_S.first,
      maxRestartDelay: RESTART_S.longest,
      wires: [[to]],
      ...config,
    });
  const detect = (id: (typeof DETECTS)[number], config: object) =>
    node(id, 'mtcnn-detect', { detector: DETECTOR, minFaceSize: 60, wires: [['count']], ...config });
  return [
    { id: 'tab', type: 'tab', label: 'Faults' },
    { id: DETECTOR, type: 'mtcnn-detector', engine: 'wasm', processes: PROCESSES, deadline: DEADLINE_S },
    camera('scene', 'detect-newest', { source: 'scene', framesPerSecond: 4 }),
    camera('mjpeg', 'detect-newest', { source: 'http', address: mjpeg, framesPerSecond: 4 }),
    camera('rtsp', 'detect-queue', { source: 'rtsp', address: rtsp, resize: true, framesPerSecond: 3 }),
    camera('webcam', 'detect-queue', {
      source: 'snapshot',
      device: 'TEST:',
      framesPerSecond: 2,
      skipFrames: 0,
    }),
    detect('detect-newest', { whenBusy: 'latest' }),
    detect('detect-queue', { whenBusy: 'queue', queueLimit: 4 }),
    node('count', 'function', { func: "flow.set('count', (flow.get('count') || 0) + 1);", wires: [[]] }),
    node(CATCH, 'catch', { scope: null, wires: [['caught']] }),
    node('caught', 'function', { func: "flow.set('caught', (flow.get('caught') || 0) + 1);", wires: [[]] }),
  ];
}

export function without(flow: readonly FlowNode[], ids: readonly string[]): FlowNode[] {
  return flow.filter(({ id }) => !ids.includes(id));
}

/** The same flow, in which these nodes are others than before: Node-RED starts them anew. */
export function changed(flow: readonly FlowNode[], ids: readonly string[], revision: number): FlowNode[] {
  return flow.map((node) => (ids.includes(node.id) ? { ...node, revision } : node));
}

/** How many programs of each kind a running flow has below Node-RED: the least and the most. */
export function programsOf(
  flow: readonly FlowNode[],
): Record<'detector' | 'ffmpeg' | 'fswebcam', [number, number]> {
  const has = (id: string) => flow.some((node) => node.id === id);
  const detectors = DETECTS.some(has) ? PROCESSES : 0;
  const ffmpeg = has('rtsp') ? 1 : 0;
  return {
    detector: [detectors, detectors],
    ffmpeg: [ffmpeg, ffmpeg],
    // One a picture, and none between two of them.
    fswebcam: [0, has('webcam') ? 1 : 0],
  };
}
