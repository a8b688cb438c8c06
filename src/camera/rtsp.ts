import { once } from 'node:events';
import type { BlockList } from 'node:net';
import { resolveAllowed } from './blocked-addresses';
import {
  extraOptions,
  FFMPEG_HINT,
  type FfmpegConfig,
  ffmpegFailed,
  ffmpegOf,
  ffmpegVersion,
  liveOutput,
  LOW_LATENCY,
  QUIET,
} from './ffmpeg';
import { readAddress } from './address';
import type { Frame, FrameSource } from './frame';
import { programFrames } from './program-frames';
import { redactAddress } from './redact';

/** A network camera, read through the ffmpeg program. */
export interface RtspConfig extends FfmpegConfig {
  kind: 'rtsp';
  /** `rtsp://…` or `rtsps://…` */
  address: string;
  username?: string;
  password?: string;
  /** TCP loses nothing and passes every firewall; UDP is a little faster. @default 'tcp' */
  transport?: 'tcp' | 'udp';
  /** Decode by a graphics processor, where ffmpeg finds one. @default false */
  hardwareDecoding?: boolean;
  /** Decode key frames only, often one a second: a tenth of the work. @default false */
  keyFramesOnly?: boolean;
  /** Where no connection may go, whatever the name resolves to. @default nothing is blocked */
  blocked?: BlockList;
}

/** The first ffmpeg whose scripts can hold options. */
const SCRIPT_VERSION = 5;

/**
 * A camera's frame rate is not measured before the first picture: it takes ffmpeg two seconds of a stream with 10
 * frames a second (measured), and a camera's frames are passed on as they come anyway.
 */
const RATE_PROBE = ['fpsprobesize', '0'] as const;

const SCRIPT_INPUT = [
  ...['-f', 'concat', '-safe', '0'],
  ...['-protocol_whitelist', 'pipe,fd,rtp,rtsp,rtsps,tcp,tls,udp,srtp,crypto', '-i', 'pipe:0'],
];

/** Frames of a network camera. @throws FaceError `option-invalid` for an address that is none */
export function rtspCamera(config: RtspConfig): FrameSource {
  const address = readAddress(config, ['rtsp:', 'rtsps:']);
  return (signal) => readCamera(config, address, signal);
}

async function* readCamera(
  config: RtspConfig,
  { url, username, password }: { url: URL; username: string; password: string },
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const { transport = 'tcp', hardwareDecoding = false, keyFramesOnly = false } = config;
  const source = redactAddress(url.href);
  const place = config.blocked === undefined ? url : await resolved(url, config.blocked, signal);
  if (place === undefined) return;
  const address = withCredentials(place, username, password);
  // The parameters of a program are for all users of the machine to see: a password comes in a script on its input.
  const secret = password !== '' && (await ffmpegVersion(config)) >= SCRIPT_VERSION;
  const input = secret
    ? { parameters: SCRIPT_INPUT, script: concatScript(address, transport) }
    : { parameters: ['-rtsp_transport', transport, '-i', address], script: '' };
  yield* programFrames(
    {
      command: ffmpegOf(config),
      parameters: [
        ...QUIET,
        ...LOW_LATENCY,
        ...(hardwareDecoding ? ['-hwaccel', 'auto'] : []),
        ...(keyFramesOnly ? ['-skip_frame', 'nokey'] : []),
        ...[`-${RATE_PROBE[0]}`, RATE_PROBE[1]],
        ...extraOptions(config),
        ...input.parameters,
        ...(await liveOutput(config)),
      ],
      input: input.script,
      secrets: [password, username],
      hint: FFMPEG_HINT,
      source,
      live: true,
      failure: ffmpegFailed(
        source,
        'Check the address with a player such as VLC, and that the camera is on.',
      ),
    },
    signal,
  );
}

/**
 * The address with its host in numbers, so that ffmpeg connects to what was judged.
 * @returns undefined if `signal` was aborted meanwhile
 * @throws FaceError `camera-address-blocked`, `camera-unreachable`
 */
async function resolved(url: URL, blocked: BlockList, signal: AbortSignal): Promise<URL | undefined> {
  if (signal.aborted) return undefined;
  const found = await Promise.race([resolveAllowed(url.hostname, blocked), once(signal, 'abort')]);
  if (Array.isArray(found)) return undefined;
  const inNumbers = new URL(url);
  inNumbers.hostname = found.family === 6 ? `[${found.address}]` : found.address;
  return inNumbers;
}

function withCredentials(url: URL, username: string, password: string): string {
  const full = new URL(url);
  full.username = username; // both are percent-encoded by this
  full.password = password;
  return full.href;
}

/** The script of ffmpeg's concat demuxer that plays one address. */
function concatScript(address: string, transport: 'tcp' | 'udp'): string {
  const quoted = `'${address.replaceAll("'", "'\\''")}'`;
  const options = [['rtsp_transport', transport], RATE_PROBE];
  return [
    'ffconcat version 1.0',
    `file ${quoted}`,
    ...options.map((words) => `option ${words.join(' ')}`),
    '',
  ].join('\n');
}
