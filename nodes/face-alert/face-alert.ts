import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { Face } from '../../src';
import { checkFaces } from '../../src/drawing/check-faces';
import { PerCamera } from '../../src/tracking/per-camera';
import {
  Presence,
  type PresenceEvent,
  type PresenceOptions,
  type PresenceState,
} from '../../src/tracking/presence';
import { handleInOrder, type OrderFields } from '../shared/handle-in-order';
import { readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';

interface AlertNodeDef extends NodeDef, OrderFields {
  /** Message properties of the faces and of their picture. */
  faces?: string;
  image?: string;
  /** What makes a picture the best: sure faces, or large ones. */
  bestBy?: 'confidence' | 'size';
}

const FIELDS = {
  atLeast: 'number',
  presentSeconds: 'number',
  gapSeconds: 'number',
  absentSeconds: 'number',
  reminderSeconds: 'number',
  coolDownSeconds: 'number',
} as const;

/** Time in ms between two looks at the clock: a camera that sends nothing shows nobody. */
const TICK_MS = 250;

interface Picture {
  image: unknown;
  faces: Face[];
}

interface WatchedCamera {
  presence: Presence<Picture>;
  /** The state that was sent last, as JSON. */
  told: string;
}

export default function register(RED: NodeAPI): void {
  function FaceAlert(this: Node, config: AlertNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const makePresence = () => {
      const { atLeast, ...seconds } = readFields(config, FIELDS);
      const options: Partial<PresenceOptions> = atLeast === undefined ? {} : { atLeast };
      for (const [name, value] of Object.entries(seconds)) {
        // presentSeconds of the dialog is presentMs of the library, and so on.
        options[name.replace('Seconds', 'Ms') as keyof PresenceOptions] = value * 1000;
      }
      return new Presence<Picture>(options);
    };

    let heard: PresenceState = { present: false, count: 0 };
    let lost = 0;
    const cameras = new PerCamera<WatchedCamera>(() => ({ presence: makePresence(), told: '' }));

    handleInOrder(this, {
      fields: config,
      onLost: (total) => {
        lost = total;
        showState();
      },
      status,
      failedText: RED._('face-alert.status.failed'),
      work: (message, send) => {
        const faces = checkFaces(RED.util.getMessageProperty(message, config.faces || 'payload'));
        const image: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const { topic = '' } = message;
        const camera = cameras.of(topic);
        const events = camera.presence.update({
          count: faces.length,
          timestamp: Date.now(),
          ...(image === undefined ? {} : { picture: { image, faces }, score: score(faces) }),
        });
        tell(topic, camera, events, send);
      },
    });

    const clock = setInterval(() => {
      for (const [topic, camera] of cameras.entries()) {
        tell(topic, camera, camera.presence.tick(Date.now()), (out) => this.send(out));
      }
    }, TICK_MS);

    this.on('close', () => {
      clearInterval(clock);
      status.close();
    });

    const score = (faces: readonly Face[]) =>
      Math.max(
        0,
        ...faces.map(({ confidence, box }) => (config.bestBy === 'size' ? box[2] * box[3] : confidence)),
      );

    /** Events on the first output, the state on the second whenever it has changed. */
    const tell = (
      topic: string,
      camera: WatchedCamera,
      events: PresenceEvent<Picture>[],
      send: (out: (NodeMessage | null)[]) => void,
    ) => {
      for (const event of events) send([toEventMessage(topic, event), null]);
      const { state } = camera.presence;
      const text = JSON.stringify(state);
      if (text === camera.told) return;
      camera.told = text;
      heard = state;
      showState();
      send([null, { topic, payload: state }]);
    };

    const showState = () => {
      const { present, count } = heard;
      const key = present ? 'present' : 'absent';
      const keyLost = present ? 'presentLost' : 'absentLost';
      status.show({
        fill: present ? 'green' : 'grey',
        shape: present ? 'dot' : 'ring',
        text: RED._(`face-alert.status.${lost > 0 ? keyLost : key}`, { count, lost }),
      });
    };
    showState();
  }
  RED.nodes.registerType('face-alert', FaceAlert);
}

function toEventMessage(topic: string, { picture, ...event }: PresenceEvent<Picture>): NodeMessage {
  const message: NodeMessage & { payload: object; image?: unknown; faces?: Face[] } = {
    topic,
    payload: event,
  };
  if (picture !== undefined) {
    message.image = picture.image;
    message.faces = picture.faces;
  }
  return message;
}
