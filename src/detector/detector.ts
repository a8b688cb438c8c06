import { setTimeout as wait } from 'node:timers/promises';
import type { Detection, EngineName } from '../detection';
import { describeValue, FaceError, messageOf } from '../errors';
import { readImage } from '../image/read-image';
import { type DetectOptions, resolveOptions } from '../mtcnn/options';
import type { Rejection } from '../mtcnn/rejections';
import { isNativeInstalled } from '../networks/native';
import { closed, DetectorProcess } from './detector-process';
import type { DetectAnswer, VideoRequest } from './protocol';
import type { VideoFrame } from './video-mode';

/** How detector processes are run; every property is optional. */
export interface DetectorConfig {
  /** `auto`: native where it is installed and loads, else WASM. @default 'auto' */
  engine?: 'auto' | EngineName;
  /** Images that are searched at the same time, each in a process of its own. @default 1 */
  processes?: number;
  /** Longest time for one image in ms; a process that exceeds it is ended and started anew. @default 30000 */
  deadlineMs?: number;
  /** Environment variables of the processes, beside those of this one, such as TensorFlow's. */
  environment?: Readonly<Record<string, string>>;
  /** Told, once each, what a user should know: why `auto` fell back to WASM. */
  onWarning?: (text: string) => void;
}

/** A detection with the candidates that a threshold just rejected, surest first. */
export interface ExplainedDetection extends Detection {
  rejected: Rejection[];
}

/** Finds faces in child processes: whatever happens there, this process goes on. */
export interface Detector {
  /** The engine in use: for `auto`, the one that loaded. */
  readonly engine: EngineName;
  /** Images that are searched at the same time. */
  readonly processes: number;
  /** Process ids of the children that are ready. */
  readonly pids: readonly number[];
  /**
   * Finds the faces of one image, in any form of the message contract. Calls beyond the number of processes wait.
   * @param frame of a {@link VideoMode}: faces of the frame before are followed, at a fraction of the time
   * @throws FaceError of the image, of an option, `detector-crashed`, `detector-timeout`, `detector-closed`
   */
  detect(image: unknown, options?: DetectOptions, frame?: VideoFrame): Promise<Detection>;
  /**
   * The same, and what R-Net and O-Net just reject: for those who choose thresholds.
   * @throws FaceError as `detect`
   */
  explain(image: unknown, options?: DetectOptions): Promise<ExplainedDetection>;
  /** Ends all processes; waiting calls fail with `detector-closed`. */
  close(): Promise<void>;
}

const DEFAULT_DEADLINE_MS = 30_000;
const MOST_PROCESSES = 64;

/** Pause in ms before a process is started again that did not start, while others serve; doubled each time. */
const PAUSE_MS = { first: 1_000, longest: 30_000 } as const;

/** Crashes in a row after which `auto` gives native up: one may be chance, a second is not. */
const CRASHES_BEFORE_FALLBACK = 2;

/**
 * Starts the processes and waits until each has loaded its networks.
 * @throws FaceError `engine-unavailable` if the engine that was asked for does not load, `option-invalid`
 */
export async function createDetector(config: DetectorConfig = {}): Promise<Detector> {
  const { engine = 'auto', processes = 1, deadlineMs = DEFAULT_DEADLINE_MS } = config;
  if (!['auto', 'wasm', 'native'].includes(engine)) throw invalid('engine', 'auto, wasm or native', engine);
  if (!Number.isInteger(processes) || processes < 1 || processes > MOST_PROCESSES) {
    throw invalid('processes', `a whole number from 1 to ${MOST_PROCESSES}`, processes);
  }
  if (!(deadlineMs >= 1)) throw invalid('deadlineMs', 'a number of milliseconds, at least 1', deadlineMs);
  const pool = new DetectorPool({
    engine: engine === 'auto' ? (isNativeInstalled() ? 'native' : 'wasm') : engine,
    mayFallBack: engine === 'auto',
    processes,
    deadlineMs,
    environment: config.environment ?? {},
    onWarning: config.onWarning ?? ((text) => process.emitWarning(text)),
  });
  await pool.start();
  return pool;
}

interface PoolConfig {
  engine: EngineName;
  mayFallBack: boolean;
  processes: number;
  deadlineMs: number;
  environment: Readonly<Record<string, string>>;
  onWarning: (text: string) => void;
}

/** The processes, those of them that are idle, and who waits for one. */
class DetectorPool implements Detector {
  readonly #config: PoolConfig;
  #engine: EngineName;
  #members: DetectorProcess[] = [];
  #idle: DetectorProcess[] = [];
  #waiting: { resolve: (member: DetectorProcess) => void; reject: (error: FaceError) => void }[] = [];
  #crashesInARow = 0;
  #closed = false;

  constructor(config: PoolConfig) {
    this.#config = config;
    this.#engine = config.engine;
    this.#fill();
  }

  get engine(): EngineName {
    return this.#engine;
  }

  get processes(): number {
    return this.#config.processes;
  }

  get pids(): number[] {
    return this.#members.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  }

  async start(): Promise<void> {
    try {
      await this.#startAll();
    } catch (error) {
      if (!this.#canFallBack()) {
        await this.close();
        throw error;
      }
      this.#fallBack(error);
      await this.#startAll();
    }
  }

  async detect(image: unknown, options?: DetectOptions, frame?: VideoFrame): Promise<Detection> {
    const video = frame && (frame.hint === undefined ? {} : { hint: frame.hint });
    const answer = await this.#ask(image, options, video);
    frame?.take(answer);
    return answer.detection;
  }

  async explain(image: unknown, options?: DetectOptions): Promise<ExplainedDetection> {
    const { detection, rejected = [] } = await this.#ask(image, options, undefined, true);
    return { ...detection, rejected };
  }

  /** One image for the next process that is idle. */
  async #ask(
    image: unknown,
    options: DetectOptions | undefined,
    video?: VideoRequest,
    explain = false,
  ): Promise<DetectAnswer> {
    const resolved = resolveOptions(options);
    const source = await readImage(image);
    const member = await this.#take(explain);
    try {
      const answer = await member.detect(source, resolved, video, explain);
      this.#crashesInARow = 0;
      return answer;
    } catch (error) {
      this.#noteFailure(member, error);
      throw error;
    } finally {
      void this.#giveBack(member);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await Promise.all(this.#members.map((member) => member.close()));
  }

  /** Processes of the present engine; none is started yet. */
  #fill(): void {
    const engine = this.#engine;
    this.#members = Array.from(
      { length: this.#config.processes },
      () => new DetectorProcess({ ...this.#config, engine }),
    );
    this.#idle = [...this.#members];
  }

  async #startAll(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.start()));
  }

  /** @param first before those who wait already: somebody looks on while thresholds are chosen */
  async #take(first: boolean): Promise<DetectorProcess> {
    if (this.#closed) throw closed();
    const member = this.#idle.shift();
    if (member !== undefined) return member;
    return new Promise((resolve, reject) => {
      if (first) this.#waiting.unshift({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  /**
   * One that is being started takes no image, since another may be free; it is tried again as long as another serves. Where
   * none does, the next image tells why. One of an engine that was given up is forgotten.
   */
  async #giveBack(member: DetectorProcess): Promise<void> {
    const starts = () =>
      member.start().then(
        () => true,
        () => false,
      );
    const isOurs = () => this.#members.includes(member);
    let pauseMs: number = PAUSE_MS.first;
    while (!(await starts()) && isOurs() && this.pids.length > 0) {
      await wait(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS.longest);
    }
    if (!isOurs()) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(member);
    else next.resolve(member);
  }

  /** After a crash the process starts again at once, or, if native keeps crashing, WASM takes its place. */
  #noteFailure(member: DetectorProcess, error: unknown): void {
    const code = error instanceof FaceError ? error.code : 'internal';
    if (this.#closed || !['detector-crashed', 'detector-timeout', 'engine-unavailable'].includes(code))
      return;
    if (!this.#members.includes(member)) return;
    if (code !== 'detector-timeout') this.#crashesInARow++;
    if (this.#crashesInARow >= CRASHES_BEFORE_FALLBACK && this.#canFallBack()) this.#fallBack(error);
    for (const each of this.#members) each.start().catch(() => undefined); // the next request tells what is wrong
  }

  #canFallBack(): boolean {
    return this.#config.mayFallBack && this.#engine === 'native' && !this.#closed;
  }

  #fallBack(reason: unknown): void {
    this.#config.onWarning(`The native engine is not used, WASM takes its place: ${messageOf(reason)}`);
    for (const member of this.#members) void member.close();
    this.#engine = 'wasm';
    this.#crashesInARow = 0;
    this.#fill();
    for (const { resolve } of this.#waiting.splice(0, this.#idle.length)) {
      const member = this.#idle.shift();
      if (member !== undefined) resolve(member);
    }
  }
}

function invalid(name: string, expected: string, value: unknown): FaceError {
  return new FaceError({
    code: 'option-invalid',
    expected: `${name} to be ${expected}`,
    got: describeValue(value),
    hint: 'Correct it in the detector’s settings.',
  });
}
