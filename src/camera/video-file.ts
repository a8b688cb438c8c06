import { access } from 'node:fs/promises';
import path from 'node:path';
import { allowedPath } from '../allowed-path';
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
  /** Nothing outside of it is read, not through a link either. @default all that may be read */
  allowedFolder?: string;
}

/**
 * Containers that hold their pictures themselves, by ffmpeg's names: playlists, which name other files and addresses, are
 * none of them.
 */
const CONTAINERS = 'mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,live_flv,asf,mjpeg,h264,hevc,m4v,ogg';

/** Frames of a video file. Ends after the last one unless it loops. */
export function videoFile(config: VideoConfig): FrameSource {
  return (signal) => readVideo(config, signal);
}

async function* readVideo(config: VideoConfig, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const { loop = false, realTime = true, allowedFolder } = config;
  const file = allowedFolder === undefined ? config.path : await allowedPath(config.path, allowedFolder);
  await requireFile(file);
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
        ...(allowedFolder === undefined ? [] : ['-format_whitelist', CONTAINERS]),
        ...['-i', `file:${file}`],
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
