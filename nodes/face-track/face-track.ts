import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import { checkFaces } from '../../src/drawing/check-faces';
import { toFaceError } from '../../src/errors';
import { TrackerSet } from '../../src/tracking/tracker-set';
import type { FaceMessage } from '../shared/message';
import { readFields } from '../shared/options';
import { requireSize } from '../shared/picture-of';
import { StatusLine } from '../shared/status-line';

interface TrackNodeDef extends NodeDef {
  /** Message property of the faces. */
  faces?: string;
}

const FIELDS = {
  hiddenSeconds: 'number',
  confirmFrames: 'number',
  maxDistance: 'number',
  smoothing: 'number',
} as const;

export default function register(RED: NodeAPI): void {
  function FaceTrack(this: Node, config: TrackNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const property = config.faces || 'payload';
    let trackers: TrackerSet | undefined;
    let entered = 0;

    const makeTrackers = () => {
      const { hiddenSeconds, ...options } = readFields(config, FIELDS);
      return new TrackerSet({
        ...options,
        ...(hiddenSeconds === undefined ? {} : { hiddenMs: hiddenSeconds * 1000 }),
      });
    };

    this.on('input', (message: NodeMessageInFlow, send, done) => {
      try {
        trackers ??= makeTrackers();
        const faceMessage: FaceMessage = message;
        const camera = message.topic ?? '';
        if ((message as { reset?: unknown }).reset === true) {
          trackers.reset(camera === '' ? undefined : camera);
          done();
          return;
        }
        const faces = checkFaces(RED.util.getMessageProperty(message, property));
        const timestamp = faceMessage.frame?.timestamp ?? Date.now();
        const tracked = trackers.of(camera).update(faces, { timestamp, ...requireSize(faceMessage) });
        entered += tracked.tracks.entered.length;
        RED.util.setMessageProperty(message, property, tracked.faces, true);
        faceMessage.tracks = tracked.tracks;
        status.show({
          fill: tracked.tracks.present.length > 0 ? 'green' : 'grey',
          shape: 'dot',
          text: RED._('face-track.status.present', { count: tracked.tracks.present.length, entered }),
        });
        send(message);
        done();
      } catch (error) {
        status.show({ fill: 'red', shape: 'ring', text: RED._('face-track.status.failed') });
        done(toFaceError(error));
      }
    });
    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-track', FaceTrack);
}
