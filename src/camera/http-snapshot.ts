import type { IncomingMessage } from 'node:http';
import { FaceError, messageOf } from '../errors';
import type { Frame } from './frame';
import type { HttpSession } from './http-session';
import { imageSize } from './image-size';
import { MAX_FRAME_BYTES } from './jpeg-stream';
import { pace } from './pace';

/**
 * The picture at an address, again and again. A server that tells pictures apart (`ETag`, `Last-Modified`) is asked for
 * a new one only, and an unchanged picture is not sent again.
 * @param first the answer to a first request
 */
export async function* pollPictures(
  session: HttpSession,
  first: IncomingMessage,
  { framesPerSecond, source, alive }: { framesPerSecond: number; source: string; alive: () => void },
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  let waiting: IncomingMessage | undefined = first;
  let known: Record<string, string> = {};
  let sequence = 0;
  const ticks = pace(framesPerSecond, signal);
  while ((await ticks.next()).done !== true) {
    const response: IncomingMessage = waiting ?? (await session.get(known, signal));
    waiting = undefined;
    const image = await readPicture(response, source);
    if (image === undefined) {
      alive();
      continue;
    }
    known = conditions(response);
    yield { image, sequence: sequence++, timestamp: Date.now(), ...(await imageSize(image)), source };
  }
}

/** The request headers that ask for a picture newer than this one (RFC 9110, section 13). */
function conditions({ headers }: IncomingMessage): Record<string, string> {
  return {
    ...(headers.etag === undefined ? {} : { 'If-None-Match': headers.etag }),
    ...(headers['last-modified'] === undefined ? {} : { 'If-Modified-Since': headers['last-modified'] }),
  };
}

/** The body of an answer; nothing for an unchanged picture. */
async function readPicture(response: IncomingMessage, source: string): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      // A stream without an encoding gives Buffers.
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_FRAME_BYTES) throw new Error(`more than ${MAX_FRAME_BYTES} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new FaceError(
      {
        code: 'camera-failed',
        expected: `a whole picture from ${source}`,
        got: messageOf(error),
        hint: 'Check the camera and its network.',
      },
      error,
    );
  }
  return response.statusCode === 304 ? undefined : Buffer.concat(chunks);
}
