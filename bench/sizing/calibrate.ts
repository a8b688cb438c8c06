/** The model from what `npm run scale` has measured, and beside it. */
import type { LiveFigures, Point } from '../scale/live';
import { solveSystem, type SystemConfig, type SystemFigures } from './system';

/** What the model must know of a worker and of its machine. */
export type Calibration = Required<Pick<SystemConfig, 'serviceMs' | 'transportMs' | 'besideMs'>>;

/** The part of what `npm run scale` prints that is read. */
export interface Measured {
  cores: number;
  runs: LiveFigures[];
}

export interface Compared {
  workers: number;
  /** A share of the saturated throughput. */
  load: number;
  measured: Omit<Point, 'load'>;
  model: SystemFigures;
}

/**
 * Takes it from the run with the fewest workers: their saturated throughput tells how long a picture takes, the detector's
 * own times tell how much that differs, and the latency of one picture alone tells what is beside it. No point is used.
 */
export function calibrate({ runs, cores }: Measured): Calibration {
  const [run] = runs.toSorted((a, b) => a.workers - b.workers);
  if (run === undefined) throw new Error('expected at least one run, got none: measure with npm run scale');
  const meanMs = (Math.min(run.workers, cores) * 1000) / run.saturated;
  const detectorMs = run.detectorMs.reduce((sum, ms) => sum + ms, 0) / run.detectorMs.length;
  const serviceMs = run.detectorMs.map((ms) => (ms * meanMs) / detectorMs);
  return { serviceMs, besideMs: run.besideMs, transportMs: Math.max(0, run.aloneMs - meanMs) };
}

/** Each point that was measured at random times beside what the model says at the same rate. */
export function compare({ runs, cores }: Measured, calibration: Calibration): Compared[] {
  return runs.flatMap(({ workers, points }) =>
    points.map(({ load, ...measured }) => ({
      ...{ workers, load, measured },
      model: solveSystem({ ...calibration, rate: measured.rate, workers, cores }),
    })),
  );
}

/** Lines of a Markdown table; behind ± standard errors. */
export function toTable(rows: readonly Compared[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const cells = rows.map(({ workers, load, measured, model }) => {
    const { errors } = measured;
    const latency = (which: 'mean' | 'p50' | 'p95') =>
      `${measured.latencyMs[which].toFixed(0)} ± ${errors.latencyMs[which].toFixed(0)} / ${model.latencyMs[which].toFixed(0)}`;
    return [
      ...[String(workers), percent(load), measured.rate.toFixed(1)],
      `${measured.throughput.toFixed(1)} / ${model.throughput.toFixed(1)}`,
      `${(100 * measured.dropped).toFixed(1)} ± ${percent(errors.dropped)} / ${percent(model.dropped)}`,
      ...[latency('mean'), latency('p50'), latency('p95')],
    ];
  });
  return formatTable([
    ['workers', 'load', 'pictures/s', 'results/s', 'dropped', 'mean ms', 'p50 ms', 'p95 ms'],
    ...cells,
  ]);
}

/** A Markdown table whose first row is its head. */
export function formatTable([head = [], ...rows]: readonly string[][]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
