import { checkOptions, numberIn } from '../check-options';
import { type ErrorCode, type FaceError, toFaceError } from '../errors';
import { type CameraConfig, createFrameSource, canStall } from './create-source';
import { type CameraFrame, type Frame, newRun } from './frame';
import { MotionGate } from './motion-gate';
import { stalled } from './snapshot';

export type CameraState = 'stopped' | 'starting' | 'running' | 'stalled' | 'reconnecting' | 'failed';

/** A camera's step from one state to another. */
export interface StateChange {
  state: CameraState;
  /** `reconnecting` only: ms until the source is started again. */
  retryInMs?: number;
  /** Why it is `stalled`, `reconnecting` or `failed`. */
  error?: FaceError;
  /** `stopped` only: the source had no more frames. */
  ended?: boolean;
}

export interface RunOptions {
  /** Silence in ms after which a source counts as stalled; at least three frame intervals. 0: never. */
  stallMs: number;
  /** ms until the first new start after a failure; doubled for each one after it. */
  restartDelayMs: number;
  /** The longest such delay, in ms. */
  maxRestartDelayMs: number;
  /** Starts in a row without success after which the camera is `failed`; 0: for ever. */
  maxRestarts: number;
  /** Least share of the picture in % that must change for a frame to be sent; 0: all are sent. */
  motionPercent: number;
}

export const DEFAULT_RUN_OPTIONS: Readonly<RunOptions> = {
  stallMs: 10_000,
  restartDelayMs: 1_000,
  maxRestartDelayMs: 60_000,
  maxRestarts: 0,
  motionPercent: 0,
};

/** Least and greatest value of each option, both allowed. */
export const RUN_RANGES = {
  stallMs: [0, 3_600_000],
  restartDelayMs: [100, 3_600_000],
  maxRestartDelayMs: [100, 3_600_000],
  maxRestarts: [0, 1_000_000],
  motionPercent: [0, 100],
} as const satisfies Record<keyof RunOptions, readonly [number, number]>;

export interface CameraListener {
  onFrame(frame: CameraFrame): void;
  onState(change: StateChange): void;
  /** Told of each failure once: not again while starting anew fails for the same reason. */
  onError(error: FaceError): void;
}

/** Part of a delay by which it is lengthened or shortened at random, so that many cameras do not return at once. */
const JITTER = 0.2;

/** Time in ms of running after which a new failure counts as the first again. */
const STEADY_MS = 10_000;

/** Frame intervals that may pass in silence, whatever the limit in ms: a slow camera is no stalled one. */
const STALL_INTERVALS = 3;

/** Errors that starting again cannot cure. */
const LASTING: readonly ErrorCode[] = [
  'path-not-allowed',
  'camera-program-missing',
  'camera-device-invalid',
  'camera-source-missing',
  'camera-address-blocked',
  'option-invalid',
];

/**
 * Runs one source for months: `stopped → starting → running`, from there through `stalled` and `reconnecting` back to
 * `starting` after a failure, with exponential backoff and jitter; `failed` when no new start can help.
 */
export class Camera {
  readonly #config: CameraConfig;
  readonly #options: RunOptions;
  readonly #listener: CameraListener;
  readonly #random: () => number;
  #run: { stop: AbortController; ended: Promise<void> } | undefined;
  #state: CameraState = 'stopped';
  readonly #runName = newRun();
  #sequence = 0;
  /** When the first frame of this start came. */
  #runningSince: number | undefined;

  /**
   * @param random 0 to 1, for tests
   * @throws FaceError `option-invalid`
   */
  constructor(
    config: CameraConfig,
    options: Partial<RunOptions>,
    listener: CameraListener,
    random: () => number = Math.random,
  ) {
    this.#config = config;
    this.#options = checkOptions(options, DEFAULT_RUN_OPTIONS, {
      stallMs: numberIn(RUN_RANGES.stallMs),
      restartDelayMs: numberIn(RUN_RANGES.restartDelayMs),
      maxRestartDelayMs: numberIn(RUN_RANGES.maxRestartDelayMs),
      maxRestarts: numberIn(RUN_RANGES.maxRestarts),
      motionPercent: numberIn(RUN_RANGES.motionPercent),
    });
    this.#listener = listener;
    this.#random = random;
  }

  get state(): CameraState {
    return this.#state;
  }

  /** True from `start` until the source has ended, has failed for good, or was stopped. */
  get active(): boolean {
    return this.#run !== undefined;
  }

  /** Starts the source, unless it is active. */
  start(): void {
    if (this.#run !== undefined) return;
    const stop = new AbortController();
    this.#run = { stop, ended: this.#keepRunning(stop.signal) };
  }

  /** Stops the source and waits until nothing of it is left. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.stop.abort();
    await run.ended;
    if (!this.active) this.#change({ state: 'stopped' });
  }

  async #keepRunning(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let told: string | undefined;
    for (;;) {
      this.#runningSince = undefined;
      const error = await this.#readOnce(signal);
      if (signal.aborted) return;
      if (error === undefined) {
        this.#finish({ state: 'stopped', ended: true });
        return;
      }
      if (this.#ranMs() > STEADY_MS) failures = 0;
      failures++;
      if (failures === 1 || error.message !== told) this.#listener.onError(error);
      told = error.message;
      const { maxRestarts } = this.#options;
      if (LASTING.includes(error.code) || (maxRestarts > 0 && failures > maxRestarts)) {
        this.#finish({ state: 'failed', error });
        return;
      }
      const retryInMs = this.#delay(error.code, failures);
      this.#change({ state: 'reconnecting', error, retryInMs });
      if (!(await wait(retryInMs, signal))) return;
    }
  }

  /** Runs the source until it ends; the error with which it did, if with one. */
  async #readOnce(signal: AbortSignal): Promise<FaceError | undefined> {
    this.#change({ state: 'starting' });
    const watch = new StallWatch(this.#stallMs());
    const gate = this.#options.motionPercent > 0 ? new MotionGate(this.#options.motionPercent) : undefined;
    const first = this.#sequence;
    let missed = { dropped: 0, unchanged: 0 };
    try {
      watch.feed();
      const alive = () => watch.feed();
      for await (const frame of createFrameSource(this.#config)(
        AbortSignal.any([signal, watch.signal]),
        alive,
      )) {
        watch.feed();
        missed.dropped += first + frame.sequence - this.#sequence;
        this.#sequence = first + frame.sequence + 1;
        this.#markRunning();
        if (gate !== undefined && !(await passes(gate, frame))) missed.unchanged++;
        else {
          if (signal.aborted) return undefined;
          this.#listener.onFrame({
            ...frame,
            ...{ run: this.#runName, sequence: first + frame.sequence, ...missed },
          });
          missed = { dropped: 0, unchanged: 0 };
        }
      }
    } catch (error) {
      return toFaceError(error);
    } finally {
      watch.close();
    }
    if (!watch.signal.aborted || signal.aborted) return undefined;
    const error = stalled(watch.limitMs);
    this.#change({ state: 'stalled', error });
    return error;
  }

  #stallMs(): number {
    const { stallMs } = this.#options;
    if (stallMs === 0 || !canStall(this.#config)) return Infinity;
    const { framesPerSecond = 0 } = this.#config as { framesPerSecond?: number };
    return framesPerSecond > 0 ? Math.max(stallMs, (STALL_INTERVALS * 1000) / framesPerSecond) : stallMs;
  }

  /** ms until the next start. A wrong password is not tried often: cameras lock an account that is. */
  #delay(code: ErrorCode, failures: number): number {
    const { restartDelayMs, maxRestartDelayMs } = this.#options;
    const longest = Math.max(restartDelayMs, maxRestartDelayMs);
    const delay =
      code === 'camera-access-denied' ? longest : Math.min(longest, restartDelayMs * 2 ** (failures - 1));
    return Math.round(delay * (1 + JITTER * (2 * this.#random() - 1)));
  }

  /** How long this start has run, in ms: not before its first frame. */
  #ranMs(): number {
    return this.#runningSince === undefined ? 0 : performance.now() - this.#runningSince;
  }

  #markRunning(): void {
    this.#runningSince ??= performance.now();
    if (this.#state !== 'running') this.#change({ state: 'running' });
  }

  #finish(change: StateChange): void {
    this.#run = undefined;
    this.#change(change);
  }

  #change(change: StateChange): void {
    this.#state = change.state;
    this.#listener.onState(change);
  }
}

/** A frame that cannot be read is sent on: its reader reports it better. */
async function passes(gate: MotionGate, { image }: Frame): Promise<boolean> {
  return gate.passes(image).catch(() => true);
}

/** Aborts its signal when it has not been fed for a while. */
class StallWatch {
  readonly limitMs: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #fedAt = 0;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  feed(): void {
    if (this.limitMs === Infinity) return;
    this.#fedAt = performance.now();
    this.#timer ??= setTimeout(() => this.#look(), this.limitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** One timer for many frames: it looks when the last one came. */
  #look(): void {
    const left = this.#fedAt + this.limitMs - performance.now();
    if (left > 0) this.#timer = setTimeout(() => this.#look(), left);
    else {
      // A process that was busy so long may have pictures waiting: they are read first.
      const seen = this.#fedAt;
      this.#timer = setTimeout(() => {
        if (this.#fedAt === seen) this.#controller.abort();
        else this.#look();
      }, 0);
    }
  }
}

/** Resolves true after `ms`, false when `signal` is aborted before. */
function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const abort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
