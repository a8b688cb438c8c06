import { describeValue, FaceError } from '../errors';
import type { Frame, FrameSource } from './frame';
import { type ImageFilesConfig, imageFiles } from './image-files';
import { type SceneConfig, testScene } from './test-scene/test-scene';
import { type VideoConfig, videoFile } from './video-file';
import { type WebcamConfig, webcamSnapshots } from './webcam-snapshot';

/** Any camera source, told apart by `kind`. */
export type CameraConfig = SceneConfig | ImageFilesConfig | WebcamConfig | VideoConfig;

/** Least and greatest value of the numbers of a source, both allowed; a video's 0 means: as in the file. */
export const CAMERA_RANGES = {
  framesPerSecond: [0.01, 60],
  width: [16, 7680],
  height: [16, 4320],
  skipFrames: [0, 100],
} as const;

/**
 * The source that a configuration describes; nothing starts before it is iterated.
 * @throws FaceError `option-invalid`, `camera-device-invalid`, `camera-source-missing`
 */
export function createFrameSource(config: CameraConfig): FrameSource {
  checkNumbers(config);
  switch (config.kind) {
    case 'scene':
      return testScene(config);
    case 'file':
      requirePath(config.path, 'an image file, a folder or a pattern');
      return imageFiles(config);
    case 'webcam':
      return webcamSnapshots(config);
    case 'video':
      requirePath(config.path, 'a video file');
      return videoFile(config);
    default:
      throw new FaceError({
        code: 'option-invalid',
        expected: 'a source among scene, webcam, video, file',
        got: describeValue((config as { kind: unknown }).kind),
        hint: 'Choose the source in the dialog.',
      });
  }
}

/**
 * One picture of a source, now.
 * @throws FaceError of the source
 */
export async function takeSnapshot(config: CameraConfig, signal: AbortSignal): Promise<Frame | undefined> {
  for await (const frame of createFrameSource(config)(signal)) return frame;
  return undefined;
}

function checkNumbers(config: CameraConfig): void {
  for (const [name, [least, greatest]] of Object.entries(CAMERA_RANGES)) {
    const value: unknown = (config as unknown as Record<string, unknown>)[name];
    if (value === undefined || (config.kind === 'video' && value === 0)) continue;
    const whole = name === 'framesPerSecond' || Number.isInteger(value);
    if (typeof value === 'number' && value >= least && value <= greatest && whole) continue;
    throw new FaceError({
      code: 'option-invalid',
      expected: `${name} to be a ${name === 'framesPerSecond' ? '' : 'whole '}number from ${least} to ${greatest}`,
      got: describeValue(value),
      hint: 'Correct it in the dialog of the camera.',
    });
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
