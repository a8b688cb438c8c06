/** Median, least and greatest of several measurements. */
export interface Spread {
  median: number;
  least: number;
  greatest: number;
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

export function spreadOf(numbers: readonly number[]): Spread {
  return { median: medianOf(numbers), least: Math.min(...numbers), greatest: Math.max(...numbers) };
}
