import { describe, expect, it } from 'vitest';
import { solveQueue } from '../../bench/sizing/queue';
import { fewestWorkers, solveSystem } from '../../bench/sizing/system';

/** Services of exponential length, mean in ms, as values of the same probability. */
const exponential = (mean: number) =>
  Array.from({ length: 500 }, (_, i) => -mean * Math.log(1 - (i + 0.5) / 500));

/** Services in ms, all of the same probability. */
const evenly = (serviceMs: number[]) => serviceMs.map((ms) => ({ ms, share: 1 / serviceMs.length }));

/** Pictures a second at which a worker that takes 40 ms gets so many in that time. */
const rateFor = (load: number) => load * 25;

describe('one worker', () => {
  // O. Brun, J.-M. Garcia, "Analytical solution of finite capacity M/D/1 queues", J. Appl. Prob. 37 (2000), N = 2:
  // 1 - e^rho / (1 + rho e^rho). Which of the waiting pictures is dropped changes nothing of how many.
  it.each([0.5, 0.9, 1, 1.5, 5])('drops as many as an M/D/1/2 at a load of %d', (load) => {
    const { dropped } = solveQueue({ rate: rateFor(load), turns: 1, services: evenly([40]) });
    expect(dropped).toBeCloseTo(1 - Math.exp(load) / (1 + load * Math.exp(load)), 9);
  });

  // M/M/1/2 (any textbook, such as L. Kleinrock, "Queueing Systems" I, 1975): rho^2 / (1 + rho + rho^2).
  it.each([0.5, 1, 2])('drops as many as an M/M/1/2 at a load of %d', (load) => {
    const { dropped } = solveQueue({ rate: rateFor(load), turns: 1, services: evenly(exponential(40)) });
    expect(dropped).toBeCloseTo(load ** 2 / (1 + load + load ** 2), 3);
  });

  // Of the pictures that came during a service the last one waits: the age of the last Poisson event within D is on
  // average (1 - e^-rho (1 + rho)) / rate.
  it.each([0.5, 1, 2])('lets the newest wait as long as that one has been there, at a load of %d', (load) => {
    const { waitMs } = solveQueue({ rate: rateFor(load), turns: 1, services: evenly([40]) });
    expect(waitMs).toBeCloseTo(((1 - Math.exp(-load) * (1 + load)) / rateFor(load)) * 1000, 9);
  });

  it('has a distribution of the wait that agrees with its mean', () => {
    const { waitMs, waitsLonger } = solveQueue({ rate: 60, turns: 3, services: evenly([30, 50]) });
    const steps = Array.from({ length: 5000 }, (_, i) => waitsLonger((i + 0.5) / 100) / 100);
    expect(steps.reduce((sum, step) => sum + step, 0)).toBeCloseTo(waitMs, 3);
    expect(waitsLonger(50)).toBe(0);
    expect(waitsLonger(-1)).toBe(1);
  });
});

describe('several workers', () => {
  it('drop less than one at the same load, since turns make arrivals regular', () => {
    const dropped = [1, 2, 3, 10].map(
      (workers) => solveSystem({ rate: 22.5 * workers, workers, serviceMs: [40] }).dropped,
    );
    expect(dropped).toEqual(dropped.toSorted((a, b) => b - a));
    // D/D/1: nothing is dropped below a load of 1, and all that is too much above.
    expect(solveSystem({ rate: 20 * 200, workers: 200, serviceMs: [40] }).dropped).toBeLessThan(1e-4);
    expect(solveSystem({ rate: 50 * 200, workers: 200, serviceMs: [40] }).dropped).toBeCloseTo(0.5, 3);
  });

  it('agree with a simulation of the same layout', () => {
    const [workers, service, rate] = [3, 40, 67.5];
    const { dropped, latencyMs } = solveSystem({ rate, workers, serviceMs: [service] });
    const simulated = simulate(rate, workers, service, 300_000);
    expect(dropped).toBeCloseTo(simulated.dropped, 2);
    expect(latencyMs.mean).toBeCloseTo(simulated.meanMs, 0);
    expect(Math.abs(latencyMs.p95 - simulated.p95Ms)).toBeLessThan(1);
  });

  // The model takes the others to be busy independently, which is not exact.
  it.each([48, 80])('that share cores agree roughly with a simulation, at %d pictures a second', (rate) => {
    const [workers, cores, service] = [3, 2, 30];
    const { dropped, latencyMs } = solveSystem({ rate, workers, cores, serviceMs: [service] });
    const simulated = simulate(rate, workers, service, 50_000, cores);
    expect(Math.abs(dropped - simulated.dropped)).toBeLessThan(0.02);
    expect(Math.abs(latencyMs.mean / simulated.meanMs - 1)).toBeLessThan(0.1);
    expect(Math.abs(latencyMs.p95 / simulated.p95Ms - 1)).toBeLessThan(0.1);
  });

  it('on the cores of one: do as much as one, and take longer', () => {
    const one = solveSystem({ rate: 500, workers: 1, serviceMs: [40] });
    const three = solveSystem({ rate: 500, workers: 3, cores: 1, serviceMs: [40] });
    expect(three.throughput).toBeCloseTo(one.throughput, 0);
    expect(three.latencyMs.p50).toBeGreaterThan(2.5 * one.latencyMs.p50);
  });

  it('leave to the broker what it takes of their cores', () => {
    const config = { rate: 500, workers: 2, cores: 2, serviceMs: [40] };
    const { throughput } = solveSystem({ ...config, besideMs: 1 }); // 500 ms a second of two cores
    expect(throughput).toBeCloseTo(0.75 * solveSystem(config).throughput, 0);
  });
});

describe('the fewest workers', () => {
  const config = { rate: 1000, serviceMs: [40], transportMs: 5 };

  it('keep what is wanted, and one less does not', () => {
    const wanted = { dropped: 0.01, p95Ms: 85 };
    const workers = fewestWorkers(config, wanted);
    const fine = (count: number) => {
      const { dropped, latencyMs } = solveSystem({ ...config, workers: count });
      return dropped <= wanted.dropped && latencyMs.p95 <= wanted.p95Ms;
    };
    expect([workers, workers - 1].map(fine)).toEqual([true, false]);
  });

  it('cannot be told for a latency below the time of one picture', () => {
    expect(() => fewestWorkers(config, { dropped: 0.01, p95Ms: 30 })).toThrow(/at least 45 ms/);
  });
});

/** Poisson pictures in turn to workers that keep the newest; those that work share their core evenly. */
function simulate(rate: number, workers: number, service: number, pictures: number, cores = workers) {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const states = Array.from({ length: workers }, (_, i) => ({
    ...{ core: i % cores, left: 0, came: 0 },
    waiting: undefined as number | undefined,
  }));
  const latencies: number[] = [];
  /** Works for so long, or until the first is done; returns how long. */
  const work = (ms: number, now: number): number => {
    const working = states.filter(({ left }) => left > 0);
    const crowd = (core: number) => working.filter((other) => other.core === core).length;
    const untilDone = working.map((worker) => ({ worker, ms: worker.left * crowd(worker.core) }));
    const next = untilDone.toSorted((a, b) => a.ms - b.ms)[0];
    const passed = Math.min(ms, next?.ms ?? ms);
    for (const { worker, ms: needed } of untilDone) worker.left *= 1 - passed / needed;
    if (next !== undefined && next.ms <= ms) {
      const { worker } = next;
      latencies.push(now + passed - worker.came);
      worker.left = worker.waiting === undefined ? 0 : service;
      worker.came = worker.waiting ?? 0;
      worker.waiting = undefined;
    }
    return passed;
  };
  for (let i = 0, now = 0; i < pictures; i++) {
    const arrival = now + (-Math.log(random()) * 1000) / rate;
    while (now < arrival) {
      const passed = work(arrival - now, now);
      now = now + passed < arrival ? now + passed : arrival;
    }
    const worker = states[i % workers]!;
    if (worker.left > 0) worker.waiting = now;
    else [worker.left, worker.came] = [service, now];
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    dropped: 1 - latencies.length / pictures,
    meanMs: latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length,
    p95Ms: sorted[Math.floor(0.95 * sorted.length)]!,
  };
}
