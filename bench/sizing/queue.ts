/**
 * One of several workers that get pictures in turn and keep the newest: E(N)/G/1 with one place to wait, whose picture a
 * newer one replaces.
 *
 * Many cameras together are as good as a Poisson stream, whatever each does by itself (Palm and Khintchine; see D. R. Cox,
 * W. L. Smith, "Queueing Theory", 1961). A broker that gives it to N workers in turn gives each every N-th picture: the
 * time between two is the sum of N exponential ones, Erlang's distribution. *mtcnn detect* works on one picture and lets
 * the newest wait: the "M/G/1/2*" of M. Costa, M. Codreanu, A. Ephremides, "On the age of information in status update
 * systems with packet management", IEEE Trans. Inf. Theory 62 (2016), with Erlang's arrivals.
 *
 * It is exact. Where a service begins nothing waits, so that all that matters is how many pictures the broker has handed
 * out since this worker's last one: 0 to N - 1, a Markov chain (D. G. Kendall's method of 1953).
 */

export interface QueueConfig {
  /** Pictures a second of all cameras together. */
  rate: number;
  /** Workers that get them in turn. */
  turns: number;
  /** How long one picture takes. */
  services: readonly Service[];
}

export interface Service {
  ms: number;
  /** Its probability. */
  share: number;
}

/** One of the workers in the long run. */
export interface QueueFigures {
  /** Pictures that it finishes a second. */
  throughput: number;
  /** Share of its pictures that it drops. */
  dropped: number;
  /** Share of its time in which it works. */
  utilisation: number;
  /** Mean ms that a picture waits which is not dropped. */
  waitMs: number;
  /** Probability that a picture which is not dropped waits longer than so many ms. */
  waitsLonger: (ms: number) => number;
}

/** Solves the queue of one worker. */
export function solveQueue({ rate, turns, services }: QueueConfig): QueueFigures {
  const perMs = rate / 1000;
  const meanMs = meanOver(services, ({ ms }) => ms);
  const during = services.map(({ ms, share }) => ({ ms, share, arrivals: poisson(perMs * ms) }));

  /** Sums over what may come to the broker while one picture is worked on. */
  const expect = (since: number, value: (event: { ms: number; handed: number; came: number }) => number) =>
    meanOver(during, ({ ms, arrivals }) =>
      arrivals.reduce((sum, share, came) => sum + share * value({ ms, handed: since + came, came }), 0),
    );

  const starts = stationary(turns, (since, add) => {
    for (const { share, arrivals } of during) {
      arrivals.forEach((of, came) => {
        const handed = since + came;
        add(handed < turns ? 0 : handed % turns, share * of);
      });
    }
  });
  const overStarts = (value: (since: number) => number) =>
    starts.reduce((sum, share, since) => sum + share * value(since), 0);

  // Idle until the broker has handed out the rest of the turn.
  const idleMs = overStarts((since) => expect(since, ({ handed }) => Math.max(0, turns - handed) / perMs));
  // The picture that waits came as number `own` of those during the service, which are spread evenly over it.
  const waitMs = overStarts((since) =>
    expect(since, ({ ms, handed, came }) => {
      if (handed < turns) return 0;
      const own = handed - (handed % turns) - since;
      return (ms * (came + 1 - own)) / (came + 1);
    }),
  );
  const throughput = 1000 / (meanMs + idleMs);
  return {
    throughput,
    dropped: Math.max(0, 1 - (throughput * turns) / rate),
    utilisation: meanMs / (meanMs + idleMs),
    waitMs,
    // A picture of this worker came, and then none during the last `ms` of the service.
    waitsLonger: (ms) =>
      meanOver(services, (service) => {
        if (ms < 0) return 1;
        if (ms >= service.ms) return 0;
        const before = poisson(perMs * (service.ms - ms));
        const atMost = cumulated(poisson(perMs * ms));
        return overStarts((since) =>
          before.reduce((sum, share, came) => {
            const handed = since + came;
            return handed < turns ? sum : sum + share * (atMost[turns - 1 - (handed % turns)] ?? 1);
          }, 0),
        );
      }),
  };
}

/** The mean of something that depends on the service. */
export function meanOver<S extends Service>(services: readonly S[], value: (service: S) => number): number {
  return services.reduce((sum, service) => sum + service.share * value(service), 0);
}

/** How many events of a Poisson process there are, from 0 on, where `mean` are expected; the rest is less than 1e-12. */
function poisson(mean: number): number[] {
  const shares: number[] = [];
  const last = mean + 9 * Math.sqrt(mean) + 12;
  // By its logarithm: e to the power of a large negative mean is 0.
  for (let events = 0, log = -mean; events <= last; events++, log += Math.log(mean / events)) {
    shares.push(Math.exp(log));
    if (mean === 0) break;
  }
  return shares;
}

function cumulated(shares: readonly number[]): number[] {
  let sum = 0;
  return shares.map((share) => (sum += share));
}

/** The share of time in each of the states 0 to `states - 1` of a Markov chain. */
function stationary(
  states: number,
  leave: (state: number, add: (next: number, share: number) => void) => void,
): number[] {
  const moves: number[][] = Array.from({ length: states }, (_, state) => {
    const row = new Array<number>(states).fill(0);
    leave(state, (next, share) => (row[next]! += share));
    return row;
  });
  let shares = new Array<number>(states).fill(1 / states);
  for (let difference = 1; difference > 1e-10;) {
    // Half of the step: a chain that goes round in a circle settles, too.
    const next = shares.map((share) => share / 2);
    shares.forEach((share, state) => moves[state]!.forEach((move, to) => (next[to]! += (share * move) / 2)));
    difference = next.reduce((sum, share, state) => sum + Math.abs(share - shares[state]!), 0);
    shares = next;
  }
  return shares;
}
