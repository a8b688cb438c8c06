/** The program of a detector process: it loads one engine, then answers one image after the other. */
import workerpool from 'workerpool';
import type { Detection } from '../detection';
import { toFaceError } from '../errors';
import { decodeSource } from '../image/decode';
import { loadSharp } from '../image/load-sharp';
import { detectFaces } from '../mtcnn/detect-faces';
import { createNetworks } from '../networks/create-networks';
import { type Networks, ONET_SIDE, RNET_SIDE } from '../networks/networks';
import type { Answer, DetectorCalls } from './protocol';

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

  detect: (source, options) =>
    answer(async (): Promise<Detection> => {
      if (networks === undefined) throw new Error('detect was called before load');
      const begin = performance.now();
      const image = await decodeSource(source, options);
      const decode = performance.now() - begin;
      const { faces, candidates, durationMs } = detectFaces(image, networks, options);
      return {
        faces,
        width: image.width,
        height: image.height,
        engine: networks.engine,
        mode: 'scan',
        durationMs: { decode, ...durationMs, total: performance.now() - begin },
        candidates,
      };
    }),
};

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

workerpool.worker({ ...calls });
