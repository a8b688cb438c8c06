import { FaceError } from '../../src';

/** What happens to a message that arrives while the node is busy. */
export type WhenBusy = 'latest' | 'queue';

export interface InboxConfig<T> {
  whenBusy: WhenBusy;
  /** Most messages that wait in a `queue`. */
  queueLimit: number;
  /** Messages that are worked on at the same time, asked anew each time. */
  concurrency: () => number;
  /**
   * Works on one message; never rejects.
   * @param dropped messages that were dropped between the one taken before and this one
   * @returns what to do with the result; called in the order of the messages
   */
  work: (item: T, dropped: number) => Promise<() => void>;
  /** Told of each message that is dropped because a newer one arrived, or because the node closes. */
  onDrop: (item: T) => void;
}

/**
 * Back-pressure: so many messages are worked on at a time. With `latest` only the newest of the others waits, and those
 * before it are dropped and counted; with `queue` they wait in their order, up to a limit.
 */
export class Inbox<T> {
  readonly #config: InboxConfig<T>;
  readonly #waiting: { item: T; dropped: number }[] = [];
  #active = 0;
  /** Delivers results in the order of their messages. */
  #delivery = Promise.resolve();
  /** Dropped messages that no message taken since has told of. */
  #untold = 0;
  /** Messages dropped or refused since the inbox was made. */
  dropped = 0;

  constructor(config: InboxConfig<T>) {
    this.#config = config;
  }

  /** @throws FaceError `queue-full` */
  push(item: T): void {
    const { whenBusy, queueLimit, concurrency } = this.#config;
    if (whenBusy === 'latest') this.#dropWaiting();
    else if (this.#active >= concurrency() && this.#waiting.length >= queueLimit) {
      this.#count(1);
      throw new FaceError({
        code: 'queue-full',
        expected: `at most ${queueLimit} waiting messages`,
        got: 'one more, which was dropped',
        hint: 'Send fewer pictures, raise the smallest face, or choose to keep only the newest.',
      });
    }
    this.#waiting.push({ item, dropped: this.#untold });
    this.#untold = 0;
    this.#fill();
  }

  /** A message that was to tell of dropped ones is not sent: the next one that is taken tells of them. */
  tellLater(dropped: number): void {
    this.#untold += dropped;
  }

  /** Drops what waits; what is being worked on goes on. */
  close(): void {
    this.#dropWaiting();
  }

  #dropWaiting(): void {
    for (const { item, dropped } of this.#waiting.splice(0)) {
      this.#untold += dropped;
      this.#count(1);
      this.#config.onDrop(item);
    }
  }

  #count(messages: number): void {
    this.dropped += messages;
    this.#untold += messages;
  }

  #fill(): void {
    while (this.#active < this.#config.concurrency()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#active++;
      const result = this.#config.work(next.item, next.dropped);
      this.#delivery = this.#delivery.then(async () => (await result)());
      void result.then(() => {
        this.#active--;
        this.#fill();
      });
    }
  }
}
