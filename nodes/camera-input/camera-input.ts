import { setTimeout as wait } from 'node:timers/promises';
import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import { describeValue, FaceError, toFaceError, type ErrorCode } from '../../src/errors';
import {
  type CameraConfig,
  createFrameSource,
  formatRate,
  type Frame,
  FrameRate,
  takeSnapshot,
} from '../../src/camera';
import type { FaceMessage } from '../shared/message';
import { readFields } from '../shared/options';
import { StatusLine } from '../shared/status-line';
import { whenStarted } from '../shared/when-started';

interface CameraNodeDef extends NodeDef {
  source?: CameraConfig['kind'];
  start?: 'deploy' | 'message';
  /** seconds until a source that failed is started again */
  restartDelay?: number | string;
  /** A video keeps its own size unless this is set. */
  resize?: boolean;
}

const COMMANDS = ['start', 'stop', 'snapshot'] as const;
type Command = (typeof COMMANDS)[number];

const RESTART_DELAY_S = 5;

/** Errors that waiting cannot cure: the source is not started again. */
const LASTING: readonly ErrorCode[] = [
  'camera-program-missing',
  'camera-device-invalid',
  'camera-source-missing',
  'option-invalid',
];

export default function register(RED: NodeAPI): void {
  function CameraInput(this: Node, config: CameraNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const text = (key: string, values?: Record<string, string | number>) =>
      RED._(`camera-input.status.${key}`, values);
    let running: { stop: AbortController; ended: Promise<void> } | undefined;
    const snapshots = new Set<AbortController>();
    /** Who waits for the next frame of a source that runs. */
    let waiting: ((frame: Frame) => void)[] = [];

    const start = () => {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = { stop, ended: run(stop.signal) };
    };
    const end = async () => {
      const ending = running;
      running = undefined;
      ending?.stop.abort();
      await ending?.ended;
    };

    /** Sends the frames of the source until it ends or is stopped; starts it again after a failure. */
    const run = async (signal: AbortSignal) => {
      while (!signal.aborted) {
        try {
          status.show({ fill: 'yellow', shape: 'ring', text: text('starting') });
          await sendFrames(signal);
          break;
        } catch (error) {
          const problem = toFaceError(error);
          this.error(problem, frameless());
          if (LASTING.includes(problem.code)) {
            status.show({ fill: 'red', shape: 'dot', text: text(problem.code) });
            running = undefined;
            return;
          }
          const { restartDelay = RESTART_DELAY_S } = readFields(config, { restartDelay: 'number' });
          status.show({ fill: 'yellow', shape: 'ring', text: text('retry', { seconds: restartDelay }) });
          await wait(restartDelay * 1000, undefined, { signal }).catch(() => undefined);
        }
      }
      if (signal.aborted) {
        status.show({ fill: 'grey', shape: 'ring', text: text('stopped') });
      } else {
        running = undefined;
        status.show({ fill: 'grey', shape: 'dot', text: text('ended') });
      }
    };

    const sendFrames = async (signal: AbortSignal) => {
      const rate = new FrameRate();
      for await (const frame of createFrameSource(readCamera())(signal)) {
        const { width, height } = frame;
        status.show({
          fill: 'green',
          shape: 'dot',
          text: text('running', { fps: formatRate(rate.count()), width, height }),
        });
        for (const deliver of waiting.splice(0)) deliver(frame);
        this.send(toMessage(frame));
      }
    };

    const takeOne = async (): Promise<Frame | undefined> => {
      const stop = new AbortController();
      snapshots.add(stop);
      try {
        return await takeSnapshot(readCamera(), stop.signal);
      } finally {
        snapshots.delete(stop);
      }
    };

    this.on('input', (message: NodeMessageInFlow, send, done) => {
      const obey = async (command: Command) => {
        if (command === 'start') start();
        else if (command === 'stop') await end();
        else if (running !== undefined) {
          waiting.push((frame) => send({ ...message, ...toMessage(frame) }));
        } else {
          const frame = await takeOne();
          if (frame === undefined) return;
          const { width, height } = frame;
          status.show({ fill: 'green', shape: 'ring', text: text('snapshot', { width, height }) });
          send({ ...message, ...toMessage(frame) });
        }
      };
      Promise.resolve()
        .then(() => obey(readCommand(message.payload)))
        .then(
          () => done(),
          (error: unknown) => {
            status.show({ fill: 'red', shape: 'ring', text: text('failed') });
            done(toFaceError(error));
          },
        );
    });

    this.on('close', (done: () => void) => {
      waiting = [];
      for (const stop of snapshots) stop.abort();
      void end().finally(() => {
        status.close();
        done();
      });
    });

    const readCamera = (): CameraConfig => {
      const fields = readFields(config, CAMERA_FIELDS);
      const {
        framesPerSecond,
        width,
        height,
        path = '',
        loop,
        device,
        skipFrames,
        realTime,
        ffmpeg,
      } = fields;
      const given = <T extends object>(values: T) =>
        Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
          [K in keyof T]?: Exclude<T[K], undefined>;
        };
      switch (config.source ?? 'scene') {
        case 'file':
          return {
            kind: 'file',
            path,
            onWarning: (warning) => this.warn(warning),
            ...given({ loop, framesPerSecond }),
          };
        case 'webcam':
          return { kind: 'webcam', ...given({ device, width, height, framesPerSecond, skipFrames }) };
        case 'video':
          return {
            kind: 'video',
            path,
            ...given({ loop, realTime, ffmpeg }),
            ...(config.resize === true ? given({ width, height, framesPerSecond }) : {}),
          };
        default:
          return { kind: 'scene', ...given({ framesPerSecond, width, height }) };
      }
    };

    const frameless = (): FaceMessage => ({ _msgid: RED.util.generateId(), ...topic() });
    const topic = () => (config.name ? { topic: config.name } : {});
    const toMessage = ({ image, ...frame }: Frame): FaceMessage => ({ payload: image, frame, ...topic() });

    if ((config.start ?? 'deploy') === 'deploy') whenStarted(RED, this, start);
    else status.show({ fill: 'grey', shape: 'ring', text: text('stopped') });
  }
  RED.nodes.registerType('camera-input', CameraInput);
}

const CAMERA_FIELDS = {
  framesPerSecond: 'number',
  width: 'number',
  height: 'number',
  path: 'string',
  device: 'string',
  ffmpeg: 'string',
  skipFrames: 'number',
  loop: 'boolean',
  realTime: 'boolean',
} as const;

/**
 * The command of a message; what is no text, such as an inject node's time stamp, asks for a picture.
 * @throws FaceError `command-unknown`
 */
function readCommand(payload: unknown): Command {
  if (typeof payload !== 'string') return 'snapshot';
  const command = COMMANDS.find((known) => known === payload.trim().toLowerCase());
  if (command !== undefined) return command;
  throw new FaceError({
    code: 'command-unknown',
    expected: `one of the commands ${COMMANDS.join(', ')} in msg.payload`,
    got: describeValue(payload),
    hint: 'Send one of them, or anything that is no text for a single picture.',
  });
}
