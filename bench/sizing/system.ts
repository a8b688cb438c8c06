/** All workers of a live layout together: each a queue of its own, with as much of a core as it gets. */
import { meanOver, type QueueFigures, type Service, solveQueue } from './queue';

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
  const { rate, workers, transportMs = 0, cores = workers, besideMs = 0 } = config;
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

  /** Probability that the faces take longer. */
  const longer = (ms: number) =>
    over(({ figures, services }) =>
      meanOver(services, (service) => figures.waitsLonger(ms - transportMs - service.ms)),
    );
  const quantile = (part: number) => {
    const longest = Math.max(...parts.flatMap(({ services }) => services.map(({ ms }) => ms)));
    let [low, high] = [0, transportMs + 2 * longest];
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
      mean:
        transportMs + over(({ figures, services }) => figures.waitMs + meanOver(services, ({ ms }) => ms)),
      p50: quantile(0.5),
      p95: quantile(0.95),
    },
  };
}

/**
 * One of `crowd` workers of a core. Those that work at a time share it evenly (processor sharing), so that a service takes
 * as many times as long as there are workers at it when it begins; and the longer it takes, the more of them work: solved in
 * rounds. The others are taken to be busy independently of it.
 */
function share(
  { rate, workers, serviceMs }: SystemConfig,
  crowd: number,
  beside: number,
): { figures: QueueFigures; services: Service[] } {
  let busy = 0;
  for (let round = 0; ; round++) {
    const services = serviceMs.flatMap((ms) =>
      binomial(crowd - 1, busy).map((probability, others) => ({
        ms: (ms * (1 + others)) / (1 - beside),
        share: probability / serviceMs.length,
      })),
    );
    const figures = solveQueue({ rate, turns: workers, services });
    if (crowd === 1 || round === ROUNDS) return { figures, services };
    busy = (busy + figures.utilisation) / 2;
  }
}

/** The probabilities that 0, 1, … of `count` happen, each of which does with the probability `each`. */
function binomial(count: number, each: number): number[] {
  let shares = [1];
  for (let i = 0; i < count; i++) {
    shares = [...shares, 0].map((share, k) => share * (1 - each) + (shares[k - 1] ?? 0) * each);
  }
  return shares;
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
