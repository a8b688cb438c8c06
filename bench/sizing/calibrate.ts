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
  measured: Omit<Point, 'load' | 'arrivals'>;
  model: SystemFigures;
}

/**
 * Takes it from the run with the fewest workers: their saturated throughput tells how long a picture takes, the detector's
 * own times tell how much that differs, and their mean latency at the least load tells what is beside it.
 */
export function calibrate({ runs, cores }: Measured): Calibration {
  const [run] = runs.toSorted((a, b) => a.workers - b.workers);
  if (run === undefined) throw new Error('expected at least one run, got none: measure with npm run scale');
  const meanMs = (Math.min(run.workers, cores) * 1000) / run.saturated;
  const detectorMs = run.detectorMs.reduce((sum, ms) => sum + ms, 0) / run.detectorMs.length;
  const serviceMs = run.detectorMs.map((ms) => (ms * meanMs) / detectorMs);
  const { workers, besideMs } = run;
  const [least] = run.points.toSorted((a, b) => a.load - b.load);
  if (least === undefined)
    throw new Error('expected a point at some load, got none: measure with npm run scale');
  const without = solveSystem({ rate: least.rate, workers, serviceMs, cores, besideMs });
  return {
    ...{ serviceMs, besideMs },
    transportMs: Math.max(0, least.latencyMs.mean - without.latencyMs.mean),
  };
}

/** Each point that was measured at random times beside what the model says at the same rate. */
export function compare({ runs, cores }: Measured, calibration: Calibration): Compared[] {
  return runs.flatMap(({ workers, points }) =>
    points.map(({ load, rate, throughput, dropped, latencyMs }) => ({
      ...{ workers, load, measured: { rate, throughput, dropped, latencyMs } },
      model: solveSystem({ ...calibration, rate, workers, cores }),
    })),
  );
}

/** Lines of a Markdown table. */
export function toTable(rows: readonly Compared[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const cells = rows.map(({ workers, load, measured, model }) => [
    ...[String(workers), percent(load), measured.rate.toFixed(1)],
    `${measured.throughput.toFixed(1)} / ${model.throughput.toFixed(1)}`,
    `${percent(measured.dropped)} / ${percent(model.dropped)}`,
    `${measured.latencyMs.mean.toFixed(0)} / ${model.latencyMs.mean.toFixed(0)}`,
    `${measured.latencyMs.p50.toFixed(0)} / ${model.latencyMs.p50.toFixed(0)}`,
    `${measured.latencyMs.p95.toFixed(0)} / ${model.latencyMs.p95.toFixed(0)}`,
  ]);
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
