import { checkOptions, numberIn } from '../check-options';

/** What tells a frame of a camera from all others. */
export interface FrameId {
  /** The run that the sequence numbers; a camera that does not name it has one run, until its numbers begin anew. */
  run?: string;
  sequence: number;
  /** ms since 1970 */
  timestamp: number;
  /** Numbers left out before this one because the camera itself sent no such frame. */
  dropped?: number;
  unchanged?: number;
}

/** What happened between the frame delivered before and this one. */
export interface OrderCounts {
  /** Frames that had not come when this one could wait no longer; some of them may come late. */
  missing: number;
  /** Frames that came after a later one had been delivered: dropped. */
  late: number;
  /** Frames that came once more: dropped. */
  duplicate: number;
}

/** A frame whose turn has come. */
export interface Delivery<T> {
  item: T;
  order: OrderCounts;
}

/** What became of a frame that came. */
export interface Arrived<T> {
  fate: 'taken' | 'late' | 'duplicate';
  deliveries: Delivery<T>[];
}

/**
 * Frames that wait at the same time: 1.6 s of a camera with 60 frames a second. With pictures of 100 KB they are 10 MB a
 * camera. One more delivers the first of them before its time.
 */
const MOST_HELD = 100;

/** Frames back to which a duplicate is told from a late frame; older ones count as late. */
const REMEMBERED = 1_000;

/** Runs back to which a frame of an old run is told from the first of a new one. */
const REMEMBERED_RUNS = 10;

export interface OrderOptions {
  /** How long a frame waits for those before it, in ms. */
  windowMs: number;
}

/** Half a second: above what two detectors of one kind differ by, below what a person notices of an alert. */
export const DEFAULT_ORDER_OPTIONS: Readonly<OrderOptions> = { windowMs: 500 };

/** Least and greatest value of each option, both allowed. */
export const ORDER_RANGES = { windowMs: [0, 10_000] } as const satisfies Record<
  keyof OrderOptions,
  readonly [number, number]
>;

interface Held<T> {
  frame: FrameId;
  item: T;
  dueMs: number;
}

/**
 * Puts the frames of one camera back into order. A frame is held while one before it is missing, though not for longer
 * than the window; what comes when its turn is over is late, what comes again is a duplicate: both are dropped and
 * counted. Of a run that begins nothing is known to be missing before the first frame that came.
 */
export class FrameOrder<T> {
  readonly #windowMs: number;
  #held: Held<T>[] = [];
  #run: string | undefined;
  readonly #oldRuns = new Set<string>();
  /** The frame delivered last in this run. */
  #last: FrameId | undefined;
  /** Numbers of this run that came, the last of them last. */
  readonly #heard = new Set<number>();
  #counts = noCounts();

  /** @throws FaceError `option-invalid` */
  constructor(options: Partial<OrderOptions> = {}) {
    const { windowMs } = checkOptions(options, DEFAULT_ORDER_OPTIONS, {
      windowMs: numberIn(ORDER_RANGES.windowMs),
    });
    this.#windowMs = windowMs;
  }

  /** When `tick` has something to do next, on the clock of `push`; `Infinity` where nothing is held. */
  get dueMs(): number {
    return Math.min(...this.#held.map(({ dueMs }) => dueMs));
  }

  /**
   * Takes a frame that came.
   * @param now ms, from any origin that stays the same
   */
  push(frame: FrameId, item: T, now: number): Arrived<T> {
    const { run = '', sequence } = frame;
    if (this.#oldRuns.has(run)) return this.#drop('late');
    const ended = this.#isNewRun(frame) ? this.#begin(run) : [];
    if (this.#heard.has(sequence)) return this.#drop('duplicate');
    this.#remember(sequence);
    if (this.#last !== undefined && sequence < this.#last.sequence) return this.#drop('late');
    const later = this.#held.findIndex((held) => held.frame.sequence > sequence);
    const place = later < 0 ? this.#held.length : later;
    this.#held.splice(place, 0, { frame, item, dueMs: now + this.#windowMs });
    return { fate: 'taken', deliveries: [...ended, ...this.tick(now)] };
  }

  /** Delivers what has waited long enough, and what then need not wait any longer. */
  tick(now: number): Delivery<T>[] {
    const due = this.#held.findLastIndex(({ dueMs }) => dueMs <= now) + 1;
    const deliveries = this.#deliver(Math.max(due, this.#held.length - MOST_HELD));
    while (this.#held[0] !== undefined && this.#follows(this.#held[0].frame)) {
      deliveries.push(...this.#deliver(1));
    }
    return deliveries;
  }

  /** Delivers everything that is held, in order. */
  flush(): Delivery<T>[] {
    return this.#deliver(this.#held.length);
  }

  /** Without the name of a run, numbers that begin anew while time goes on are a new one. */
  #isNewRun({ run = '', sequence, timestamp }: FrameId): boolean {
    if (this.#run !== run) return true;
    const last = this.#last;
    return run === '' && last !== undefined && sequence < last.sequence && timestamp > last.timestamp;
  }

  #begin(run: string): Delivery<T>[] {
    const ended = this.flush();
    if (this.#run !== undefined && this.#run !== '') this.#oldRuns.add(this.#run);
    keepNewest(this.#oldRuns, REMEMBERED_RUNS);
    this.#run = run;
    this.#last = undefined;
    this.#heard.clear();
    return ended;
  }

  #remember(sequence: number): void {
    this.#heard.add(sequence);
    keepNewest(this.#heard, REMEMBERED);
  }

  #drop(fate: 'late' | 'duplicate'): Arrived<T> {
    this.#counts[fate]++;
    return { fate, deliveries: [] };
  }

  #follows(frame: FrameId): boolean {
    return before(frame) <= (this.#last?.sequence ?? -1);
  }

  #deliver(count: number): Delivery<T>[] {
    return this.#held.splice(0, count).map(({ frame, item }) => {
      const missing = this.#last === undefined ? 0 : Math.max(0, before(frame) - this.#last.sequence);
      const order = { ...this.#counts, missing };
      this.#counts = noCounts();
      this.#last = frame;
      return { item, order };
    });
  }
}

/** The number of the frame that the camera sent before this one. */
function before({ sequence, dropped = 0, unchanged = 0 }: FrameId): number {
  return sequence - dropped - unchanged - 1;
}

function noCounts(): OrderCounts {
  return { missing: 0, late: 0, duplicate: 0 };
}

/** A set keeps the order in which its values were added. */
function keepNewest<V>(values: Set<V>, most: number): void {
  for (const value of values) {
    if (values.size <= most) return;
    values.delete(value);
  }
}
