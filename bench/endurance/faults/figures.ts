/** Times of one kind of fault, in ms. */
export interface Times {
  count: number;
  p50: number;
  p95: number;
  max: number;
}

/** The least of the values that so large a share of them does not exceed. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export function timesOf(values: readonly number[]): Times {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: sorted.at(-1) ?? NaN,
  };
}
