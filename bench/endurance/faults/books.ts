/** What Node-RED tells of the frames: see recorder.ts. `life` tells two nodes of the same id apart. */
export type Entry =
  /** A camera sent a frame; `dropped`: those that it says it left out before. */
  | { what: 'sent'; node: string; life: number; frame: string; sequence: number; dropped: number }
  /** A frame reached a detect node. */
  | { what: 'arrived'; node: string; life: number; frame: string }
  /** A detect node sent the faces of a frame; `dropped`: what it says it left out before. */
  | {
      what: 'found';
      node: string;
      life: number;
      frame: string;
      camera: string;
      takenAt: number;
      faces: number;
      dropped: number;
    }
  /** A detect node has done with a frame, with an error where there is a code. */
  | { what: 'done'; node: string; life: number; frame: string; code?: string }
  /** A catch node heard of an error of a node, and of the frame that it concerns. */
  | { what: 'caught'; node: string; code: string; message: string; frame: string | undefined }
  | { what: 'closing'; node: string; life: number }
  /** Flows are being stopped, and run again: messages between nodes end with them. */
  | { what: 'stopping' }
  | { what: 'started' };

/** What became of the frames, in all. */
export interface Totals {
  /** by cameras */
  sent: number;
  /** Left out by cameras, and told. */
  leftOut: number;
  found: number;
  dropped: number;
  failed: number;
  /** In work, waiting or on the way when their node, or Node-RED, ended. */
  ended: number;
}

/** A detect node from one start to its end. */
interface Life {
  node: string;
  closedAt: number | undefined;
  /** Frames without an answer yet. */
  open: Map<string, { at: number; owed: number; failures: number; late?: boolean }>;
  /** Frames that were answered with faces, but not yet done with. */
  found: Set<string>;
  failures: number;
  /** Frames dropped or refused so far, and those of which a message has told. */
  missed: number;
  told: number;
}

/** How long an answer may take in ms: a process that hangs in its start is ended after 15 s, then a queue is worked off. */
export const ANSWER_MS = 30_000;

/** How long a message may take from node to node, an error to the catch node, and an answer of a closed node, in ms. */
const HAND_OVER_MS = 3_000;

/**
 * The account of every frame. A frame that a camera sends is, in the end, one of these:
 * - found: its faces were sent on;
 * - dropped or refused (queue full), and told: `msg.detection.dropped` of the messages after it adds up to all of them;
 * - failed: a catch node has heard of it;
 * - ended: its node or Node-RED was closed while it was in work, waiting or on its way.
 *
 * Whatever is none of these is a problem.
 */
export class Books {
  readonly totals: Totals = { sent: 0, leftOut: 0, found: 0, dropped: 0, failed: 0, ended: 0 };
  readonly #now: () => number;
  readonly #cameras = new Map<string, number>();
  readonly #lives = new Map<string, Life>();
  /** Frames on their way from a camera to a detect node, and errors on theirs to the catch node: since when. */
  #underway = new Map<string, number>();
  #uncaught = new Map<string, number>();
  #stopping = false;
  #problems: string[] = [];

  /** @param now ms, for tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  enter(entry: Entry): void {
    switch (entry.what) {
      case 'sent':
        this.#send(entry);
        break;
      case 'arrived':
        this.#arrive(entry);
        break;
      case 'found':
        this.#find(entry);
        break;
      case 'done':
        this.#finish(entry);
        break;
      case 'caught':
        this.#uncaught.delete(`${entry.node} ${entry.frame}`);
        break;
      case 'closing':
        if (this.#lives.has(keyOf(entry))) this.#lifeOf(entry).closedAt = this.#now();
        break;
      case 'stopping':
        this.#stopping = true;
        this.#endUnderway();
        break;
      case 'started':
        this.#stopping = false;
        break;
    }
  }

  /** Node-RED is gone, and all that was in it. */
  end(): void {
    this.#endUnderway();
    for (const { open } of this.#lives.values()) this.totals.ended += open.size;
    this.#lives.clear();
    this.#cameras.clear();
    this.#uncaught.clear();
    this.#stopping = false;
  }

  /** What is wrong since the last audit. */
  audit(): string[] {
    const late = (since: number, limit: number) => this.#now() - since > limit;
    for (const [frame, since] of this.#underway) {
      if (!late(since, HAND_OVER_MS)) continue;
      this.#underway.delete(frame);
      this.#problems.push(`frame "${frame}" was sent and reached no node`);
    }
    for (const [frame, since] of this.#uncaught) {
      if (!late(since, HAND_OVER_MS)) continue;
      this.#uncaught.delete(frame);
      this.#problems.push(`no catch node heard of the error of "${frame}"`);
    }
    for (const [key, { node, open, closedAt }] of this.#lives) {
      let unanswered = 0;
      for (const [frame, arrival] of open) {
        const { at } = arrival;
        if (closedAt === undefined ? !late(at, ANSWER_MS) : !late(closedAt, HAND_OVER_MS)) continue;
        if (closedAt !== undefined) open.delete(frame);
        // What Node-RED brings to a node that is closed already is heard by nobody.
        if (closedAt !== undefined && at > closedAt) this.totals.ended++;
        else if (arrival.late !== true) unanswered++;
        arrival.late = true;
      }
      if (unanswered > 0) this.#problems.push(`${node} has not answered ${unanswered} frames`);
      if (closedAt !== undefined && open.size === 0 && late(closedAt, HAND_OVER_MS)) this.#lives.delete(key);
    }
    return this.#problems.splice(0);
  }

  #send({ node, life, frame, sequence, dropped }: Extract<Entry, { what: 'sent' }>): void {
    const key = keyOf({ node, life });
    const expected = (this.#cameras.get(key) ?? -1) + 1 + dropped;
    if (sequence !== expected) {
      this.#problems.push(
        `${node} sent frame ${sequence} after telling of ${dropped} left out: ${expected} was due`,
      );
    }
    this.#cameras.set(key, sequence);
    this.totals.sent++;
    this.totals.leftOut += dropped;
    if (this.#stopping) this.totals.ended++;
    else this.#underway.set(frame, this.#now());
  }

  #arrive({ node, life: number, frame }: Extract<Entry, { what: 'arrived' }>): void {
    // Sent while flows were stopped, and arrived all the same.
    if (!this.#underway.delete(frame)) this.totals.ended--;
    const life = this.#lifeOf({ node, life: number });
    life.open.set(frame, { at: this.#now(), owed: life.missed, failures: life.failures });
  }

  #find({ node, life: number, frame, dropped }: Extract<Entry, { what: 'found' }>): void {
    const life = this.#lifeOf({ node, life: number });
    const arrival = life.open.get(frame);
    if (arrival === undefined)
      return void this.#problems.push(`${node} sent the faces of "${frame}", which it had not`);
    life.found.add(frame);
    life.told += dropped;
    if (life.told > life.missed) {
      this.#problems.push(`${node} told of ${life.told} dropped frames of ${life.missed}`);
      life.told = life.missed;
    }
    // Results leave in the order of their frames: what was missed before this one arrived, this one or another before
    // it has told. Unless one of those failed meanwhile: then a later one tells; or ended with its node: then none does.
    const mayOwe = life.failures > arrival.failures || life.closedAt !== undefined;
    if (life.told < arrival.owed && !mayOwe) {
      this.#problems.push(`${node} told of ${life.told} dropped frames only, of ${arrival.owed}`);
      life.told = arrival.owed;
    }
  }

  #finish({ node, life: number, frame, code }: Extract<Entry, { what: 'done' }>): void {
    const life = this.#lifeOf({ node, life: number });
    if (!life.open.delete(frame)) {
      this.#problems.push(`${node} has done with "${frame}", which it had not, or twice`);
    } else if (code !== undefined) {
      this.totals.failed++;
      life.failures++;
      if (code === 'queue-full') life.missed++;
      this.#uncaught.set(`${node} ${frame}`, this.#now());
    } else if (life.found.delete(frame)) this.totals.found++;
    else if (life.closedAt !== undefined) this.totals.ended++;
    else {
      this.totals.dropped++;
      life.missed++;
    }
  }

  #lifeOf(of: { node: string; life: number }): Life {
    const key = keyOf(of);
    let life = this.#lives.get(key);
    if (life === undefined) {
      const { node } = of;
      life = {
        node,
        closedAt: undefined,
        open: new Map(),
        found: new Set(),
        failures: 0,
        missed: 0,
        told: 0,
      };
      this.#lives.set(key, life);
    }
    return life;
  }

  #endUnderway(): void {
    this.totals.ended += this.#underway.size;
    this.#underway.clear();
  }
}

const keyOf = ({ node, life }: { node: string; life: number }) => `${node} ${life}`;
