import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { checkFaces } from '../../src/drawing/check-faces';
import { checkCropOptions, cropFaces } from '../../src/drawing/crop';
import { handleInput } from '../shared/handle-input';
import type { FaceMessage } from '../shared/message';
import { allowedImage } from '../shared/message-limits';
import { overrideOptions, readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';

interface CropNodeDef extends NodeDef {
  /** Message properties of the faces and of their picture. */
  faces?: string;
  image?: string;
}

const FIELDS = {
  mode: 'string',
  margin: 'number',
  square: 'boolean',
  size: 'number',
  padding: 'string',
  format: 'string',
  quality: 'number',
  largestOnly: 'boolean',
} as const;

const QUEUE_LIMIT = 100;

export default function register(RED: NodeAPI): void {
  function FaceCrop(this: Node, config: CropNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    handleInput<FaceMessage>(this, {
      status,
      failedText: RED._('face-crop.status.failed'),
      whenBusy: 'queue',
      queueLimit: QUEUE_LIMIT,
      work: async (message) => {
        const faces = checkFaces(RED.util.getMessageProperty(message, config.faces || 'payload'));
        const given: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const image = await allowedImage(RED, given);
        const fromDialog = readFields(config, FIELDS);
        const options = checkCropOptions(overrideOptions('face-crop', fromDialog, message.options));
        const crops = await cropFaces(image, faces, options);
        status.show({
          fill: crops.length > 0 ? 'green' : 'grey',
          shape: 'dot',
          text: RED._(`face-crop.status.${crops.length === 1 ? 'crop' : 'crops'}`, { count: crops.length }),
        });
        const id = RED.util.generateId();
        // Without the picture and the other faces: each crop stands for itself.
        const rest = { ...message };
        delete rest.image;
        delete rest.faces;
        delete rest.annotations;
        const parts = crops.map(({ image: payload, width, height, box, face }, index): NodeMessage => ({
          ...rest,
          payload,
          face,
          crop: { width, height, box },
          parts: { id, index, count: crops.length, type: 'array' },
        }));
        return [parts];
      },
    });
    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-crop', FaceCrop);
}
