import type { NodeAPI, NodeDef } from 'node-red';
import type { Detection, DetectOptions } from '../../src';
import { type VideoFrame, VideoMode } from '../../src/detector';
import { toAnnotations } from '../../src/drawing/annotations';
import { PerCamera } from '../../src/tracking/per-camera';
import { toWholePixels } from '../../src/whole-pixels';
import type { DetectorNode } from '../mtcnn-detector/mtcnn-detector';
import { defaultDetector, setWarningLog } from '../shared/detectors';
import { handleInput } from '../shared/handle-input';
import { inTurns } from '../shared/in-turns';
import type { WhenBusy } from '../shared/inbox';
import type { DetectionMessage, FaceMessage } from '../shared/message';
import { allowedImage } from '../shared/message-limits';
import { addPictureRoute, type PictureNode } from '../shared/newest-picture';
import { overrideOptions, readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';
import { writeUserProperties } from '../shared/user-properties';
import { addTuningRoute, type TunedNode } from './tuning-route';

interface DetectNodeDef extends NodeDef {
  /** Message properties: where the picture is, and where the faces go. */
  image?: string;
  result?: string;
  whenBusy?: WhenBusy;
  queueLimit?: number | string;
  annotations?: boolean;
  /** Follow faces between scans of the whole picture. */
  video?: boolean;
  scanEvery?: number | string;
  /** Id of an mtcnn-detector node. */
  detector?: string;
}

/** Dialog fields that are options of the library, by the same name. */
const OPTION_FIELDS = {
  minFaceSize: 'number',
  thresholdPnet: 'number',
  thresholdRnet: 'number',
  thresholdOnet: 'number',
  nmsPnet1: 'number',
  nmsPnet2: 'number',
  nmsRnet: 'number',
  nmsOnet: 'number',
  scaleFactor: 'number',
  maxImageSide: 'number',
  landmarks: 'boolean',
  fitToImage: 'boolean',
} as const;

const QUEUE_LIMIT = 20;

export default function register(RED: NodeAPI): void {
  setWarningLog((text) => RED.log.warn(`[mtcnn-detect] ${text}`));

  addPictureRoute(RED);
  addTuningRoute(RED);

  function MtcnnDetect(this: PictureNode & TunedNode, config: DetectNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const chosen = config.detector ? (RED.nodes.getNode(config.detector) as DetectorNode | null) : null;
    const shared = chosen?.shared ?? defaultDetector;
    /** The memory of each camera, by msg.topic. */
    const videos = new PerCamera(() => new VideoMode(readFields(config, { scanEvery: 'number' } as const)));
    let processes = 1;
    shared.join();
    this.detector = shared;

    handleInput<FaceMessage>(this, {
      status,
      failedText: RED._('mtcnn-detect.status.failed'),
      whenBusy: config.whenBusy ?? 'latest',
      queueLimit: Number(config.queueLimit ?? QUEUE_LIMIT),
      concurrency: () => processes,
      onDropped: (total) => {
        status.show({
          fill: 'yellow',
          shape: 'dot',
          text: RED._('mtcnn-detect.status.busy', { dropped: total }),
        });
      },
      work: async (message, dropped) => {
        const image: unknown = RED.util.getMessageProperty(message, config.image || 'payload');
        const fromDialog = readFields(config, OPTION_FIELDS);
        const options = overrideOptions('mtcnn-detect', fromDialog, message.options) as DetectOptions;
        const detector = await shared.get();
        processes = detector.processes;
        const batch = Array.isArray(image) ? (image as unknown[]) : undefined;
        const pictures = batch ?? [image];
        this.newest = await allowedImage(RED, pictures[0]);
        // Pictures of a batch have nothing to do with each other.
        const frame = batch === undefined ? videoFrame(message) : undefined;
        // One more than can be searched: it is there when a process becomes free.
        const detections = await inTurns(pictures, processes + 1, async (each) =>
          detector.detect(await allowedImage(RED, each), options, frame),
        );
        showFaces(detections);

        const faces = detections.map((detection) => toWholePixels(detection.faces));
        const details = detections.map((detection) => toMessage(detection, dropped));
        message.image = image;
        message.detection = batch ? details : details[0]!;
        writeUserProperties(message);
        if (config.annotations === true) {
          const annotations = faces.map(toAnnotations);
          message.annotations = batch ? annotations : annotations[0]!;
        }
        RED.util.setMessageProperty(message, config.result || 'payload', batch ? faces : faces[0], true);
        return message;
      },
    });

    /** The next frame of the message's camera, where faces are followed. */
    const videoFrame = ({ topic = '', frame }: FaceMessage): VideoFrame | undefined => {
      if (config.video !== true) return undefined;
      return videos.of(topic).at(frame?.timestamp ?? Date.now());
    };

    this.on('close', (done: () => void) => {
      status.close();
      void shared.leave().finally(done);
    });

    function showFaces(detections: Detection[]): void {
      const count = detections.reduce((sum, { faces }) => sum + faces.length, 0);
      const slowest = Math.max(0, ...detections.map(({ durationMs }) => durationMs.total));
      const key = count === 1 ? 'face' : 'faces';
      status.show({
        fill: count > 0 ? 'green' : 'grey',
        shape: 'dot',
        text: RED._(`mtcnn-detect.status.${key}`, {
          count,
          ms: Math.round(slowest),
          engine: detections[0]?.engine ?? '',
        }),
      });
    }
  }
  RED.nodes.registerType('mtcnn-detect', MtcnnDetect);
}

function toMessage(detection: Detection, dropped: number): DetectionMessage {
  const { width, height, engine, mode, durationMs, candidates } = detection;
  return { width, height, engine, mode, durationMs, candidates, dropped };
}
