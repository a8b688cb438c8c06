import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import type { Face } from '../../src';
import { checkFaces } from '../../src/drawing/check-faces';
import { toFaceError } from '../../src/errors';
import {
  Presence,
  type PresenceEvent,
  type PresenceOptions,
  type PresenceState,
} from '../../src/tracking/presence';
import type { FaceMessage } from '../shared/message';
import { readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';

interface AlertNodeDef extends NodeDef {
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

/** Cameras that are watched at the same time: names from messages must not fill the memory. */
const MOST_CAMERAS = 1_000;

interface Picture {
  image: unknown;
  faces: Face[];
}

export default function register(RED: NodeAPI): void {
  function FaceAlert(this: Node, config: AlertNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    /** By msg.topic. */
    const cameras = new Map<string, { presence: Presence<Picture>; told: string }>();

    const makePresence = () => {
      const { atLeast, ...seconds } = readFields(config, FIELDS);
      const options: Partial<PresenceOptions> = atLeast === undefined ? {} : { atLeast };
      for (const [name, value] of Object.entries(seconds)) {
        // presentSeconds of the dialog is presentMs of the library, and so on.
        options[name.replace('Seconds', 'Ms') as keyof PresenceOptions] = value * 1000;
      }
      return new Presence<Picture>(options);
    };

    const cameraOf = (topic: string) => {
      const camera = cameras.get(topic) ?? { presence: makePresence(), told: '' };
      cameras.delete(topic);
      cameras.set(topic, camera);
      for (const name of cameras.keys()) {
        if (cameras.size <= MOST_CAMERAS) break;
        cameras.delete(name);
      }
      return camera;
    };

    this.on('input', (message: NodeMessageInFlow, send, done) => {
      try {
        const faceMessage: FaceMessage = message;
        const faces = checkFaces(RED.util.getMessageProperty(message, config.faces || 'payload'));
        const image: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const topic = faceMessage.topic ?? '';
        const camera = cameraOf(topic);
        const events = camera.presence.update({
          count: faces.length,
          timestamp: Date.now(),
          ...(image === undefined ? {} : { picture: { image, faces }, score: score(faces) }),
        });
        tell(topic, events, (out) => send(out));
        done();
      } catch (error) {
        status.show({ fill: 'red', shape: 'ring', text: RED._('face-alert.status.failed') });
        done(toFaceError(error));
      }
    });

    const clock = setInterval(() => {
      for (const [topic, { presence }] of cameras) {
        tell(topic, presence.tick(Date.now()), (out) => this.send(out));
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
      events: PresenceEvent<Picture>[],
      send: (out: (NodeMessage | null)[]) => void,
    ) => {
      const camera = cameras.get(topic);
      if (camera === undefined) return;
      for (const event of events) send([toEventMessage(topic, event), null]);
      const { state } = camera.presence;
      const text = JSON.stringify(state);
      if (text === camera.told) return;
      camera.told = text;
      showState(state);
      send([null, { topic, payload: state }]);
    };

    const showState = ({ present, count }: PresenceState) => {
      status.show({
        fill: present ? 'green' : 'grey',
        shape: present ? 'dot' : 'ring',
        text: RED._(`face-alert.status.${present ? 'present' : 'absent'}`, { count }),
      });
    };
    status.show({ fill: 'grey', shape: 'ring', text: RED._('face-alert.status.absent', { count: 0 }) });
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
