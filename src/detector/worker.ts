/** The program of a detector process: it loads one engine, then answers one image after the other. */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import workerpool from 'workerpool';
import type { Detection } from '../detection';
import { toFaceError } from '../errors';
import { scaleFaces } from '../geometry/scale';
import { brightnessOf, changedShare } from '../image/brightness';
import { decodeSource } from '../image/decode';
import { loadSharp } from '../image/load-sharp';
import type { Pixels } from '../image/pixels';
import { type CascadeResult, detectFaces } from '../mtcnn/detect-faces';
import type { ResolvedOptions } from '../mtcnn/options';
import { Rejections } from '../mtcnn/rejections';
import { trackFaces } from '../mtcnn/track-faces';
import { createNetworks } from '../networks/create-networks';
import { type Networks, ONET_SIDE, RNET_SIDE } from '../networks/networks';
import type { Answer, DetectorCalls, VideoHint } from './protocol';

// A limit of four times what is in use: see HEAP of detector-process.ts. Here V8 only says so if it no longer knows it.
setFlagsFromString('--heap-growing-percent=300');

let networks: Networks | undefined;

const calls: DetectorCalls = {
  load: (engine) =>
    answer(async () => {
      // One image at a time: a second decoding thread would only cost memory.
      loadSharp()?.concurrency(1);
      networks = await createNetworks(engine);
      warmUp(networks);
      return { pid: process.pid };
    }),

  detect: (source, options, video, explain) =>
    answer(async () => {
      if (networks === undefined) throw new Error('detect was called before load');
      const begin = performance.now();
      const { pixels: image, width, height } = await decodeSource(source, options);
      // Everything beyond this process is in pixels of the whole picture.
      const scale = [width / image.width, height / image.height] as const;
      const decode = performance.now() - begin;
      const brightness = video === undefined ? undefined : brightnessOf(image);
      const rejections = explain === true ? new Rejections() : undefined;
      const followed = follow(image, networks, options, brightness, video?.hint, { width, height });
      const { faces, candidates, durationMs } = followed ?? detectFaces(image, networks, options, rejections);
      const detection: Detection = {
        faces: scaleFaces(faces, scale),
        width,
        height,
        engine: networks.engine,
        mode: followed === undefined ? 'scan' : 'track',
        durationMs: { decode, ...durationMs, total: performance.now() - begin },
        candidates,
      };
      return {
        detection,
        ...(brightness === undefined ? {} : { brightness }),
        ...(rejections === undefined ? {} : { rejected: scaleFaces(rejections.list(faces), scale) }),
      };
    }),
};

/** Share of a picture's cells, and their change of 255, that make it another scene. */
const SCENE = { share: 0.4, change: 40 } as const;

/** The faces of the frame before, found again; nothing where the whole picture must be searched. */
function follow(
  image: Pixels,
  loaded: Networks,
  options: ResolvedOptions,
  brightness: Uint8Array | undefined,
  hint: VideoHint | undefined,
  picture: { width: number; height: number },
): CascadeResult | undefined {
  if (hint === undefined || brightness === undefined) return undefined;
  if (picture.width !== hint.width || picture.height !== hint.height) return undefined;
  if (changedShare(hint.brightness, brightness, SCENE.change) >= SCENE.share) return undefined;
  const expected = scaleFaces(hint.faces, [image.width / picture.width, image.height / picture.height]);
  const result = trackFaces(image, expected, loaded, options);
  return result.lost ? undefined : result;
}

/** Runs each network once, so that a processor that an engine cannot use shows now, not at the first image. */
function warmUp(loaded: Networks): void {
  const side = ONET_SIDE;
  const grey = new Float32Array(side * side * 3);
  loaded.propose(grey, side, side);
  loaded.refine(grey.subarray(0, RNET_SIDE * RNET_SIDE * 3), 1);
  loaded.output(grey, 1);
}

async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toFaceError(error).toParts() };
  }
}

// A small heap: it holds a timer. Without the options of this process, which may preload what is for the main thread.
new Worker(path.join(__dirname, 'end-with-parent.js'), {
  workerData: process.ppid,
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
}).unref();
workerpool.worker({ ...calls });
