import type { IncomingMessage } from 'node:http';
import { FaceError, messageOf } from '../errors';
import type { Frame } from './frame';
import { splitFrames } from './program-frames';

/**
 * The pictures of an MJPEG stream (ESP32-CAM, Octoprint, motion): an answer that never ends, whose parts are JPEG files.
 * @throws FaceError `camera-failed` when the stream ends
 */
export async function* readStream(
  response: IncomingMessage,
  source: string,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  let why = 'its end';
  try {
    yield* splitFrames(response, source, true);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof FaceError) throw error;
    why = messageOf(error);
  } finally {
    response.destroy();
  }
  if (signal.aborted) return;
  throw new FaceError({
    code: 'camera-failed',
    expected: `the stream of ${source} to go on`,
    got: why,
    hint: 'Check the camera; many serve one viewer only.',
  });
}
