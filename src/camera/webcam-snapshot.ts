import { readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import NodeWebcam from 'node-webcam';
import { FaceError } from '../errors';
import { endOnAbort, startProgram } from './child-program';
import type { Frame, FrameSource } from './frame';
import { type JpegFile, JpegSplitter } from './jpeg-stream';
import { pace } from './pace';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder';
import { checkDevice, webcamFailed } from './webcam-device';

/** A webcam, one picture at a time, through node-webcam (fswebcam on Linux, imagesnap on macOS). */
export interface WebcamSnapshotConfig {
  kind: 'snapshot';
  /** `/dev/video0`, `/dev/v4l/by-id/…`, fswebcam's `TEST:`; elsewhere the camera's name. Empty: the first. */
  device?: string;
  /** pixels @default 640 */
  width?: number;
  /** pixels @default 480 */
  height?: number;
  /** Pictures per second; each one starts a program, so that 1 or 2 is the most. @default 1 */
  framesPerSecond?: number;
  /** First frames of each picture to skip: they are dark until the exposure has settled. @default 10 */
  skipFrames?: number;
}

const MISSING = {
  name: process.platform === 'darwin' ? 'imagesnap' : 'fswebcam',
  install:
    process.platform === 'darwin'
      ? 'Install it (brew install imagesnap).'
      : 'Install it (Debian, Raspberry Pi OS: apt install fswebcam; Alpine: apk add fswebcam).',
};

/** Pictures of a webcam at an interval. Never queues: a picture that is due while another is taken is skipped. */
export function webcamSnapshots(config: WebcamSnapshotConfig): FrameSource {
  checkDevice(config.device);
  return (signal) => takeSnapshots(config, signal);
}

async function* takeSnapshots(
  config: WebcamSnapshotConfig,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, void> {
  const folder = await makeTemporaryFolder('webcam');
  try {
    for await (const sequence of pace(config.framesPerSecond ?? 1, signal)) {
      const picture = await takePicture(config, folder, signal);
      if (picture === undefined) return;
      const source = `webcam ${config.device || 'default'}`;
      yield { ...picture, sequence, timestamp: Date.now(), source };
    }
  } finally {
    await removeTemporaryFolder(folder);
  }
}

/**
 * One picture, through a file: fswebcam's in-memory mode gives its error output for the image. node-webcam builds the
 * command; the shell that runs it is replaced by the program, so that ending the child ends the program.
 * @returns undefined if `signal` was aborted meanwhile
 */
async function takePicture(
  config: WebcamSnapshotConfig,
  folder: string,
  signal: AbortSignal,
): Promise<JpegFile | undefined> {
  const { device = '', width = 640, height = 480, skipFrames = 10 } = config;
  const file = path.join(folder, 'picture.jpg');
  await rm(file, { force: true });
  const webcam = NodeWebcam.create({
    ...{ width, height, quality: 90, frames: 1, skip: skipFrames, output: 'jpeg', verbose: true },
    ...(device === '' ? {} : { device }),
  });
  const command = webcam.generateSh(file);
  const windows = process.platform === 'win32';
  const program = windows
    ? await startProgram({ command: 'cmd.exe', parameters: ['/d', '/s', '/c', command], hint: MISSING })
    : await startProgram({ command: '/bin/sh', parameters: ['-c', `exec ${command}`], hint: MISSING });
  const end = endOnAbort(program, signal);
  try {
    program.stdout.resume();
    const code = await program.ended;
    if (signal.aborted) return undefined;
    if (code === 127) throw programMissing();
    // fswebcam ends with 0 whatever happened: only the file tells.
    const image = await readFile(file).catch((error: unknown) => {
      throw webcamFailed(device, program.complaint(), program.complaints(), error);
    });
    const [whole] = new JpegSplitter().push(image);
    if (whole === undefined) throw cutOff(image.length);
    return whole;
  } finally {
    await end();
  }
}

/** Neither a program that was killed nor a full disk is told by the program's exit code. */
function cutOff(bytes: number): FaceError {
  return new FaceError({
    code: 'camera-failed',
    expected: `a whole picture from ${MISSING.name}`,
    got: `${bytes} bytes of one`,
    hint: `Check that the disk of ${os.tmpdir()} has room.`,
  });
}

function programMissing(): FaceError {
  return new FaceError({
    code: 'camera-program-missing',
    expected: `the program ${MISSING.name}`,
    got: 'none on the PATH',
    hint: MISSING.install,
  });
}
