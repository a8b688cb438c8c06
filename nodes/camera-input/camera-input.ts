import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { type FaceError, toFaceError } from '../../src/errors';
import {
  Camera,
  type CameraConfig,
  type CameraFrame,
  deviceOf,
  formatRate,
  type Frame,
  FrameRate,
  newRun,
  PushedFrames,
  type StateChange,
  takeSnapshot,
} from '../../src/camera';
import { cleanPath } from '../shared/http-paths';
import type { FaceMessage } from '../shared/message';
import { allowedFolder, blockedAddresses } from '../shared/message-limits';
import { StatusLine } from '../shared/status-line';
import { writeUserProperties } from '../shared/user-properties';
import { whenStarted } from '../shared/when-started';
import { addAdminRoutes } from './admin-routes';
import { BrowserCamera } from './browser-camera';
import { holdDevice, releaseDevice } from './held-devices';
import { NextFrame, noPicture } from './next-frame';
import { type Command, readCommand } from './read-command';
import {
  type CameraCredentials,
  type CameraNodeDef,
  readBrowserOptions,
  readRunOptions,
  readSource,
} from './read-config';
import { failureStatus, stateStatus } from './state-status';

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
    const next = new NextFrame();
    let snapshot: { stop: AbortController; frame: Promise<Frame | undefined> } | undefined;
    /** Commands are obeyed one after the other. */
    let obeyed = Promise.resolve();

    const readCamera = (): CameraConfig =>
      readSource(config, {
        credentials: this.credentials,
        frames,
        instead:
          instead === undefined
            ? undefined
            : { source: instead, blocked: blockedAddresses(RED), allowedFolder: allowedFolder(RED) },
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
      next.give(frame);
      this.send(toMessage(frame));
    };

    const onState = (change: StateChange) => {
      showState(change);
      browser?.setState(change.state);
      if (change.state === 'stopped' || change.state === 'failed') {
        release();
        next.end(change.error ?? noPicture(`the camera ${change.ended ? 'at its end' : 'stopped'}`));
      }
      if (Number(config.outputs) === 2) this.send([null, toStateMessage(change)]);
    };

    const onError = (error: FaceError) => this.error(error, { _msgid: RED.util.generateId(), ...topic() });

    const showState = (change: StateChange) => {
      const shown = stateStatus(change, text, config.source);
      if (shown !== undefined) status.show(shown);
    };

    /** The next frame of a camera that runs, or a picture of one that does not. */
    const takePicture = async (): Promise<Frame | undefined> => {
      if (camera?.active === true) return next.wait();
      if (snapshot === undefined) {
        const source = readCamera();
        hold(source);
        const stopping = new AbortController();
        const taken = takeSnapshot(source, stopping.signal).finally(() => {
          snapshot = undefined;
          // The camera that was started meanwhile has the device now.
          if (camera?.active !== true) release();
        });
        snapshot = { stop: stopping, frame: taken };
      }
      // Those who ask meanwhile get the same picture: the device can give no second one.
      return snapshot.frame;
    };

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
            send(toMessage({ ...frame, run: newRun(), dropped: 0, unchanged: 0 }, message));
          }
        }
      };
      work().then(
        () => done(),
        (error: unknown) => {
          const problem = toFaceError(error);
          if (!closed && camera?.active !== true) status.show(failureStatus(problem, text));
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
    const toMessage = ({ image, ...frame }: CameraFrame, asked: FaceMessage = {}): FaceMessage => {
      const message: FaceMessage = { ...asked, payload: image, frame, ...topic() };
      writeUserProperties(message);
      return message;
    };
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
        status.show(failureStatus(problem, text));
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
