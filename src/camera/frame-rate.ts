/** Time in ms over which frames are counted. */
const WINDOW_MS = 3_000;

/** Frames per second of late. */
export class FrameRate {
  #times: number[] = [];

  /**
   * Counts one frame.
   * @param now ms, from any origin
   * @returns frames per second, 0 until a second frame has come
   */
  count(now: number = performance.now()): number {
    this.#times.push(now);
    // Two frames stay whatever their age: a slow source has a rate, too.
    while (this.#times.length > 2 && now - (this.#times[0] ?? now) > WINDOW_MS) this.#times.shift();
    const span = now - (this.#times[0] ?? now);
    return span > 0 ? ((this.#times.length - 1) * 1000) / span : 0;
  }
}

/** A rate for people: `10`, `2.5`, `0.2`. */
export function formatRate(framesPerSecond: number): string {
  return framesPerSecond >= 9.5
    ? String(Math.round(framesPerSecond))
    : String(Number(framesPerSecond.toFixed(1)));
}
