import type { BlockList } from 'node:net';
import { FaceError } from '../errors';
import type { Frame, FrameSource } from './frame';
import { HttpSession } from './http-session';
import { pollPictures } from './http-snapshot';
import { readStream } from './http-stream';
import { readAddress } from './address';
import { limitRate } from './limit-rate';
import { redactAddress } from './redact';

/** A camera that speaks HTTP: an MJPEG stream, or a picture that is asked for again and again; its answer tells which. */
export interface HttpConfig {
  kind: 'http';
  /** `http://…` or `https://…` */
  address: string;
  username?: string;
  password?: string;
  /** Most pictures per second. @default 10 */
  framesPerSecond?: number;
  /** Where no connection may go, whatever the name resolves to. @default nothing is blocked */
  blocked?: BlockList;
}

/** Pictures of an HTTP camera. @throws FaceError `option-invalid` for an address that is none */
export function httpCamera(config: HttpConfig): FrameSource {
  const { url, ...credentials } = readAddress(config, ['http:', 'https:']);
  const { framesPerSecond = 10, blocked } = config;
  return (signal, alive) =>
    readCamera(new HttpSession(url, credentials, blocked), url, framesPerSecond, signal, alive);
}

async function* readCamera(
  session: HttpSession,
  url: URL,
  framesPerSecond: number,
  signal: AbortSignal,
  alive: () => void = () => undefined,
): AsyncGenerator<Frame, void, void> {
  const source = redactAddress(url.href);
  try {
    const response = await session.get({}, signal);
    const type = (response.headers['content-type'] ?? '').toLowerCase();
    if (type.startsWith('multipart/')) {
      yield* limitRate(readStream(response, source, signal), framesPerSecond);
    } else if (type.startsWith('image/') || type === '' || type.startsWith('application/octet-stream')) {
      yield* pollPictures(session, response, { framesPerSecond, source, alive }, signal);
    } else {
      response.destroy();
      throw new FaceError({
        code: 'camera-failed',
        expected: `a picture or an MJPEG stream from ${source}`,
        got: `the content type ${JSON.stringify(type.slice(0, 80))}`,
        hint: 'Enter the address of the picture or the stream itself, not that of the camera’s web page.',
      });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    session.close();
  }
}
