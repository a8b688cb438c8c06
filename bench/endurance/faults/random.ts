/** Numbers from a seed: the same seed gives the same numbers. */
export interface Random {
  /** At least `from`, below `to`. */
  between(from: number, to: number): number;
  /** One of these. */
  pick<const T>(of: readonly [T, ...T[]]): T;
  /** The same things in another order. */
  shuffle<T>(things: readonly T[]): T[];
}

/** Tommy Ettinger's mulberry32: 32 bits of state, enough to spread faults. */
export function randomOf(...seeds: number[]): Random {
  let state = seeds.reduce((sum, seed) => Math.imul(sum ^ seed, 0x9e3779b1) + 0x7f4a7c15, 0);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    between: (from, to) => from + next() * (to - from),
    pick: (of) => of[Math.floor(next() * of.length)]!,
    shuffle: (things) =>
      things
        .map((thing) => ({ thing, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ thing }) => thing),
  };
}

/** The kind of each fault: all equally often, in a random order. The number of a fault tells its kind, whatever the count. */
export function schedule<K>(kinds: readonly K[], count: number, seed: number): K[] {
  const rounds = Math.ceil(count / kinds.length);
  return Array.from({ length: rounds }, (_, round) => randomOf(seed, round).shuffle(kinds))
    .flat()
    .slice(0, count);
}
