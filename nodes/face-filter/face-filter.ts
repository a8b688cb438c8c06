import type { NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { checkFaces } from '../../src/drawing/check-faces';
import { FaceError } from '../../src/errors';
import { checkFilterOptions, filterFaces, type FilterOptions } from '../../src/filter/filter-faces';
import { decodeImage } from '../../src/image/decode';
import { handleInput } from '../shared/handle-input';
import type { FaceMessage } from '../shared/message';
import { allowedImage } from '../shared/message-limits';
import { addPictureRoute, type PictureNode } from '../shared/newest-picture';
import { overrideOptions, readFields } from '../shared/options';
import { sizeOf } from '../shared/picture-of';
import { StatusLine } from '../shared/status-line';

interface FilterNodeDef extends NodeDef {
  /** Message properties of the faces and of their picture. */
  faces?: string;
  image?: string;
  /** JSON of zones. */
  zones?: string;
}

const FIELDS = {
  minConfidence: 'number',
  minSize: 'number',
  maxSize: 'number',
  minSharpness: 'number',
  maxRoll: 'number',
  maxYaw: 'number',
  maxPitch: 'number',
  sizeUnit: 'string',
  keep: 'string',
  keepCount: 'number',
} as const;

const QUEUE_LIMIT = 100;

export default function register(RED: NodeAPI): void {
  addPictureRoute(RED);

  function FaceFilter(this: PictureNode, config: FilterNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const facesIn = config.faces || 'payload';

    const readOptions = (message: FaceMessage): FilterOptions => {
      const fromDialog = { ...readFields(config, FIELDS), zones: readZones(config.zones) };
      return checkFilterOptions(overrideOptions('face-filter', fromDialog, message.options));
    };

    handleInput<FaceMessage>(this, {
      status,
      failedText: RED._('face-filter.status.failed'),
      whenBusy: 'queue',
      queueLimit: QUEUE_LIMIT,
      work: async (message) => {
        const faces = checkFaces(RED.util.getMessageProperty(message, facesIn));
        const given: unknown = RED.util.getMessageProperty(message, config.image || 'image');
        const image = await allowedImage(RED, given);
        if (image !== undefined) this.newest = image;
        const options = readOptions(message);
        const { kept, rejected } = await filterFaces(faces, options, {
          ...(sizeOf(message) ?? { width: NaN, height: NaN }), // some filters need none
          ...(image === undefined ? {} : { pixels: () => decodeImage(image) }),
        });
        if (options.zones !== undefined && options.zones.length > 0) message.zones = [...options.zones];
        status.show({
          fill: kept.length > 0 ? 'green' : 'grey',
          shape: 'dot',
          text: RED._('face-filter.status.kept', { kept: kept.length, rejected: rejected.length }),
        });
        // The picture is shared by both messages, and copied for none.
        const second: NodeMessage = { ...message };
        RED.util.setMessageProperty(message, facesIn, kept, true);
        RED.util.setMessageProperty(second, facesIn, rejected, true);
        return [message, rejected.length > 0 ? second : null];
      },
    });
    this.on('close', () => status.close());
  }
  RED.nodes.registerType('face-filter', FaceFilter);
}

function readZones(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return [];
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FaceError({
      code: 'option-invalid',
      expected: 'zones as JSON',
      got: 'other text',
      hint: 'Draw them anew in the dialog of face filter.',
    });
  }
}
