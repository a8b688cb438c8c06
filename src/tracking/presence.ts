import { checkOptions, numberIn, wholeNumberIn } from '../check-options';

export interface PresenceOptions {
  /** Faces that must be there. */
  atLeast: number;
  /** ms for which they must be there before they count. */
  presentMs: number;
  /** ms for which they may be missed meanwhile. */
  gapMs: number;
  /** ms without them after which they have left. */
  absentMs: number;
  /** ms after which a presence that goes on is told of again; 0: never. */
  reminderMs: number;
  /** Least ms from leaving to the next appearing. */
  coolDownMs: number;
}

export const DEFAULT_PRESENCE_OPTIONS: Readonly<PresenceOptions> = {
  atLeast: 1,
  presentMs: 1_000,
  gapMs: 500,
  absentMs: 3_000,
  reminderMs: 0,
  coolDownMs: 0,
};

/** Least and greatest value of each option, both allowed. */
export const PRESENCE_RANGES = {
  atLeast: [1, 1_000],
  presentMs: [0, 3_600_000],
  gapMs: [0, 60_000],
  absentMs: [0, 3_600_000],
  reminderMs: [0, 86_400_000],
  coolDownMs: [0, 86_400_000],
} as const satisfies Record<keyof PresenceOptions, readonly [number, number]>;

/** What was seen at a moment. */
export interface Sighting<T> {
  count: number;
  /** ms, from any origin that stays the same */
  timestamp: number;
  /** Of several pictures the one with the highest score is kept. */
  picture?: T;
  score?: number;
}

export interface PresenceEvent<T> {
  event: 'appeared' | 'still-there' | 'left';
  /** Most faces at the same time. */
  count: number;
  /** When the first of them was seen, ms. */
  since: number;
  /** `left` only: when the last of them was seen, ms. */
  until?: number;
  durationMs: number;
  /** The best so far. */
  picture?: T;
  score?: number;
}

export interface PresenceState {
  present: boolean;
  /** Faces seen last. */
  count: number;
  /** When the presence began, ms. */
  since?: number;
}

interface Stay<T> {
  since: number;
  last: number;
  most: number;
  announced: boolean;
  toldMs: number;
  best?: { picture: T; score: number };
}

/**
 * Tells presence from a flicker of detections: faces must stay a while to appear, and be away a while to have left.
 * What has not been announced is forgotten when it goes; a new object announces nothing that has not stayed anew.
 */
export class Presence<T> {
  readonly #options: PresenceOptions;
  #stay: Stay<T> | undefined;
  #count = 0;
  #leftMs = -Infinity;
  #now = -Infinity;

  /** @throws FaceError `option-invalid` */
  constructor(options: Partial<PresenceOptions> = {}) {
    this.#options = checkOptions(options, DEFAULT_PRESENCE_OPTIONS, {
      atLeast: wholeNumberIn(PRESENCE_RANGES.atLeast),
      presentMs: numberIn(PRESENCE_RANGES.presentMs),
      gapMs: numberIn(PRESENCE_RANGES.gapMs),
      absentMs: numberIn(PRESENCE_RANGES.absentMs),
      reminderMs: numberIn(PRESENCE_RANGES.reminderMs),
      coolDownMs: numberIn(PRESENCE_RANGES.coolDownMs),
    });
  }

  get state(): PresenceState {
    const { announced = false, since = 0 } = this.#stay ?? {};
    return { present: announced, count: this.#count, ...(announced ? { since } : {}) };
  }

  /** Takes what was seen. A clock that runs backwards begins anew. */
  update(sighting: Sighting<T>): PresenceEvent<T>[] {
    const { count, timestamp } = sighting;
    const events = timestamp < this.#now ? this.#restart(timestamp) : this.tick(timestamp);
    this.#now = timestamp;
    this.#count = count;
    if (count < this.#options.atLeast) return events;
    const stay = (this.#stay ??= {
      ...{ since: timestamp, last: timestamp, most: count, announced: false, toldMs: 0 },
    });
    stay.last = timestamp;
    stay.most = Math.max(stay.most, count);
    keepBest(stay, sighting);
    events.push(...this.#announce(stay, timestamp));
    return events;
  }

  /** Lets time pass: a camera that sends nothing shows nobody. */
  tick(timestamp: number): PresenceEvent<T>[] {
    if (timestamp < this.#now) return [];
    this.#now = timestamp;
    const stay = this.#stay;
    if (stay === undefined) return [];
    const { gapMs, absentMs } = this.#options;
    const away = timestamp - stay.last;
    if (away <= (stay.announced ? absentMs : gapMs)) return [];
    this.#stay = undefined;
    this.#count = 0;
    if (!stay.announced) return [];
    this.#leftMs = timestamp;
    return [{ ...describeStay(stay, 'left', stay.last), until: stay.last }];
  }

  #announce(stay: Stay<T>, now: number): PresenceEvent<T>[] {
    const { presentMs, reminderMs, coolDownMs } = this.#options;
    if (!stay.announced) {
      if (now - stay.since < presentMs || now - this.#leftMs < coolDownMs) return [];
      stay.announced = true;
      stay.toldMs = now;
      return [describeStay(stay, 'appeared', now)];
    }
    if (reminderMs === 0 || now - stay.toldMs < reminderMs) return [];
    stay.toldMs = now;
    return [describeStay(stay, 'still-there', now)];
  }

  #restart(timestamp: number): PresenceEvent<T>[] {
    const stay = this.#stay;
    this.#stay = undefined;
    this.#leftMs = -Infinity;
    this.#now = timestamp;
    return stay?.announced === true ? [{ ...describeStay(stay, 'left', stay.last), until: stay.last }] : [];
  }
}

function keepBest<T>(stay: Stay<T>, { picture, score = 0 }: Sighting<T>): void {
  if (picture !== undefined && score > (stay.best?.score ?? -Infinity)) stay.best = { picture, score };
}

function describeStay<T>(stay: Stay<T>, event: PresenceEvent<T>['event'], until: number): PresenceEvent<T> {
  const { since, most, best } = stay;
  return { event, count: most, since, durationMs: until - since, ...best };
}
