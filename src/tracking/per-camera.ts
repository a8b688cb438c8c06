/** Cameras that are remembered at the same time: names from messages must not fill the memory. */
const MOST_CAMERAS = 1_000;

/** Something for each camera, by name: made when the camera is first seen, and forgotten when others crowd it out. */
export class PerCamera<T> {
  readonly #make: () => T;
  readonly #forgetMs: number;
  readonly #onForget: (value: T) => void;
  readonly #cameras = new Map<string, { value: T; usedMs: number }>();

  /**
   * @param make what a camera begins with
   * @param forgetMs a camera that sends nothing for so long, in ms, is forgotten
   * @param onForget told of what belonged to a camera that is crowded out or silent
   */
  constructor(make: () => T, forgetMs = Infinity, onForget: (value: T) => void = () => undefined) {
    this.#make = make;
    this.#forgetMs = forgetMs;
    this.#onForget = onForget;
  }

  /** Cameras that are remembered. */
  get size(): number {
    return this.#cameras.size;
  }

  /**
   * What belongs to a camera.
   * @param now ms, from any origin
   */
  of(camera: string, now: number = performance.now()): T {
    const known = this.#cameras.get(camera);
    const value = known === undefined ? this.#make() : known.value;
    // Used last, it stands last.
    this.#cameras.delete(camera);
    this.#cameras.set(camera, { value, usedMs: now });
    for (const [name, { value: forgotten, usedMs }] of this.#cameras) {
      if (now - usedMs <= this.#forgetMs && this.#cameras.size <= MOST_CAMERAS) break;
      this.#cameras.delete(name);
      this.#onForget(forgotten);
    }
    return value;
  }

  /** Every camera with what belongs to it. */
  *entries(): IterableIterator<[camera: string, value: T]> {
    for (const [camera, { value }] of this.#cameras) yield [camera, value];
  }

  /** Forgets a camera, or all. */
  reset(camera?: string): void {
    if (camera === undefined) this.#cameras.clear();
    else this.#cameras.delete(camera);
  }
}
