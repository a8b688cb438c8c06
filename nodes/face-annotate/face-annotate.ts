import type { Node, NodeAPI, NodeDef } from 'node-red';
import { annotateImage, checkFaces } from '../../src/drawing/annotate';
import { handleInput } from '../shared/handle-input';
import type { WhenBusy } from '../shared/inbox';
import type { FaceMessage } from '../shared/message';
import { readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';

interface AnnotateNodeDef extends NodeDef {
  /** Message properties: the picture, its faces, and where the annotated picture goes. */
  image?: string;
  faces?: string;
  result?: string;
  format?: 'jpeg' | 'png';
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

const QUEUE_LIMIT = 20;

export default function register(RED: NodeAPI): void {
  function FaceAnnotate(this: Node, config: AnnotateNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
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
      work: async (message) => {
        const begin = performance.now();
        const faces = checkFaces(RED.util.getMessageProperty(message, config.faces || 'payload'));
        const image: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const style = { ...readFields(config, STYLE_FIELDS), format: config.format ?? 'jpeg' };
        const annotated = await annotateImage(image, faces, style);
        message.faces = faces;
        RED.util.setMessageProperty(message, config.result || 'payload', annotated.image, true);
        const ms = Math.round(performance.now() - begin);
        status.show({
          fill: 'green',
          shape: 'dot',
          text: RED._('face-annotate.status.done', { count: faces.length, ms }),
        });
        return message;
      },
    });
    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-annotate', FaceAnnotate);
}
