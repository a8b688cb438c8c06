/**
 * Video mode against a scan of every frame.
 *
 *   npm run bench -- --video-mode [--video FILE] [--engine wasm|native] [--frames N] [--json]
 *
 * Both work on the same JPEG frames, one after the other in the same process, pinned to one core. `ratio` is the time of
 * video mode divided by that of scanning, decoding left out; `share` is the part of the faces that a scan finds with
 * confidence >= 0.9 and that video mode reports in the same frame with an overlap (union) >= 0.5. Without FILE the drawn
 * test scene is used, 640x480 at 10 frames a second.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineName, Face } from '../src/detection';
import { createDetector, VideoMode } from '../src/detector';
import { createRenderer } from '../src/camera/test-scene/test-scene';
import { videoFile } from '../src/camera/video-file';
import { messageOf } from '../src/errors';
import { encodeImage } from '../src/image/encode';
import { isNativeInstalled } from '../src/networks/native';
import { intersectionOverUnion } from '../src/geometry/overlap';

export interface VideoModeConfig {
  /** A video; the drawn test scene without one. */
  video?: string;
  engine?: EngineName;
  frames: number;
}

export interface VideoModeFigures {
  clip: string;
  engine: EngineName;
  frames: number;
  scanMs: number;
  videoMs: number;
  ratio: number;
  share: number;
  /** Share of the frames whose whole picture was searched. */
  scanned: number;
}

/** A face that counts in the share. */
const SURE = 0.9;

const SCENE_RATE = 10;

/** Frames before which nothing is counted: the engine's first calls compile. */
const WARM_UP = 5;

/** Measures one clip with each engine that is asked for or here. */
export async function measureVideoMode({
  video,
  engine,
  frames,
}: VideoModeConfig): Promise<VideoModeFigures[]> {
  const engines: EngineName[] =
    engine !== undefined ? [engine] : isNativeInstalled() ? ['native', 'wasm'] : ['wasm'];
  const clip = video === undefined ? await sceneFrames(frames) : await videoFrames(video, frames);
  const results: VideoModeFigures[] = [];
  for (const each of engines) {
    results.push(await measureEngine(clip, each, video === undefined ? 'test scene' : path.basename(video)));
  }
  return results;
}

interface ClipFrame {
  image: Buffer;
  timestamp: number;
}

async function sceneFrames(count: number): Promise<ClipFrame[]> {
  const render = await createRenderer(640, 480);
  const frames: ClipFrame[] = [];
  for (let i = 0; i < count; i++) {
    const pixels = await render(i / SCENE_RATE);
    frames.push({ image: await encodeImage(pixels, { quality: 88 }), timestamp: (i * 1000) / SCENE_RATE });
  }
  return frames;
}

/** Frames of a video, taken for 25 a second. */
async function videoFrames(file: string, most: number): Promise<ClipFrame[]> {
  const frames: ClipFrame[] = [];
  const source = videoFile({ kind: 'video', path: file, realTime: false });
  for await (const { image, sequence } of source(new AbortController().signal)) {
    frames.push({ image, timestamp: sequence * 40 });
    if (frames.length === most) break;
  }
  return frames;
}

async function measureEngine(clip: ClipFrame[], engine: EngineName, name: string): Promise<VideoModeFigures> {
  const detector = await createDetector({ engine });
  const video = new VideoMode();
  const sum = { scan: 0, video: 0, sure: 0, kept: 0, scanned: 0 };
  try {
    for (const { image } of clip.slice(0, WARM_UP)) await detector.detect(image);
    for (const { image, timestamp } of clip) {
      const scan = await detector.detect(image);
      const tracked = await detector.detect(image, {}, video.at(timestamp));
      sum.scan += scan.durationMs.total - scan.durationMs.decode;
      sum.video += tracked.durationMs.total - tracked.durationMs.decode;
      if (tracked.mode === 'scan') sum.scanned++;
      const sure = scan.faces.filter(({ confidence }) => confidence >= SURE);
      sum.sure += sure.length;
      sum.kept += sure.filter((face) => isReported(face, tracked.faces)).length;
    }
  } finally {
    await detector.close();
  }
  const round = (value: number, digits = 3) => Number(value.toFixed(digits));
  return {
    clip: name,
    engine,
    frames: clip.length,
    scanMs: round(sum.scan / clip.length, 1),
    videoMs: round(sum.video / clip.length, 1),
    ratio: round(sum.video / sum.scan),
    share: round(sum.sure === 0 ? 1 : sum.kept / sum.sure, 4),
    scanned: round(sum.scanned / clip.length),
  };
}

function isReported({ box }: Face, faces: readonly Face[]): boolean {
  return faces.some((face) => intersectionOverUnion(box, face.box) >= 0.5);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      video: { type: 'string' },
      engine: { type: 'string' },
      frames: { type: 'string', default: '300' },
      json: { type: 'boolean', default: false },
    },
  });
  const { engine } = values;
  if (engine !== undefined && engine !== 'wasm' && engine !== 'native') {
    throw new Error(`--engine takes wasm or native, not ${engine}`);
  }
  const figures = await measureVideoMode({
    frames: Number(values.frames),
    ...(values.video === undefined ? {} : { video: values.video }),
    ...(engine === undefined ? {} : { engine }),
  });
  console.table(figures);
  // Of several engines the worse counts.
  const ratio = Math.max(...figures.map((each) => each.ratio));
  const share = Math.min(...figures.map((each) => each.share));
  if (values.json) console.log(JSON.stringify({ ratio, share }));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
