/** All workers of a live layout together: each a queue of its own, with as much of a core as it gets. */
import { type QueueFigures, solveQueue } from './queue';

export interface SystemConfig {
  /** Pictures a second of all cameras together. */
  rate: number;
  workers: number;
  /**
   * How long one worker takes for a picture while it has a core of its own, in ms: values of the same probability. One
   * value: always as long.
   */
  serviceMs: readonly number[];
  /** From publishing to the worker and from there to the collector, and what else is no service, in ms. @default 0 */
  transportMs?: number;
  /** Cores that the workers share, in turn. @default one each */
  cores?: number;
  /** Where broker, publishers and collector share these cores: their CPU time for a picture in ms. @default 0 */
  besideMs?: number;
}

export interface SystemFigures {
  /** Pictures that are looked at a second. */
  throughput: number;
  /** Share of the pictures that the workers drop. */
  dropped: number;
  /** Mean share of their time in which workers work. */
  utilisation: number;
  /** From publishing to the faces, in ms. */
  latencyMs: { mean: number; p50: number; p95: number };
}

/** Rounds after which the shares of a core do not change any more: each halves the error at least. */
const ROUNDS = 40;

/** What comes out of a live layout in the long run. */
export function solveSystem(config: SystemConfig): SystemFigures {
  const { rate, workers, serviceMs, transportMs = 0, cores = workers, besideMs = 0 } = config;
  // What is beside them uses a free core first.
  const beside = workers < cores ? 0 : Math.min(0.9, (rate * besideMs) / 1000 / cores);
  const crowds = Array.from({ length: Math.min(workers, cores) }, (_, core) =>
    Math.ceil((workers - core) / cores),
  );
  const queues = new Map([...new Set(crowds)].map((crowd) => [crowd, share(config, crowd, beside)]));
  const parts = crowds.map((crowd) => ({ crowd, ...queues.get(crowd)! }));

  const throughput = parts.reduce((sum, { crowd, figures }) => sum + crowd * figures.throughput, 0);
  const over = (value: (part: (typeof parts)[number]) => number) =>
    parts.reduce((sum, part) => sum + (part.crowd * part.figures.throughput * value(part)) / throughput, 0);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  /** Probability that the faces take longer. */
  const longer = (ms: number) =>
    over(({ figures, stretch }) =>
      meanOf(serviceMs.map((service) => figures.waitsLonger(ms - transportMs - service * stretch))),
    );
  const quantile = (part: number) => {
    let [low, high] = [
      0,
      transportMs + 2 * Math.max(...serviceMs) * Math.max(...parts.map((p) => p.stretch)),
    ];
    while (high - low > 0.05) {
      const middle = (low + high) / 2;
      if (longer(middle) > 1 - part) low = middle;
      else high = middle;
    }
    return low;
  };
  return {
    throughput,
    dropped: Math.max(0, 1 - throughput / rate),
    utilisation: parts.reduce((sum, { crowd, figures }) => sum + crowd * figures.utilisation, 0) / workers,
    latencyMs: {
      mean: transportMs + over(({ figures, stretch }) => figures.waitMs + stretch * meanOf(serviceMs)),
      p50: quantile(0.5),
      p95: quantile(0.95),
    },
  };
}

/**
 * One of `crowd` workers of a core. Those that work at a time share it evenly (processor sharing), so that a service takes
 * longer, so that more of them work at a time: solved in rounds. The others are taken to be busy independently of it.
 */
function share(
  { rate, workers, serviceMs }: SystemConfig,
  crowd: number,
  beside: number,
): { figures: QueueFigures; stretch: number } {
  let busy = 0;
  for (let round = 0; ; round++) {
    const stretch = 1 / (speed(crowd - 1, busy) * (1 - beside));
    const figures = solveQueue({ rate, turns: workers, serviceMs: serviceMs.map((ms) => ms * stretch) });
    if (crowd === 1 || round === ROUNDS) return { figures, stretch };
    busy = (busy + figures.utilisation) / 2;
  }
}

/** Mean share of a core beside `others`, each of which is busy for the share `busy` of the time: E(1 / (1 + others)). */
function speed(others: number, busy: number): number {
  // With n more of them, each busy for the share u: (1 - (1 - u)^(n + 1)) / ((n + 1) u)
  if (busy === 0 || others === 0) return 1;
  return (1 - (1 - busy) ** (others + 1)) / ((others + 1) * busy);
}

/** The fewest workers, a core each, that drop no more than the share `dropped`, and 95 % of whose faces come in time. */
export function fewestWorkers(
  config: Omit<SystemConfig, 'workers' | 'cores' | 'besideMs'>,
  wanted: { dropped: number; p95Ms: number },
): number {
  const { rate, serviceMs, transportMs = 0 } = config;
  const least = transportMs + Math.max(...serviceMs);
  if (wanted.p95Ms < least) {
    throw new Error(
      `expected at least ${least.toFixed(0)} ms for 95 % of the faces, got ${wanted.p95Ms}: a picture takes so long even ` +
        'where none waits. Allow more, or make pictures smaller.',
    );
  }
  const fine = (workers: number) => {
    const { dropped, latencyMs } = solveSystem({ ...config, workers });
    return dropped <= wanted.dropped && latencyMs.p95 <= wanted.p95Ms;
  };
  const meanMs = serviceMs.reduce((sum, ms) => sum + ms, 0) / serviceMs.length;
  // With fewer, more is dropped than is wanted whatever waits.
  let workers = Math.max(1, Math.floor((rate * meanMs * (1 - wanted.dropped)) / 1000));
  while (!fine(workers)) workers++;
  return workers;
}
