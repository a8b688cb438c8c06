import type { Node, NodeStatus } from 'node-red';

/** Least time in ms between two changes of a status: the editor draws each of them. */
const INTERVAL_MS = 500;

/** The status under a node: at most two changes a second, and the last one always arrives. */
export class StatusLine {
  readonly #node: Pick<Node, 'status'>;
  #shownAt = -Infinity;
  #waiting: NodeStatus | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(node: Pick<Node, 'status'>) {
    this.#node = node;
  }

  show(status: NodeStatus): void {
    this.#waiting = status;
    if (this.#timer !== undefined) return;
    const due = this.#shownAt + INTERVAL_MS - performance.now();
    if (due <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), due).unref(); // nobody reads it where all else has ended
  }

  /** Clears the status and shows no other. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#node.status({});
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    this.#node.status(this.#waiting);
    this.#waiting = undefined;
    this.#shownAt = performance.now();
  }
}
