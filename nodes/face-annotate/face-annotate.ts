import type { Node, NodeAPI, NodeDef } from 'node-red';
import { annotateImage, type AnnotationStyle, type HideConfig } from '../../src/drawing/annotate';
import { checkFaces } from '../../src/drawing/check-faces';
import { checkHideOptions, type HideOptions } from '../../src/drawing/hide';
import { PerCamera } from '../../src/tracking/per-camera';
import { checkTracks, Trails } from '../../src/tracking/trails';
import { checkZones } from '../../src/geometry/zones';
import { handleInput } from '../shared/handle-input';
import type { WhenBusy } from '../shared/inbox';
import type { DetectionMessage, FaceMessage } from '../shared/message';
import { allowedImage } from '../shared/message-limits';
import { readFields } from '../shared/options';
import { requireSize } from '../shared/picture-of';
import { StatusLine } from '../shared/status-line';

interface AnnotateNodeDef extends NodeDef {
  /** Message properties: the picture, its faces, and where the annotated picture goes. */
  image?: string;
  faces?: string;
  result?: string;
  format?: 'jpeg' | 'png';
  /** `no`, or how faces are hidden. */
  hide?: 'no' | NonNullable<HideOptions['how']>;
  trails?: boolean;
  zones?: boolean;
  legend?: boolean;
  whenBusy?: WhenBusy;
  queueLimit?: number | string;
}

const STYLE_FIELDS = {
  boxes: 'boolean',
  labels: 'boolean',
  points: 'boolean',
  color: 'string',
  lineWidth: 'number',
  quality: 'number',
} as const;

const HIDE_FIELDS = { hideShape: 'string', hideMargin: 'number', hideColor: 'string' } as const;

const QUEUE_LIMIT = 20;

export default function register(RED: NodeAPI): void {
  function FaceAnnotate(this: Node, config: AnnotateNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    /** By msg.topic. */
    const trails = new PerCamera(() => new Trails());
    handleInput<FaceMessage>(this, {
      status,
      failedText: RED._('face-annotate.status.failed'),
      whenBusy: config.whenBusy ?? 'latest',
      queueLimit: Number(config.queueLimit ?? QUEUE_LIMIT),
      onDropped: (total) => {
        status.show({
          fill: 'yellow',
          shape: 'dot',
          text: RED._('face-annotate.status.busy', { dropped: total }),
        });
      },
      work: async (message, dropped) => {
        const begin = performance.now();
        const faces = checkFaces(RED.util.getMessageProperty(message, config.faces || 'payload'));
        const given: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const image = await allowedImage(RED, given);
        const hide = hideConfig(message);
        const annotated = await annotateImage(image, faces, {
          ...readFields(config, STYLE_FIELDS),
          format: config.format ?? 'jpeg',
          ...(hide === undefined ? {} : { hide }),
          ...extras(message, faces.length),
        });
        message.faces = faces;
        message.annotated = { dropped };
        // The picture with the faces to be seen must not leave with the message.
        if (hide !== undefined)
          RED.util.setMessageProperty(message, config.image || 'image', annotated.image);
        RED.util.setMessageProperty(message, config.result || 'payload', annotated.image, true);
        const ms = Math.round(performance.now() - begin);
        status.show({
          fill: 'green',
          shape: 'dot',
          text: RED._(`face-annotate.status.${faces.length === 1 ? 'face' : 'faces'}`, {
            count: faces.length,
            ms,
          }),
        });
        return message;
      },
    });
    /** How faces are hidden; without the size of the picture that they were found on nothing is sent. */
    const hideConfig = (message: FaceMessage): HideConfig | undefined => {
      const { hide = 'no' } = config;
      if (hide === 'no') return undefined;
      const { hideShape, hideMargin, hideColor } = readFields(config, HIDE_FIELDS);
      const options = checkHideOptions({
        how: hide,
        shape: hideShape,
        margin: hideMargin === undefined ? undefined : hideMargin / 100,
        color: hideColor,
      });
      return { ...options, detection: requireSize(message) };
    };

    /** What other nodes know of the faces, where it is asked for. */
    const extras = (
      { tracks, zones, detection, topic = '' }: FaceMessage,
      count: number,
    ): AnnotationStyle => ({
      ...(config.trails === true && tracks !== undefined
        ? { trails: trails.of(topic).update(checkTracks(tracks)) }
        : {}),
      ...(config.zones === true && zones !== undefined ? { zones: checkZones(zones) } : {}),
      ...(config.legend === true ? { legend: legendOf(detection, count) } : {}),
    });

    const legendOf = (detection: FaceMessage['detection'], count: number) => {
      // Other nodes may send less of it than mtcnn-detect does.
      const one: Partial<DetectionMessage> = Array.isArray(detection) ? {} : (detection ?? {});
      const total: unknown = one.durationMs?.total;
      const engine: unknown = one.engine;
      return RED._(`face-annotate.legend.${count === 1 ? 'face' : 'faces'}`, {
        count,
        ms: typeof total === 'number' ? Math.round(total) : 0,
        engine: typeof engine === 'string' ? engine.slice(0, 20) : '',
      });
    };

    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-annotate', FaceAnnotate);
}
