import type { BlockList } from 'node:net';
import type { NodeDef } from 'node-red';
import {
  type CameraConfig,
  type CameraKind,
  DEFAULT_RUN_OPTIONS,
  type PushedFrames,
  type RunOptions,
  sourceOf,
} from '../../src/camera';
import { readFields } from '../shared/options';

/** The dialog's fields, as Node-RED keeps them. */
export interface CameraNodeDef extends NodeDef {
  source?: CameraKind;
  start?: 'deploy' | 'message';
  /** A video, a network camera or a webcam keeps its own size and rate unless this is set. */
  resize?: boolean;
  /** HTTP path of the browser camera's page. */
  browserPath?: string;
  /** 2: the second one tells of the camera's states. */
  outputs?: number | string;
}

/** What Node-RED keeps apart from the flow, and encrypted. */
export interface CameraCredentials {
  username?: string;
  password?: string;
}

const FIELDS = {
  framesPerSecond: 'number',
  width: 'number',
  height: 'number',
  path: 'string',
  address: 'string',
  device: 'string',
  inputFormat: 'string',
  ffmpeg: 'string',
  ffmpegOptions: 'string',
  transport: 'string',
  skipFrames: 'number',
  loop: 'boolean',
  realTime: 'boolean',
  dropWhenBusy: 'boolean',
  hardwareDecoding: 'boolean',
  keyFramesOnly: 'boolean',
} as const;

const RUN_FIELDS = {
  stallAfter: 'number',
  restartDelay: 'number',
  maxRestartDelay: 'number',
  maxRestarts: 'number',
  motionPercent: 'number',
} as const;

const BROWSER_FIELDS = {
  framesPerSecond: 'number',
  width: 'number',
  height: 'number',
  maxClients: 'number',
} as const;

/** Pictures of a browser camera, where the dialog tells nothing else. */
const BROWSER_DEFAULTS = { framesPerSecond: 10, width: 640, height: 480, maxClients: 4 };

/** A source that a message names: unlike the dialog's, it may not be anywhere. */
export interface MessageSource {
  source: string;
  blocked: BlockList;
  allowedFolder: string | undefined;
}

export interface SourceConfig {
  credentials: CameraCredentials;
  /** Where a browser camera's pictures arrive. */
  frames: PushedFrames;
  /** What a message has named instead of the dialog's source. */
  instead: MessageSource | undefined;
  warn: (text: string) => void;
}

/**
 * The source of the dialog, or the one that a message named, with the dialog's sizes and rates.
 * @throws FaceError `option-invalid`
 */
export function readSource(
  config: CameraNodeDef,
  { credentials, frames, instead, warn }: SourceConfig,
): CameraConfig {
  const { framesPerSecond, width, height, path = '', address = '', ...fields } = readFields(config, FIELDS);
  const { loop, device, inputFormat, skipFrames, realTime, dropWhenBusy } = fields;
  const { ffmpeg, ffmpegOptions, hardwareDecoding, keyFramesOnly } = fields;
  const rate = given({ framesPerSecond });
  const size = given({ width, height });
  const program = given({ ffmpeg, ffmpegOptions });
  const resized = config.resize === true ? { ...rate, ...size } : {};
  // A name and password are for the address in the dialog, and for no other that a message may bring.
  const login = instead === undefined ? given({ ...credentials }) : {};
  const notAt = instead === undefined ? {} : { blocked: instead.blocked };
  const only = given({ allowedFolder: instead?.allowedFolder });
  const transport = fields.transport === 'udp' ? 'udp' : 'tcp';
  const named: CameraConfig =
    instead !== undefined
      ? sourceOf(instead.source)
      : namedSource(config.source ?? 'scene', { path, address, device, frames });
  switch (named.kind) {
    case 'scene':
      return { ...named, ...rate, ...size };
    case 'webcam':
      return { ...named, ...given({ inputFormat }), ...program, ...resized };
    case 'snapshot':
      return { ...named, ...rate, ...size, ...given({ skipFrames }) };
    case 'rpicam':
      return { ...named, ...rate, ...size };
    case 'rtsp':
      return {
        ...named,
        ...login,
        ...notAt,
        transport,
        ...given({ hardwareDecoding, keyFramesOnly }),
        ...program,
        ...resized,
      };
    case 'http':
      return { ...named, ...login, ...notAt, ...rate };
    case 'video':
      return { ...named, ...only, ...given({ loop, realTime, dropWhenBusy }), ...program, ...resized };
    case 'file':
      return { ...named, ...only, ...given({ loop }), ...rate, onWarning: warn };
    case 'watch':
      return { ...named, onWarning: warn };
    case 'browser':
      return named;
  }
}

function namedSource(
  kind: CameraKind,
  {
    path,
    address,
    device,
    frames,
  }: { path: string; address: string; device: string | undefined; frames: PushedFrames },
): CameraConfig {
  switch (kind) {
    case 'video':
    case 'file':
    case 'watch':
      return { kind, path };
    case 'rtsp':
    case 'http':
      return { kind, address };
    case 'webcam':
    case 'snapshot':
    case 'rpicam':
      return { kind, ...given({ device }) };
    case 'browser':
      return { kind, frames };
    case 'scene':
      return { kind };
    default:
      return { kind }; // the library tells what is wrong with it
  }
}

/** How the source is watched and started again: seconds in the dialog, milliseconds in the library. */
export function readRunOptions(config: CameraNodeDef): RunOptions {
  const { stallAfter, restartDelay, maxRestartDelay, ...others } = readFields(config, RUN_FIELDS);
  const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  return {
    ...DEFAULT_RUN_OPTIONS,
    ...given({
      stallMs: ms(stallAfter),
      restartDelayMs: ms(restartDelay),
      maxRestartDelayMs: ms(maxRestartDelay),
      ...others,
    }),
  };
}

/** Rate, size and number of the browsers of a browser camera. */
export function readBrowserOptions(config: CameraNodeDef): typeof BROWSER_DEFAULTS {
  return { ...BROWSER_DEFAULTS, ...readFields(config, BROWSER_FIELDS) };
}

/** An object without the values that are not given. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>; // what was undefined is gone
  };
}
