import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { FaceError, toFaceError } from '../../src/errors';
import {
  Camera,
  type CameraConfig,
  type CameraFrame,
  deviceOf,
  formatRate,
  type Frame,
  FrameRate,
  PushedFrames,
  type StateChange,
  takeSnapshot,
} from '../../src/camera';
import { cleanPath } from '../shared/http-paths';
import type { FaceMessage } from '../shared/message';
import { StatusLine } from '../shared/status-line';
import { whenStarted } from '../shared/when-started';
import { addAdminRoutes } from './admin-routes';
import { BrowserCamera } from './browser-camera';
import { holdDevice, releaseDevice } from './held-devices';
import { type Command, readCommand } from './read-command';
import {
  type CameraCredentials,
  type CameraNodeDef,
  readBrowserOptions,
  readRunOptions,
  readSource,
} from './read-config';

/** How long a message waits for the next picture of a camera that is starting again, in ms. */
const NEXT_FRAME_DEADLINE_MS = 20_000;

/** Who waits for the next frame. */
interface Waiting {
  resolve: (frame: Frame) => void;
  reject: (error: Error) => void;
}

export default function register(RED: NodeAPI): void {
  addAdminRoutes(RED);

  function CameraInput(this: Node<CameraCredentials>, config: CameraNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new StatusLine(this);
    const text = (key: string, values?: Record<string, string | number>) =>
      RED._(`camera-input.status.${key}`, values);
    const label = config.name || text('unnamed', { id: this.id });
    const frames = new PushedFrames();
    let browser: BrowserCamera | undefined;
    let camera: Camera | undefined;
    let device: string | undefined;
    let rate = new FrameRate();
    let droppedInAll = 0;
    /** What a message has named instead of the dialog's source. */
    let instead: string | undefined;
    let closed = false;
    const waiting = new Set<Waiting>();
    let snapshot: { stop: AbortController; frame: Promise<Frame | undefined> } | undefined;
    /** Commands are obeyed one after the other. */
    let obeyed = Promise.resolve();

    const readCamera = (): CameraConfig =>
      readSource(config, {
        credentials: this.credentials,
        frames,
        instead,
        warn: (warning) => this.warn(warning),
      });

    /** Takes the device for this node, and starts the source. */
    const start = () => {
      if (camera?.active === true || closed) return;
      const source = readCamera();
      hold(source);
      rate = new FrameRate();
      camera = new Camera(source, readRunOptions(config), { onFrame, onState, onError });
      camera.start();
    };

    const stop = async () => {
      await camera?.stop();
      camera = undefined;
      release();
    };

    const hold = (source: CameraConfig) => {
      const wanted = deviceOf(source);
      if (wanted !== undefined) holdDevice(wanted, { id: this.id, label });
      device = wanted;
    };
    const release = () => {
      if (device !== undefined) releaseDevice(device, this.id);
      device = undefined;
    };

    const onFrame = (frame: CameraFrame) => {
      droppedInAll += frame.dropped;
      const { width, height } = frame;
      const fps = formatRate(rate.count());
      const key = droppedInAll > 0 ? 'runningDropped' : 'running';
      status.show({
        fill: 'green',
        shape: 'dot',
        text: text(key, { fps, width, height, dropped: droppedInAll }),
      });
      for (const { resolve } of waiting) resolve(frame);
      waiting.clear();
      this.send(toMessage(frame));
    };

    const onState = (change: StateChange) => {
      showState(change);
      browser?.setState(change.state);
      if (change.state === 'stopped' || change.state === 'failed') {
        release();
        const reason =
          change.error ??
          new FaceError({ ...NO_PICTURE, got: `the camera ${change.ended ? 'at its end' : 'stopped'}` });
        for (const { reject } of waiting) reject(reason);
        waiting.clear();
      }
      if (Number(config.outputs) === 2) this.send([null, toStateMessage(change)]);
    };

    const onError = (error: FaceError) => this.error(error, { _msgid: RED.util.generateId(), ...topic() });

    const showState = ({ state, ended, error, retryInMs = 0 }: StateChange) => {
      const seconds = Math.round(retryInMs / 100) / 10;
      switch (state) {
        case 'starting':
          status.show({
            fill: 'yellow',
            shape: 'ring',
            text: text(config.source === 'browser' ? 'waiting' : 'starting'),
          });
          break;
        case 'stalled':
          status.show({ fill: 'yellow', shape: 'dot', text: text('stalled') });
          break;
        case 'reconnecting':
          status.show({ fill: 'yellow', shape: 'ring', text: text('retry', { seconds }) });
          break;
        case 'failed':
          showFailure(error);
          break;
        case 'stopped':
          status.show({
            fill: 'grey',
            shape: ended === true ? 'dot' : 'ring',
            text: text(ended === true ? 'ended' : 'stopped'),
          });
          break;
        case 'running': // each frame tells
      }
    };
    const showFailure = (error?: FaceError) => {
      const known =
        error !== undefined && (error.code.startsWith('camera-') || error.code === 'option-invalid');
      status.show({ fill: 'red', shape: 'dot', text: text(known ? error.code : 'failed') });
    };

    /** The next frame of a camera that runs, or a picture of one that does not. */
    const takePicture = async (): Promise<Frame | undefined> => {
      if (camera?.active === true) return nextFrame();
      if (snapshot === undefined) {
        const source = readCamera();
        hold(source);
        const stopping = new AbortController();
        const taken = takeSnapshot(source, stopping.signal).finally(() => {
          snapshot = undefined;
          release();
        });
        snapshot = { stop: stopping, frame: taken };
      }
      // Those who ask meanwhile get the same picture: the device can give no second one.
      return snapshot.frame;
    };

    const nextFrame = () =>
      new Promise<Frame>((resolve, reject) => {
        const entry: Waiting = {
          resolve: (frame) => {
            clearTimeout(timer);
            resolve(frame);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        const timer = setTimeout(() => {
          waiting.delete(entry);
          reject(new FaceError({ ...NO_PICTURE, got: `none for ${NEXT_FRAME_DEADLINE_MS / 1000} s` }));
        }, NEXT_FRAME_DEADLINE_MS);
        waiting.add(entry);
      });

    const obey = async (command: Exclude<Command, { name: 'snapshot' }>) => {
      if (command.name === 'stop') await stop();
      else if (command.name === 'switch') {
        await stop();
        droppedInAll = 0;
        instead = command.source;
        start();
      } else start();
    };

    this.on('input', (message: NodeMessageInFlow, send, done) => {
      const work = async () => {
        // Faces that the flow sends back are for the page that the picture came from.
        if (Array.isArray(message.payload) && browser !== undefined) browser.showFaces(message);
        else {
          const command = readCommand(message.payload);
          if (command.name !== 'snapshot') {
            obeyed = obeyed.catch(() => undefined).then(() => obey(command));
            await obeyed;
          } else {
            const frame = await takePicture();
            if (frame === undefined) return;
            const { width, height } = frame;
            if (camera === undefined)
              status.show({ fill: 'green', shape: 'ring', text: text('snapshot', { width, height }) });
            send({ ...message, ...toMessage({ ...frame, dropped: 0, unchanged: 0 }) });
          }
        }
      };
      work().then(
        () => done(),
        (error: unknown) => {
          const problem = toFaceError(error);
          if (!closed && camera?.active !== true) showFailure(problem);
          done(closed ? undefined : problem);
        },
      );
    });

    this.on('close', (done: () => void) => {
      closed = true;
      snapshot?.stop.abort();
      void stop()
        .then(() => snapshot?.frame.catch(() => undefined))
        .finally(() => {
          browser?.close();
          status.close();
          done();
        });
    });

    const topic = () => (config.name ? { topic: config.name } : {});
    const toMessage = ({ image, ...frame }: CameraFrame): FaceMessage => ({
      payload: image,
      frame,
      ...topic(),
    });
    const toStateMessage = ({ state, error, retryInMs }: StateChange) => ({
      payload: state,
      state: {
        state,
        timestamp: Date.now(),
        ...(retryInMs === undefined ? {} : { retryInMs }),
        ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      },
      ...topic(),
    });

    const openBrowserCamera = () =>
      new BrowserCamera(RED, {
        nodeId: this.id,
        path: cleanPath(config.browserPath) || '/camera',
        ...readBrowserOptions(config),
        frames,
        onClients: (count) => {
          if (count === 0 && camera?.active === true)
            status.show({ fill: 'yellow', shape: 'ring', text: text('waiting') });
        },
        onError,
      });

    const begin = () => {
      try {
        if (config.source === 'browser') browser = openBrowserCamera();
        if ((config.start ?? 'deploy') === 'deploy') start();
        else showState({ state: 'stopped' });
      } catch (error) {
        const problem = toFaceError(error);
        showFailure(problem);
        onError(problem);
      }
    };
    whenStarted(RED, this, begin);
  }

  RED.nodes.registerType<Node<CameraCredentials>, CameraNodeDef, object, CameraCredentials>(
    'camera-input',
    CameraInput,
    {
      credentials: { username: { type: 'text' }, password: { type: 'password' } },
    },
  );
}

const NO_PICTURE = {
  code: 'camera-stalled',
  expected: 'a picture of the camera',
  got: 'none',
  hint: 'Look at the status of the camera node; send start if it is stopped.',
} as const;
