import type { Node, NodeAPI, NodeDef } from 'node-red';
import { checkFaces } from '../../src/drawing/check-faces';
import { TrackerSet } from '../../src/tracking/tracker-set';
import { handleInOrder, type OrderFields } from '../shared/handle-in-order';
import { readFields } from '../shared/options';
import { requireSize } from '../shared/picture-of';
import { StatusLine } from '../shared/status-line';

interface TrackNodeDef extends NodeDef, OrderFields {
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
    let present = 0;
    let lost = 0;

    const makeTrackers = () => {
      const { hiddenSeconds, ...options } = readFields(config, FIELDS);
      return new TrackerSet({
        ...options,
        ...(hiddenSeconds === undefined ? {} : { hiddenMs: hiddenSeconds * 1000 }),
      });
    };

    const showTracks = () => {
      const key = lost > 0 ? 'presentLost' : 'present';
      status.show({
        fill: present > 0 ? 'green' : 'grey',
        shape: 'dot',
        text: RED._(`face-track.status.${key}`, { count: present, entered, lost }),
      });
    };

    handleInOrder(this, {
      fields: config,
      onLost: (total) => {
        lost = total;
        showTracks();
      },
      status,
      failedText: RED._('face-track.status.failed'),
      work: (message, send) => {
        trackers ??= makeTrackers();
        const { topic = '', frame } = message;
        if (message.reset === true) {
          trackers.reset(topic === '' ? undefined : topic);
          return;
        }
        const faces = checkFaces(RED.util.getMessageProperty(message, property));
        const timestamp = frame?.timestamp ?? Date.now();
        const tracked = trackers.of(topic).update(faces, { timestamp, ...requireSize(message) });
        entered += tracked.tracks.entered.length;
        RED.util.setMessageProperty(message, property, tracked.faces, true);
        message.tracks = tracked.tracks;
        present = tracked.tracks.present.length;
        showTracks();
        send(message);
      },
    });
    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-track', FaceTrack);
}
