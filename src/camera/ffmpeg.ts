import { FaceError } from '../errors';
import { askProgram } from './child-program';

/** What all sources that ffmpeg reads can be told. */
export interface FfmpegConfig {
  /** Most frames per second; 0: as they come. @default 0 */
  framesPerSecond?: number;
  /** Size in pixels, 0: as it comes (or in proportion, if one of them is given). @default 0 */
  width?: number;
  height?: number;
  /** The ffmpeg program. @default 'ffmpeg' */
  ffmpeg?: string;
  /** More options before the input, for ffmpeg's own manual, parted by spaces. */
  ffmpegOptions?: string;
}

/** ffmpeg's JPEG scale, 2 (best) to 31: at 3 faces of 20 pixels keep their confidence. */
const JPEG_QUALITY = '3';

export const FFMPEG_HINT = {
  name: 'ffmpeg',
  install:
    'Install it (Debian, Raspberry Pi OS: apt install ffmpeg; Alpine: apk add ffmpeg; macOS: brew install ffmpeg).',
};

export const QUIET = ['-hide_banner', '-loglevel', 'error'] as const;

/** Options for a camera: nothing is gathered before the first picture, nothing is held back after it. */
export const LOW_LATENCY = ['-fflags', 'nobuffer', '-flags', 'low_delay'] as const;

/** ffmpeg of a configuration. */
export const ffmpegOf = ({ ffmpeg }: FfmpegConfig): string => ffmpeg || 'ffmpeg';

/** The words of {@link FfmpegConfig.ffmpegOptions}. */
export const extraOptions = ({ ffmpegOptions = '' }: FfmpegConfig): string[] =>
  ffmpegOptions.split(/\s+/).filter((word) => word !== '');

/** A file's frames: its rate is changed by leaving out or repeating frames. */
export function fileOutput(config: FfmpegConfig): string[] {
  const { framesPerSecond = 0 } = config;
  return [...filters(config, framesPerSecond > 0 ? [`fps=${framesPerSecond}`] : []), ...JPEG_TO_STDOUT];
}

/** A camera's frames as they come: too many are left out, none is repeated. */
export async function liveOutput(config: FfmpegConfig): Promise<string[]> {
  const { framesPerSecond = 0 } = config;
  // A tenth of the interval is forgiven, since a camera's clock trembles.
  const interval = (0.9 / framesPerSecond).toFixed(4);
  const rate =
    framesPerSecond > 0 ? [`select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${interval})`] : [];
  return [
    // Numbered anew: the encoder refuses a time that does not grow, and cameras send such.
    ...filters(config, [...rate, `settb=1/${CLOCK}`, `setpts=N*${CLOCK / 30}`]),
    ...((await ffmpegVersion(config)) < 5.1 ? ['-vsync', 'passthrough'] : ['-fps_mode', 'passthrough']),
    ...['-enc_time_base', `1:${CLOCK}`],
    ...JPEG_TO_STDOUT,
  ];
}

/** Ticks per second of the times that frames are given: the clock of MPEG. */
const CLOCK = 90_000;

const JPEG_TO_STDOUT = [
  ...['-an', '-sn', '-f', 'image2pipe', '-c:v', 'mjpeg', '-q:v', JPEG_QUALITY],
  ...['-flush_packets', '1', 'pipe:1'],
];

function filters({ width = 0, height = 0 }: FfmpegConfig, rate: string[]): string[] {
  const scale =
    width > 0 || height > 0 ? [`scale=${width > 0 ? width : -2}:${height > 0 ? height : -2}`] : [];
  const all = [...rate, ...scale];
  return all.length > 0 ? ['-vf', all.join(',')] : [];
}

const versions = new Map<string, Promise<number>>();

/** The version of the ffmpeg of a configuration, asked for once. */
export function ffmpegVersion(config: FfmpegConfig): Promise<number> {
  const command = ffmpegOf(config);
  let version = versions.get(command);
  if (version === undefined) {
    version = readVersion(command);
    versions.set(command, version);
    version.catch(() => versions.delete(command));
  }
  return version;
}

/** The version of an ffmpeg, such as 7.1; one built from its repository tells none, and counts as new. */
async function readVersion(command: string): Promise<number> {
  const { output, succeeded } = await askProgram({ command, parameters: ['-version'], hint: FFMPEG_HINT });
  // Killed, or too slow on a busy machine: what it is not asked now is asked at the next start.
  if (!succeeded) throw ffmpegFailed('its own version', 'Run `ffmpeg -version` by hand.')('');
  const [, version] = /^ffmpeg version n?(\d+\.\d+)/.exec(output) ?? [];
  return version === undefined ? Infinity : Number(version);
}

/** What ffmpeg says of a camera that refuses us, and of one that does not answer. */
const DENIED = /\b401\b|unauthori[sz]ed|\b403\b|forbidden/i;
const UNREACHABLE = /connection refused|timed out|no route to host|network is unreachable|failed to resolve/i;

/** The error for an ffmpeg that ended, by what it said. */
export function ffmpegFailed(what: string, hint: string) {
  return (complaint: string, complaints = complaint): FaceError => {
    const denied = DENIED.test(complaints);
    const unreachable = UNREACHABLE.test(complaints);
    return new FaceError({
      code: denied ? 'camera-access-denied' : unreachable ? 'camera-unreachable' : 'camera-failed',
      expected: `ffmpeg to read ${what}`,
      got: complaint === '' ? 'no picture' : complaint.slice(0, 200),
      hint: denied ? 'Check the user name and the password.' : hint,
    });
  };
}
