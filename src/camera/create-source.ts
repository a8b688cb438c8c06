import { realpathSync } from 'node:fs';
import { numberIn, wholeNumberIn } from '../check-options';
import { describeValue, FaceError } from '../errors';
import type { FrameSource } from './frame';
import { httpCamera, type HttpConfig } from './http-camera';
import { type ImageFilesConfig, imageFiles } from './image-files';
import { newestOnly } from './newest';
import type { PushedConfig } from './pushed-frames';
import { raspberryPiCamera, type RaspberryPiConfig } from './raspberry-pi';
import { rtspCamera, type RtspConfig } from './rtsp';
import { type SceneConfig, testScene } from './test-scene/test-scene';
import { type VideoConfig, videoFile } from './video-file';
import { type WatchConfig, watchFolder } from './watch-folder';
import { type WebcamSnapshotConfig, webcamSnapshots } from './webcam-snapshot';
import { type WebcamConfig, webcamStream } from './webcam-stream';

/** Any camera source, told apart by `kind`. */
export type CameraConfig =
  | SceneConfig
  | WebcamConfig
  | WebcamSnapshotConfig
  | RaspberryPiConfig
  | RtspConfig
  | HttpConfig
  | PushedConfig
  | VideoConfig
  | ImageFilesConfig
  | WatchConfig;

export type CameraKind = CameraConfig['kind'];

/** Every kind, in the order in which a user may choose. */
export const CAMERA_KINDS = [
  'scene',
  'webcam',
  'snapshot',
  'rpicam',
  'rtsp',
  'http',
  'browser',
  'video',
  'file',
  'watch',
] as const satisfies readonly CameraKind[];

/** Least and greatest value of the numbers of a source, both allowed. */
export const CAMERA_RANGES = {
  framesPerSecond: [0.01, 60],
  width: [16, 7680],
  height: [16, 4320],
  skipFrames: [0, 100],
} as const;

/** Kinds whose numbers may be 0: as the camera or the file has them. */
const AS_IT_COMES: readonly CameraKind[] = ['video', 'rtsp', 'webcam'];

/**
 * The source that a configuration describes; nothing starts before it is iterated. Of a camera that brings pictures at
 * its own pace the newest wins; files are delivered whole, unless told to drop.
 * @throws FaceError `option-invalid`, `camera-device-invalid`, `camera-source-missing`
 */
export function createFrameSource(config: CameraConfig): FrameSource {
  checkNumbers(config);
  switch (config.kind) {
    case 'scene':
      return testScene(config);
    case 'webcam':
      return newestOnly(webcamStream(config));
    case 'snapshot':
      return webcamSnapshots(config);
    case 'rpicam':
      return newestOnly(raspberryPiCamera(config));
    case 'rtsp':
      return newestOnly(rtspCamera(config));
    case 'http':
      return newestOnly(httpCamera(config));
    case 'browser':
      return newestOnly(config.frames.source);
    case 'video':
      requirePath(config.path, 'a video file');
      return config.dropWhenBusy === true ? newestOnly(videoFile(config)) : videoFile(config);
    case 'file':
      requirePath(config.path, 'an image file, a folder or a pattern');
      return imageFiles(config);
    case 'watch':
      requirePath(config.path, 'a folder to watch');
      return watchFolder(config);
    default:
      throw new FaceError({
        code: 'option-invalid',
        expected: `a source among ${CAMERA_KINDS.join(', ')}`,
        got: describeValue((config as { kind: unknown }).kind),
        hint: 'Choose the source in the dialog.',
      });
  }
}

/**
 * True for a source whose silence is a fault. Of a folder it is none, nor of a browser: nobody may have opened the page,
 * and a connection that is lost is found by its heartbeat.
 */
export function canStall({ kind }: CameraConfig): boolean {
  return kind !== 'watch' && kind !== 'file' && kind !== 'browser';
}

/** The device that a source needs for itself alone, by a name that is the same however it was written. */
export function deviceOf(config: CameraConfig): string | undefined {
  switch (config.kind) {
    case 'webcam':
    case 'snapshot': {
      const device = config.device || (process.platform === 'linux' ? '/dev/video0' : 'webcam');
      if (device.startsWith('TEST:')) return undefined;
      try {
        return realpathSync(device); // a name under /dev/v4l/by-id is a link
      } catch {
        return device;
      }
    }
    case 'rpicam':
      return `rpicam ${config.device || '0'}`;
    default:
      return undefined;
  }
}

function checkNumbers(config: CameraConfig): void {
  for (const [name, range] of Object.entries(CAMERA_RANGES)) {
    // Not every kind has every number, and a message may bring something else.
    const value: unknown = (config as unknown as Record<string, unknown>)[name];
    if (value === undefined || (value === 0 && AS_IT_COMES.includes(config.kind))) continue;
    const read = name === 'framesPerSecond' ? numberIn(range) : wholeNumberIn(range);
    read(name, value);
  }
}

function requirePath(path: unknown, expected: string): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new FaceError({
    code: 'camera-source-missing',
    expected,
    got: path === '' ? 'no path' : describeValue(path),
    hint: 'Set the path in the dialog of the camera.',
  });
}
