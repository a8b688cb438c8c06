import { access } from 'node:fs/promises';
import path from 'node:path';
import { FaceError } from '../errors';
import { startProgram } from './child-program';
import type { Frame, FrameSource } from './frame';
import { imageSize } from './image-size';
import { JpegSplitter } from './jpeg-stream';

/** A video file, read through the ffmpeg program. */
export interface VideoConfig {
  kind: 'video';
  path: string;
  /** Begin again after the last frame. @default false */
  loop?: boolean;
  /** At the video's own speed; otherwise as fast as the consumer takes the frames, none of them lost. @default true */
  realTime?: boolean;
  /** Frames per second, 0: as in the file. @default 0 */
  framesPerSecond?: number;
  /** Size in pixels, 0: as in the file (or in proportion, if one of them is given). @default 0 */
  width?: number;
  height?: number;
  /** The ffmpeg program. @default 'ffmpeg' */
  ffmpeg?: string;
}

/** ffmpeg's JPEG scale, 2 (best) to 31: at 3 faces of 20 pixels keep their confidence. */
const JPEG_QUALITY = '3';

export const FFMPEG_HINT = {
  name: 'ffmpeg',
  install:
    'Install it (Debian, Raspberry Pi OS: apt install ffmpeg; Alpine: apk add ffmpeg; macOS: brew install ffmpeg).',
};

/** Frames of a video file. Ends after the last one unless it loops. */
export function videoFile(config: VideoConfig): FrameSource {
  return (signal) => readVideo(config, signal);
}

async function* readVideo(config: VideoConfig, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  await requireFile(config.path);
  const program = await startProgram(config.ffmpeg || 'ffmpeg', ffmpegParameters(config), FFMPEG_HINT);
  const abort = () => void program.end();
  signal.addEventListener('abort', abort, { once: true });
  const source = path.basename(config.path);
  const splitter = new JpegSplitter();
  let sequence = 0;
  try {
    if (signal.aborted) return;
    for await (const chunk of program.stdout) {
      // A pipe without an encoding gives Buffers.
      for (const image of splitter.push(chunk as Buffer)) {
        const { width, height } = await imageSize(image);
        yield { image, sequence: sequence++, timestamp: Date.now(), width, height, source };
        if (wasAborted(signal)) return;
      }
    }
    const code = await program.ended;
    if (!wasAborted(signal) && (code !== 0 || sequence === 0)) throw failed(program.complaint(), source);
  } catch (error) {
    if (!wasAborted(signal)) throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    await program.end();
  }
}

function ffmpegParameters(config: VideoConfig): string[] {
  const { loop = false, realTime = true, framesPerSecond = 0, width = 0, height = 0 } = config;
  const filters = [
    ...(framesPerSecond > 0 ? [`fps=${framesPerSecond}`] : []),
    ...(width > 0 || height > 0 ? [`scale=${width > 0 ? width : -2}:${height > 0 ? height : -2}`] : []),
  ];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...(loop ? ['-stream_loop', '-1'] : []),
    ...(realTime ? ['-re'] : []),
    // `file:` keeps a name with a colon from being taken for a protocol.
    ...['-i', `file:${config.path}`, '-an', '-sn'],
    ...(filters.length > 0 ? ['-vf', filters.join(',')] : []),
    ...['-f', 'image2pipe', '-c:v', 'mjpeg', '-q:v', JPEG_QUALITY, 'pipe:1'],
  ];
}

/** A function, since the signal changes while a generator waits, which a plain check would not see. */
function wasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function requireFile(file: string): Promise<void> {
  try {
    await access(file);
  } catch (error) {
    throw new FaceError(
      {
        code: 'camera-source-missing',
        expected: 'a video file',
        got: `none at ${JSON.stringify(file.slice(0, 200))}`,
        hint: 'Check the path, and that Node-RED may read it.',
      },
      error,
    );
  }
}

function failed(complaint: string, source: string): FaceError {
  return new FaceError({
    code: 'camera-failed',
    expected: `ffmpeg to read ${source}`,
    got: complaint === '' ? 'no picture' : complaint.slice(0, 200),
    hint: 'Check that the file is a video that ffmpeg can play.',
  });
}
