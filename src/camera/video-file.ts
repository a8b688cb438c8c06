import { access } from 'node:fs/promises';
import path from 'node:path';
import {
  extraOptions,
  FFMPEG_HINT,
  type FfmpegConfig,
  ffmpegFailed,
  ffmpegOf,
  fileOutput,
  QUIET,
} from './ffmpeg';
import type { Frame, FrameSource } from './frame';
import { programFrames } from './program-frames';
import { sourceMissing } from './source-missing';

/** A video file, read through the ffmpeg program. */
export interface VideoConfig extends FfmpegConfig {
  kind: 'video';
  path: string;
  /** Begin again after the last frame. @default false */
  loop?: boolean;
  /** At the video's own speed; otherwise as fast as the consumer takes the frames, none of them lost. @default true */
  realTime?: boolean;
  /** Drop frames while the consumer is busy, as a camera does. @default false */
  dropWhenBusy?: boolean;
}

/** Frames of a video file. Ends after the last one unless it loops. */
export function videoFile(config: VideoConfig): FrameSource {
  return (signal) => readVideo(config, signal);
}

async function* readVideo(config: VideoConfig, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  await requireFile(config.path);
  const { loop = false, realTime = true } = config;
  const source = path.basename(config.path);
  yield* programFrames(
    {
      command: ffmpegOf(config),
      parameters: [
        ...QUIET,
        ...(loop ? ['-stream_loop', '-1'] : []),
        ...(realTime ? ['-re'] : []),
        ...extraOptions(config),
        // `file:` keeps a name with a colon from being taken for a protocol.
        ...['-i', `file:${config.path}`],
        ...fileOutput(config),
      ],
      hint: FFMPEG_HINT,
      source,
      live: false,
      failure: ffmpegFailed(source, 'Check that the file is a video that ffmpeg can play.'),
    },
    signal,
  );
}

async function requireFile(file: string): Promise<void> {
  try {
    await access(file);
  } catch (error) {
    throw sourceMissing('a video file', file, 'none', error);
  }
}
