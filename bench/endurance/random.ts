/** Numbers that look random and are the same at every run. */

/** One stream of numbers: Tommy Ettinger's mulberry32, 32 bits of state. */
export class Random {
  #state: number;

  /** @param seeds such as that of the whole run and the number of an input: each pair has a stream of its own */
  constructor(...seeds: number[]) {
    this.#state = seeds.reduce((sum, seed) => Math.imul(sum ^ seed, 0x9e3779b1) + 0x7f4a7c15, 0) >>> 0;
    for (let i = 0; i < 4; i++) this.next(); // neighbouring numbers begin alike
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** At least `from`, below `to`. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<const T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  /** The same things in another order. */
  shuffle<T>(things: readonly T[]): T[] {
    return things
      .map((thing) => ({ thing, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ thing }) => thing);
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.whole(0, 255);
    return bytes;
  }
}
