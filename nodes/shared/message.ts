import type { NodeMessage } from 'node-red';
import type { Detection, Face } from '../../src';
import type { CameraFrame, Frame } from '../../src/camera';
import type { Annotation } from '../../src/drawing/annotations';
import type { Zone } from '../../src/geometry/zones';
import type { TrackedFrame } from '../../src/tracking/face-tracker';
import type { OrderCounts } from '../../src/tracking/frame-order';

/** `msg.frame` of a camera: everything of a frame but its picture. */
export type FrameMessage = Omit<Frame, 'image'> & Partial<Pick<CameraFrame, 'run' | 'dropped' | 'unchanged'>>;

/** `msg.detection`: everything of a detection but its faces, and the messages dropped before this one. */
export type DetectionMessage = Omit<Detection, 'faces'> & { dropped: number };

/** The properties that our nodes read and write; every other property of a message is passed on. */
export interface FaceMessage extends NodeMessage {
  frame?: FrameMessage;
  image?: unknown;
  faces?: Face[];
  detection?: DetectionMessage | DetectionMessage[];
  annotations?: Annotation[] | Annotation[][];
  options?: unknown;
  /** Of face-annotate: messages dropped before this one. */
  annotated?: { dropped: number };
  /** Of face-track. */
  tracks?: TrackedFrame['tracks'];
  /** Of face-track, where it waits for frames that are out of order. */
  order?: OrderCounts;
  /** What a message takes along over MQTT 5, as text. */
  userProperties?: Record<string, string>;
  /** Of face-filter: where faces counted. */
  zones?: Zone[];
  /** True: face-track forgets its faces. */
  reset?: unknown;
}
