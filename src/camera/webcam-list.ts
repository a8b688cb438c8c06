import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { askProgram } from './child-program';
import { FFMPEG_HINT } from './ffmpeg';

/** One way in which a webcam can send pictures. */
export interface WebcamMode {
  /** As ffmpeg calls it: `mjpeg`, `yuyv422`; empty where the system does not tell. */
  format: string;
  width: number;
  height: number;
  /** Frames per second on offer, fastest first; empty where the system does not tell. */
  rates: number[];
}

export interface Webcam {
  /** What the camera sources take. */
  device: string;
  /** For people. */
  name: string;
  modes: WebcamMode[];
}

/** Where Linux tells of its video devices. */
export interface LinuxFolders {
  classes: string;
  byId: string;
  dev: string;
}

const LINUX: LinuxFolders = { classes: '/sys/class/video4linux', byId: '/dev/v4l/by-id', dev: '/dev' };

/** The webcams of this machine, with the sizes and rates that each offers. */
export async function listWebcams(ffmpeg = 'ffmpeg'): Promise<Webcam[]> {
  const ask = (parameters: string[]) => complaintsOf(ffmpeg, parameters);
  switch (process.platform) {
    case 'linux':
      return listLinuxWebcams(LINUX, (device) => askLinuxModes(device, ffmpeg));
    case 'darwin':
      // Asked for a size that no camera has, ffmpeg lists those that it has.
      return listByName(
        parseAvfoundationDevices(await ask(['-f', 'avfoundation', '-list_devices', 'true', '-i', ''])),
        async (name) =>
          parseAvfoundationModes(
            await ask(['-f', 'avfoundation', '-video_size', '1x1', '-i', `${name}:none`]),
          ),
      );
    case 'win32':
      return listByName(
        parseDshowDevices(await ask(['-f', 'dshow', '-list_devices', 'true', '-i', 'dummy'])),
        async (name) =>
          parseDshowModes(await ask(['-f', 'dshow', '-list_options', 'true', '-i', `video=${name}`])),
      );
    default:
      return [];
  }
}

/** Webcams that are known by their names alone. */
function listByName(
  names: readonly string[],
  modesOf: (name: string) => Promise<WebcamMode[]>,
): Promise<Webcam[]> {
  return Promise.all(names.map(async (name) => ({ device: name, name, modes: await modesOf(name) })));
}

/**
 * Linux's video devices that give pictures, by the name that stays when they are plugged in elsewhere.
 * @param modesOf asks a device for its modes; one without any gives no pictures (a camera's second device, a codec)
 */
export async function listLinuxWebcams(
  { classes, byId, dev }: LinuxFolders,
  modesOf: (device: string) => Promise<WebcamMode[]>,
): Promise<Webcam[]> {
  const names = (await namesIn(classes)).filter((name) => /^video\d+$/.test(name));
  const lasting = new Map<string, string>();
  for (const link of await namesIn(byId)) {
    const full = path.join(byId, link);
    lasting.set(path.basename(await realpath(full).catch(() => '')), full);
  }
  const webcams = await Promise.all(
    names
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map(async (video) => {
        const name = await readFile(path.join(classes, video, 'name'), 'utf8').catch(() => video);
        const device = lasting.get(video) ?? path.join(dev, video);
        return { device, name: name.trim(), modes: await modesOf(device) };
      }),
  );
  return webcams.filter(({ modes }) => modes.length > 0);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** v4l2-ctl tells rates, too; ffmpeg is there in any case. */
async function askLinuxModes(device: string, ffmpeg: string): Promise<WebcamMode[]> {
  try {
    const { output } = await askProgram({
      command: 'v4l2-ctl',
      parameters: ['--device', device, '--list-formats-ext'],
      hint: { name: 'v4l2-ctl', install: 'Install it (Debian: apt install v4l-utils).' },
    });
    return parseV4l2Modes(output);
  } catch {
    return parseFfmpegV4l2Modes(
      await complaintsOf(ffmpeg, ['-f', 'v4l2', '-list_formats', 'all', '-i', device]),
    );
  }
}

/** ffmpeg lists devices on its error output, and then fails. */
async function complaintsOf(ffmpeg: string, parameters: string[]): Promise<string> {
  const { complaints } = await askProgram({
    command: ffmpeg,
    parameters: ['-hide_banner', ...parameters],
    hint: FFMPEG_HINT,
  });
  return complaints;
}

/** Four-character codes of Video4Linux by ffmpeg's names; the others are not offered. */
const FOURCC: Record<string, string> = {
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  YUYV: 'yuyv422',
  UYVY: 'uyvy422',
  NV12: 'nv12',
  H264: 'h264',
};

/** Modes as `v4l2-ctl --list-formats-ext` writes them. */
export function parseV4l2Modes(text: string): WebcamMode[] {
  const modes: WebcamMode[] = [];
  let format = '';
  for (const line of text.split('\n')) {
    const [, code] = /^\s*\[\d+\]: '(\w+)'/.exec(line) ?? [];
    if (code !== undefined) format = FOURCC[code] ?? '';
    const [, width, height] = /Size: Discrete (\d+)x(\d+)/.exec(line) ?? [];
    if (width !== undefined && format !== '') {
      modes.push({ format, width: Number(width), height: Number(height), rates: [] });
    }
    const [, rate] = /\(([\d.]+) fps\)/.exec(line) ?? [];
    if (rate !== undefined && format !== '') modes.at(-1)?.rates.push(Number(rate));
  }
  return modes.map((mode) => ({ ...mode, rates: fastestFirst(mode.rates) }));
}

/** Modes as ffmpeg's `-list_formats all` writes them for v4l2. */
export function parseFfmpegV4l2Modes(text: string): WebcamMode[] {
  return text.split('\n').flatMap((line) => {
    const [, format = '', sizes = ''] =
      /(?:Raw|Compressed)\s*:\s*(\w+)\s*:.*?:((?:\s+\d+x\d+)+)/.exec(line) ?? [];
    return [...sizes.matchAll(/(\d+)x(\d+)/g)].map(([, width, height]) => ({
      format,
      width: Number(width),
      height: Number(height),
      rates: [],
    }));
  });
}

/** Cameras as ffmpeg's `-list_devices true` writes them for avfoundation. */
export function parseAvfoundationDevices(text: string): string[] {
  const [, video = ''] = /video devices:([\s\S]*?)(?:audio devices:|$)/i.exec(text) ?? [];
  return [...video.matchAll(/\] \[\d+\] (.+)/g)]
    .map(([, name = '']) => name.trim())
    .filter((name) => !name.startsWith('Capture screen'));
}

/** Modes as ffmpeg writes them for avfoundation when it was asked for one that is none. */
export function parseAvfoundationModes(text: string): WebcamMode[] {
  return [...text.matchAll(/(\d+)x(\d+)@\[([\d. ]+)\]fps/g)].map(([, width, height, rates = '']) => ({
    format: '',
    width: Number(width),
    height: Number(height),
    rates: fastestFirst(rates.trim().split(/\s+/).map(Number)),
  }));
}

/** Cameras as ffmpeg's `-list_devices true` writes them for dshow, in its older and its newer form. */
export function parseDshowDevices(text: string): string[] {
  const newer = [...text.matchAll(/"([^"]+)" \(video\)/g)];
  const [, older = ''] = /DirectShow video devices([\s\S]*?)(?:DirectShow audio devices|$)/.exec(text) ?? [];
  const found = newer.length > 0 ? newer : [...older.matchAll(/\]\s+"([^"@][^"]*)"/g)];
  return found.map(([, name = '']) => name);
}

/** Modes as ffmpeg's `-list_options true` writes them for dshow. */
export function parseDshowModes(text: string): WebcamMode[] {
  const modes = new Map<string, WebcamMode>();
  for (const [, codec, pixels, width, height, rate] of text.matchAll(
    /(?:vcodec=(\w+)|pixel_format=(\w+)).*?max s=(\d+)x(\d+) fps=([\d.]+)/g,
  )) {
    // Only a compressed format can be asked for by its codec.
    const format = codec ?? '';
    const key = `${codec ?? pixels} ${width}x${height}`;
    modes.set(key, { format, width: Number(width), height: Number(height), rates: [Number(rate)] });
  }
  return [...modes.values()];
}

const fastestFirst = (rates: number[]) =>
  [...new Set(rates.map((rate) => Number(rate.toFixed(2))))].sort((a, b) => b - a);
