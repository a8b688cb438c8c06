import { Random } from '../random';

/** The kind of each fault: all equally often, in a random order. The number of a fault tells its kind, whatever the count. */
export function schedule<K>(kinds: readonly K[], count: number, seed: number): K[] {
  const rounds = Math.ceil(count / kinds.length);
  return Array.from({ length: rounds }, (_, round) => new Random(seed, round).shuffle(kinds))
    .flat()
    .slice(0, count);
}
