import path from 'node:path';
import { describeValue, FaceError } from '../errors';
import type { CameraConfig } from './create-source';
import { redactAddress } from './redact';

/** What an address holds beside the place: where both are given, these win over those inside the address. */
export interface AddressConfig {
  address: string;
  username?: string;
  password?: string;
}

/**
 * An address without its name and password, and these.
 * @throws FaceError `option-invalid`; its text holds no password
 */
export function readAddress(
  { address, username = '', password = '' }: AddressConfig,
  protocols: readonly string[],
): { url: URL; username: string; password: string } {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !protocols.includes(url.protocol) || url.hostname === '') {
    throw new FaceError({
      code: 'option-invalid',
      expected: `an address such as ${protocols[0]}//192.168.1.20/stream`,
      got:
        address === ''
          ? 'none'
          : url === undefined
            ? describeValue(address)
            : JSON.stringify(redactAddress(url.href).slice(0, 100)),
      hint: 'Set the address in the dialog of the camera.',
    });
  }
  const found = {
    username: username || decode(url.username),
    password: password || decode(url.password),
  };
  url.username = '';
  url.password = '';
  return { url, ...found };
}

/** A part of an address as it was meant: one with a lone `%` was typed as it is. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const VIDEO_NAME = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ts|flv|wmv|mjpe?g|h26[45])$/i;

/**
 * The source that a text of a message names: `rtsp://…`, `http://…`, `/dev/video0`, `rpicam`, `scene`, a video, or
 * image files.
 * @throws FaceError `option-invalid`
 */
export function sourceOf(text: string): CameraConfig {
  const place = text.trim();
  if (place === 'scene') return { kind: 'scene' };
  if (/^rtsps?:/i.test(place)) return { kind: 'rtsp', address: place };
  if (/^https?:/i.test(place)) return { kind: 'http', address: place };
  const [, camera] = /^rpicam(?::(\d))?$/.exec(place) ?? [];
  if (camera !== undefined) return { kind: 'rpicam', device: camera };
  if (place === 'rpicam') return { kind: 'rpicam' };
  if (place === 'webcam') return { kind: 'webcam' };
  if (/^\/dev\/(video|v4l\/)/.test(place)) return { kind: 'webcam', device: place };
  if (VIDEO_NAME.test(place)) return { kind: 'video', path: place };
  if (place !== '' && !/^[a-z][a-z\d+.-]+:/i.test(place))
    return { kind: 'file', path: path.normalize(place) };
  throw new FaceError({
    code: 'option-invalid',
    expected:
      'msg.payload.source to be rtsp://…, http://…, /dev/video0, webcam, rpicam, scene, a video, or image files',
    got: place === '' ? 'no text' : `${describeValue(text)} that is none of these`,
    hint: 'Correct it, or send an empty text to return to the source of the dialog.',
  });
}
