import { describeValue, FaceError } from '../errors';
import { endOnAbort, startProgram } from './child-program';
import type { Frame, FrameSource } from './frame';
import { imageSize } from './image-size';
import { programFrames } from './program-frames';

/** The camera of a Raspberry Pi, through the programs rpicam-vid and rpicam-jpeg. */
export interface RaspberryPiConfig {
  kind: 'rpicam';
  /** Number of the camera: 0, 1, … @default '0' */
  device?: string;
  /** pixels @default 640 */
  width?: number;
  /** pixels @default 480 */
  height?: number;
  /** @default 10 */
  framesPerSecond?: number;
}

/** Time in ms that the exposure gets before a single picture: rpicam-jpeg's own default of 5 s is made for people. */
const SETTLE_MS = 1_000;

const HINT = {
  name: 'rpicam-vid',
  install: 'Install it (Raspberry Pi OS: apt install rpicam-apps-lite).',
};

/** Pictures of a Raspberry Pi's camera. @throws FaceError `camera-device-invalid` */
export function raspberryPiCamera(config: RaspberryPiConfig): FrameSource {
  const camera = cameraNumber(config);
  return (signal) => readCamera(camera, config, signal);
}

async function* readCamera(
  camera: string,
  config: RaspberryPiConfig,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const { framesPerSecond = 10 } = config;
  yield* programFrames(
    {
      command: 'rpicam-vid',
      parameters: [
        ...['--timeout', '0', '--nopreview', '--flush'],
        ...['--codec', 'mjpeg', '--framerate', String(framesPerSecond)],
        ...common(camera, config),
      ],
      hint: HINT,
      source: sourceName(camera),
      live: true,
      failure: (complaint, complaints) => noCamera(camera, complaint, complaints),
    },
    signal,
  );
}

/**
 * One picture, through rpicam-jpeg.
 * @returns undefined if `signal` was aborted meanwhile
 */
export async function raspberryPiPicture(
  config: RaspberryPiConfig,
  signal: AbortSignal,
): Promise<Frame | undefined> {
  const camera = cameraNumber(config);
  const program = await startProgram({
    command: 'rpicam-jpeg',
    parameters: ['--timeout', String(SETTLE_MS), '--nopreview', ...common(camera, config)],
    hint: { ...HINT, name: 'rpicam-jpeg' },
  });
  const end = endOnAbort(program, signal);
  try {
    const chunks: Buffer[] = [];
    // A pipe without an encoding gives Buffers.
    for await (const chunk of program.stdout) chunks.push(chunk as Buffer);
    const code = await program.ended;
    const image = Buffer.concat(chunks);
    if (code !== 0 || image.length === 0) throw noCamera(camera, program.complaint(), program.complaints());
    const size = await imageSize(image);
    return { image, sequence: 0, timestamp: Date.now(), ...size, source: sourceName(camera) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    await end();
  }
}

const sourceName = (camera: string) => `rpicam ${camera}`;

const common = (camera: string, { width = 640, height = 480 }: RaspberryPiConfig) => [
  ...['--camera', camera, '--width', String(width), '--height', String(height)],
  ...['--output', '-'],
];

function cameraNumber({ device = '' }: RaspberryPiConfig): string {
  if (device === '') return '0';
  if (/^\d$/.test(device)) return device;
  throw new FaceError({
    code: 'camera-device-invalid',
    expected: 'the number of a camera: 0, 1, …',
    got: describeValue(device),
    hint: '`rpicam-hello --list-cameras` lists them.',
  });
}

function noCamera(camera: string, complaint: string, complaints: string): FaceError {
  const busy = /busy|in use/i.test(complaints);
  return new FaceError({
    code: busy ? 'camera-device-busy' : 'camera-device-missing',
    expected: `a picture from the Raspberry Pi’s camera ${camera}`,
    got: complaint === '' ? 'none' : complaint.slice(0, 200),
    hint: busy
      ? 'Another program holds the camera: end it, or take the pictures from the node that has them by a wire.'
      : 'Check the ribbon cable, and that `rpicam-hello --list-cameras` shows the camera.',
  });
}
