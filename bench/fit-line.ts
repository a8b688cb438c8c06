/** A straight line by least squares. */
export interface Line {
  slope: number;
  intercept: number;
  /** Share of the variance that it explains, 0 to 1. */
  explained: number;
}

/** @param points at least two, of different x */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sum = (term: (x: number, y: number) => number) =>
    points.reduce((total, [x, y]) => total + term(x - meanX, y - meanY), 0);
  const [xx, xy, yy] = [sum((x) => x * x), sum((x, y) => x * y), sum((_, y) => y * y)];
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, explained: yy === 0 ? 1 : xy ** 2 / (xx * yy) };
}
