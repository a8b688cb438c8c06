import { FaceError } from '../errors';
import { type CameraConfig, createFrameSource } from './create-source';
import type { Frame } from './frame';
import { raspberryPiPicture } from './raspberry-pi';

/** How long a camera may take for a single picture, in ms: a network camera shows its first key frame within 10 s. */
const SNAPSHOT_DEADLINE_MS = 20_000;

/**
 * One picture of a source, now.
 * @returns undefined if `signal` was aborted meanwhile, or the source has no picture
 * @throws FaceError `camera-stalled`, and those of the source
 */
export async function takeSnapshot(
  config: CameraConfig,
  signal: AbortSignal,
  deadlineMs = SNAPSHOT_DEADLINE_MS,
): Promise<Frame | undefined> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const frame = await firstFrame(config, AbortSignal.any([signal, deadline]));
  if (frame !== undefined || signal.aborted || !deadline.aborted) return frame;
  throw stalled(deadlineMs);
}

async function firstFrame(config: CameraConfig, signal: AbortSignal): Promise<Frame | undefined> {
  if (config.kind === 'rpicam') return raspberryPiPicture(config, signal);
  for await (const frame of createFrameSource(config)(signal)) return frame;
  return undefined;
}

/** The error for a camera that is silent. */
export function stalled(afterMs: number): FaceError {
  return new FaceError({
    code: 'camera-stalled',
    expected: 'a picture',
    got: `none for ${Number((afterMs / 1000).toFixed(1))} s`,
    hint: 'Check that the camera is on and reached by the network.',
  });
}
