import os from 'node:os';
import path from 'node:path';
import workerpool from 'workerpool';
import type { EngineName } from '../detection';
import { FaceError, messageOf } from '../errors';
import type { Answer, DetectorCalls, DetectAnswer } from './protocol';

const SCRIPT = path.join(__dirname, 'worker.js');

/** Longest first start in ms: TensorFlow's library takes seconds from a cold SD card. */
export const START_DEADLINE_MS = 60_000;

/**
 * The same for a start after one that succeeded, in ms: what it reads is in memory. It is doubled, up to that of the first,
 * for each start in a row that took longer: 9 s were measured with nine processes waiting for each core.
 */
export const RESTART_DEADLINE_MS = 15_000;

/** How long a process may take to end by itself, in ms, before it is killed. */
const CLOSE_DEADLINE_MS = 1_000;

/**
 * A young generation of 2 MB. Pixels and tensors lie outside V8's heap, but their 3 MB a picture count, and brought it to its
 * limit after a few: it marked the whole heap ten times a second, for a quarter of the processor's time (perf, whole flow).
 * Collected young and often they never come near, in 30 MB less of memory.
 */
const HEAP = ['--max-semi-space-size=2'];

/** Why a child was killed: it exceeded a deadline. */
const LATE = Symbol('late');

export interface DetectorProcessConfig {
  engine: EngineName;
  /** Longest time for one image in ms; a process that exceeds it is killed. */
  deadlineMs: number;
  /** How many processes there are: they share the processor's cores. */
  processes: number;
  /** Environment variables of the child, beside those of this process. */
  environment: Readonly<Record<string, string>>;
}

/** One life of the child process: a pool of one worker, which is thrown away when the child dies. */
interface Life {
  pool: workerpool.Pool;
  /** Kills the child with SIGKILL, at any moment. */
  kill: AbortController;
  ready: Promise<void>;
  pid: number | undefined;
}

/**
 * One detector process, which is started again after it died. It keeps nothing between two images, so that a new one
 * goes on where the old one stopped. One image at a time: the caller waits for the answer before the next call.
 */
export class DetectorProcess {
  readonly engine: EngineName;
  readonly #config: DetectorProcessConfig;
  #life: Life | undefined;
  #closed = false;
  #hasStarted = false;
  /** Starts in a row that took too long. */
  #lateStarts = 0;

  constructor(config: DetectorProcessConfig) {
    this.engine = config.engine;
    this.#config = config;
  }

  /** The child's process id; undefined while none is ready. */
  get pid(): number | undefined {
    return this.#life?.pid;
  }

  /**
   * Starts the child unless it runs, and waits until its networks are loaded.
   * @throws FaceError `engine-unavailable`, `detector-crashed`, `detector-timeout` or `detector-closed`
   */
  async start(): Promise<void> {
    if (this.#closed) throw closed();
    if (this.#life !== undefined && !isAlive(this.#life)) this.#end();
    this.#life ??= this.#begin();
    await this.#life.ready;
  }

  /**
   * Finds the faces of one image; starts the child first where needed.
   * @throws FaceError of the image or of an option; `detector-crashed` or `detector-timeout` of the process
   */
  async detect(...request: Parameters<DetectorCalls['detect']>): Promise<DetectAnswer> {
    await this.start();
    return this.#call('detect', request, this.#config.deadlineMs);
  }

  /** Ends the child, politely at first, and starts no other. */
  async close(): Promise<void> {
    this.#closed = true;
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    const killer = setTimeout(() => life.kill.abort(), CLOSE_DEADLINE_MS);
    const killed = new Promise<void>((resolve) => {
      life.kill.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([
      Promise.resolve(life.pool.terminate(true)).then(
        () => undefined,
        () => undefined,
      ),
      killed,
    ]);
    clearTimeout(killer);
  }

  #begin(): Life {
    const kill = new AbortController();
    const pool = workerpool.pool(SCRIPT, {
      workerType: 'process',
      // No least number: a pool that is thrown away must not replace the child that died.
      maxWorkers: 1,
      workerTerminateTimeout: CLOSE_DEADLINE_MS,
      forkOpts: {
        execArgv: HEAP,
        serialization: 'advanced',
        signal: kill.signal,
        killSignal: 'SIGKILL',
        env: {
          ...process.env,
          TF_NUM_INTRAOP_THREADS: String(this.#threads()),
          // -1: in the thread that calls. A network's layers come one after the other; in a thread of TensorFlow's they
          // wait for it to wake, and the whole flow takes 3 % longer (a detector alone on one core: 3 % less).
          TF_NUM_INTEROP_THREADS: '-1',
          ...this.#config.environment,
        },
      },
    });
    const life: Life = { pool, kill, pid: undefined, ready: Promise.resolve() };
    this.#life = life;
    life.ready = this.#call('load', [this.engine], this.#startDeadlineMs()).then(
      ({ pid }) => {
        life.pid = pid;
        this.#hasStarted = true;
        this.#lateStarts = 0;
      },
      (error: unknown) => {
        if (life.kill.signal.reason === LATE) this.#lateStarts++;
        if (this.#life === life) this.#end();
        throw error;
      },
    );
    return life;
  }

  /** One call, with a deadline; a child that dies or exceeds it is thrown away. */
  async #call<M extends keyof DetectorCalls>(
    method: M,
    parameters: Parameters<DetectorCalls[M]>,
    deadlineMs: number,
  ): Promise<Extract<Awaited<ReturnType<DetectorCalls[M]>>, { ok: true }>['value']> {
    const life = this.#life;
    if (life === undefined) throw closed();
    const deadline = setTimeout(() => life.kill.abort(LATE), deadlineMs);
    try {
      // workerpool knows methods by name only; DetectorCalls says what each answers.
      const answer = (await life.pool.exec(method, parameters)) as Answer<
        Extract<Awaited<ReturnType<DetectorCalls[M]>>, { ok: true }>['value']
      >;
      if (!answer.ok) throw new FaceError(answer.error);
      return answer.value;
    } catch (error) {
      if (error instanceof FaceError) throw error;
      const ended = this.#life !== life;
      if (!ended) this.#end();
      if (life.kill.signal.reason === LATE) throw tooLate(method, deadlineMs, error);
      throw ended ? closed() : crashed(error);
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Forgets the child and makes sure that it is gone. */
  #end(): void {
    this.#life?.kill.abort();
    this.#life = undefined;
  }

  #startDeadlineMs(): number {
    if (!this.#hasStarted) return START_DEADLINE_MS;
    return Math.min(START_DEADLINE_MS, RESTART_DEADLINE_MS * 2 ** this.#lateStarts);
  }

  /**
   * Threads of TensorFlow. One core is left to Node-RED: on two cores a second thread makes a detector alone 8 % faster,
   * at a third more processor time, and the whole flow a quarter slower.
   */
  #threads(): number {
    return Math.max(1, Math.floor((os.availableParallelism() - 1) / this.#config.processes));
  }
}

/** False once the child of this life is gone, which workerpool would tell only at the next call. */
function isAlive({ pid, kill }: Life): boolean {
  if (kill.signal.aborted) return false;
  if (pid === undefined) return true; // still starting: `ready` will tell
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function tooLate(method: keyof DetectorCalls, deadlineMs: number, cause: unknown): FaceError {
  return new FaceError(
    {
      code: 'detector-timeout',
      expected: `the detector process to ${method === 'load' ? 'start' : 'answer'} within ${deadlineMs / 1000} s`,
      got: 'nothing, so it was ended and a new one is started',
      hint: 'Send smaller pictures, raise the smallest face, or raise the deadline of the detector.',
    },
    cause,
  );
}

function crashed(cause: unknown): FaceError {
  const how = /(?:signalCode: `(\w+)`)/.exec(messageOf(cause))?.[1];
  const exit = /(?:exitCode: `(\d+)`)/.exec(messageOf(cause))?.[1];
  return new FaceError(
    {
      code: 'detector-crashed',
      expected: 'the detector process to answer',
      got: `its end (${how !== undefined && how !== 'null' ? how : `exit code ${exit ?? 'unknown'}`})`,
      hint: 'A new one is started by itself. If this repeats, choose the engine "wasm" or send smaller pictures.',
    },
    cause,
  );
}

export function closed(): FaceError {
  return new FaceError({
    code: 'detector-closed',
    expected: 'an open detector',
    got: 'one that was closed',
    hint: 'Create a new detector.',
  });
}
