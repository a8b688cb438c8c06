import { FaceError } from '../errors';
import {
  extraOptions,
  FFMPEG_HINT,
  type FfmpegConfig,
  ffmpegOf,
  liveOutput,
  LOW_LATENCY,
  QUIET,
} from './ffmpeg';
import type { Frame, FrameSource } from './frame';
import { programFrames } from './program-frames';
import { checkDevice, webcamFailed } from './webcam-device';

/** A webcam whose pictures come one after the other, through the ffmpeg program. */
export interface WebcamConfig extends FfmpegConfig {
  kind: 'webcam';
  /** `/dev/video0`, `/dev/v4l/by-id/…`; on macOS and Windows the camera's name. Empty: the first. */
  device?: string;
  /** What the camera shall send, as ffmpeg calls it: `mjpeg` allows large pictures at a high rate over USB. */
  inputFormat?: string;
}

/** Frames per second at which avfoundation opens a camera: every Mac's camera offers it, few offer others. */
const AVFOUNDATION_RATE = 30;

/** Pictures of a webcam. @throws FaceError `camera-device-invalid`, `option-invalid` */
export function webcamStream(config: WebcamConfig): FrameSource {
  checkDevice(config.device);
  if (config.inputFormat !== undefined && !/^\w{0,20}$/.test(config.inputFormat)) {
    throw new FaceError({
      code: 'option-invalid',
      expected: 'a format such as mjpeg or yuyv422',
      got: JSON.stringify(config.inputFormat.slice(0, 40)),
      hint: 'Choose it in the dialog of the camera.',
    });
  }
  return (signal) => readWebcam(config, signal);
}

async function* readWebcam(config: WebcamConfig, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const { device = '' } = config;
  yield* programFrames(
    {
      command: ffmpegOf(config),
      parameters: [
        ...QUIET,
        ...LOW_LATENCY,
        ...extraOptions(config),
        ...webcamInput(process.platform, config),
        // The camera gives the size that was asked of it, or the nearest that it has: it is not changed again.
        ...(await liveOutput({ ...config, width: 0, height: 0 })),
      ],
      hint: FFMPEG_HINT,
      source: `webcam ${device || 'default'}`,
      live: true,
      failure: (complaint, complaints) => webcamFailed(device, complaint, complaints),
    },
    signal,
  );
}

/** ffmpeg's options that open a webcam: v4l2 on Linux, avfoundation on macOS, dshow on Windows. */
export function webcamInput(
  platform: NodeJS.Platform,
  { device = '', inputFormat = '', width = 0, height = 0, framesPerSecond = 0 }: WebcamConfig,
): string[] {
  const size = width > 0 && height > 0 ? ['-video_size', `${width}x${height}`] : [];
  const rate = framesPerSecond > 0 ? ['-framerate', String(framesPerSecond)] : [];
  switch (platform) {
    case 'darwin':
      return [
        ...['-f', 'avfoundation', '-framerate', String(AVFOUNDATION_RATE), ...size],
        ...(inputFormat === '' ? [] : ['-pixel_format', inputFormat]),
        ...['-i', `${device || 'default'}:none`],
      ];
    case 'win32':
      return [
        ...['-f', 'dshow', ...size],
        ...(inputFormat === '' ? [] : ['-vcodec', inputFormat]),
        ...['-i', `video=${device}`],
      ];
    default:
      return [
        ...['-f', 'v4l2', ...rate, ...size],
        ...(inputFormat === '' ? [] : ['-input_format', inputFormat]),
        ...['-i', device || '/dev/video0'],
      ];
  }
}
