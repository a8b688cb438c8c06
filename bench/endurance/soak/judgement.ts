/** What a soak's figures say: whether pictures are all accounted for, memory is flat, and nothing else grows. */
import { CAMERAS, type CameraName, type Counts } from './flow';
import type { Sample } from './sampling';
import { mean, type Reading, type Slope, slopeOf } from './slope';

/** Part of the run that is left out of the trends: engines compile, caches fill, memory is taken once. */
const WARM_UP = { share: 0.25, leastHours: 1 / 60 } as const;

/** From this length on the interval of the slope decides; before, it is too wide to say anything. */
const LONG_HOURS = 0.5;

/** Limits of a figure of memory. */
interface Limits {
  /** Long runs: MB an hour; the lower end of the slope's interval must not lie above it. */
  perHour: number;
  /** Short runs: MB between the second and the last quarter of the run. */
  growth: number;
}

/** Resident memory: the allocators of C and of the C++ libraries keep what is freed, and how much varies. */
const RESIDENT: Limits = { perHour: 10, growth: 30 };

/** What is left after a garbage collection: no allocator's habits are in it. */
const COLLECTED: Limits = { perHour: 2, growth: 5 };

/** Requests that are under way, which are neither handles nor timers; the client that never reads keeps one for good. */
const REQUEST = /Req|(Write|Shutdown|Connect)Wrap$/;

/** One line of the table. */
export interface Trend {
  what: string;
  /** Means of the second and the last quarter of the run, in MB. */
  second: number;
  last: number;
  /** MB an hour. */
  slope: Slope;
}

/** One line of the table of what is counted. */
export interface Level {
  what: string;
  /** What was there all the time, in the quarter after the warm-up and in the last. */
  early: number;
  late: number;
}

/** One camera's pictures, from its source to its view. */
export interface Account {
  camera: CameraName;
  /** What its source handed over, where we are the source. */
  source: number | undefined;
  numbered: number;
  lost: number;
  dropped: number;
  annotateDropped: number;
  shown: number;
  faces: number;
}

export interface Judgement {
  accounts: Account[];
  trends: Trend[];
  levels: Level[];
  /** A sentence for each requirement that does not hold. */
  failures: string[];
}

/**
 * Judges a run.
 * @param counts of the flow, when nothing was under way any more
 * @param sources pictures that our own cameras have sent
 */
export function judge(
  samples: readonly Sample[],
  counts: Counts,
  sources: Partial<Record<CameraName, number>>,
): Judgement {
  const { late, early, judged, long } = partsOf(samples);
  const trends = memoryOf(judged).map(({ what, limits, readings }) => {
    const inPart = (part: readonly Sample[]) =>
      mean(
        readings
          .filter(({ hours }) => part.some((sample) => sample.hours === hours))
          .map(({ value }) => value),
      );
    return { what, limits, second: inPart(early), last: inPart(late), slope: slopeOf(readings) };
  });
  const levels = levelsOf(early, late);
  const accounts = CAMERAS.map((camera) => accountOf(camera, counts, sources[camera]));
  return {
    accounts,
    trends,
    levels,
    failures: [
      ...counts.errors.map((error) => `An error reached the Catch node: ${error}`),
      ...CAMERAS.flatMap((camera) => missing(camera, counts, sources[camera])),
      ...replaced(judged),
      ...trends.flatMap((trend) => grows(trend, trend.limits, long)),
      ...levels
        .filter(
          ({ what, early: before, late: after }) => after > before + (what === TIMERS ? COMING_AND_GOING : 0),
        )
        .map(({ what, early: before, late: after }) => `${what} grew from ${before} to ${after}.`),
    ],
  };
}

const TIMERS = 'The number of Timeout in Node-RED';

/**
 * Timers that may be more at the end: each picture in one of the two detectors has its deadline, and the scene waits for its
 * next frame; while a machine is busier than before they are always there.
 */
const COMING_AND_GOING = 3;

/** The run without its warm-up, the quarter after it, and the last one. */
function partsOf(samples: readonly Sample[]) {
  const end = samples.at(-1)?.hours ?? 0;
  const warmUp = Math.max(WARM_UP.leastHours, WARM_UP.share * end);
  const quarter = Math.min(end / 4, (end - warmUp) / 2);
  const judged = samples.filter(({ hours }) => hours >= warmUp);
  return {
    judged,
    early: judged.filter(({ hours }) => hours < warmUp + quarter),
    late: judged.filter(({ hours }) => hours >= end - quarter),
    long: end >= LONG_HOURS,
  };
}

/** Every figure of memory over time. */
function memoryOf(samples: readonly Sample[]): { what: string; limits: Limits; readings: Reading[] }[] {
  const read = (value: (sample: Sample) => number | undefined): Reading[] =>
    samples.flatMap((sample) => {
      const found = value(sample);
      return found === undefined ? [] : [{ hours: sample.hours, value: found }];
    });
  return [
    ...lasting(samples).map(({ pid, name }) => ({
      what: `${name} ${pid}, resident`,
      limits: RESIDENT,
      readings: read(({ processes }) => processes.find((each) => each.pid === pid)?.residentMb),
    })),
    { what: 'node-red, heap', limits: COLLECTED, readings: read(({ inside }) => inside.heapMb) },
    { what: 'node-red, external', limits: COLLECTED, readings: read(({ inside }) => inside.externalMb) },
  ];
}

/** The processes that were there at the beginning and at the end. */
function lasting(samples: readonly Sample[]) {
  const last = samples.at(-1)?.processes ?? [];
  return (samples[0]?.processes ?? []).filter(({ pid }) => last.some((each) => each.pid === pid));
}

/** What is counted and must not grow. The least count of a time is what is there always; above it things come and go. */
function levelsOf(early: readonly Sample[], late: readonly Sample[]): Level[] {
  const level = (what: string, count: (sample: Sample) => number): Level => ({
    what,
    early: Math.min(...early.map(count)),
    late: Math.min(...late.map(count)),
  });
  const types = new Set([...early, ...late].flatMap(({ inside }) => Object.keys(inside.resources)));
  return [
    level('The number of Node-RED’s children', ({ processes }) => processes.length - 1),
    level('The number of temporary files', ({ temporaryFiles }) => temporaryFiles),
    ...lasting([...early, ...late]).map(({ pid, name }) =>
      level(
        `The number of handles of ${name} ${pid}`,
        ({ processes }) => processes.find((each) => each.pid === pid)?.handles ?? 0,
      ),
    ),
    ...[...types]
      .filter((type) => !REQUEST.test(type))
      .sort()
      .map((type) => level(`The number of ${type} in Node-RED`, ({ inside }) => inside.resources[type] ?? 0)),
  ];
}

/** Processes that ended or came between the warm-up and the end: a crash or a lost camera. */
function replaced(samples: readonly Sample[]): string[] {
  const kept = lasting(samples).map(({ pid }) => pid);
  const others = (sample: Sample | undefined) =>
    (sample?.processes ?? []).filter(({ pid }) => !kept.includes(pid));
  return [
    ...others(samples[0]).map(({ name, pid }) => `The process ${name} ${pid} ended during the run.`),
    ...others(samples.at(-1)).map(
      ({ name, pid }) => `The process ${name} ${pid} was started during the run.`,
    ),
  ];
}

function grows({ what, second, last, slope }: Trend, { perHour, growth }: Limits, long: boolean): string[] {
  const [lower] = slope.interval;
  if (long && lower > perHour)
    return [
      `The memory of ${what} grows by at least ${lower.toFixed(1)} MB an hour; ${perHour} are allowed.`,
    ];
  if (!long && last - second > growth) {
    return [
      `The memory of ${what} grew by ${(last - second).toFixed(1)} MB from the second quarter to the last; ${growth} are allowed.`,
    ];
  }
  return [];
}

function accountOf(camera: CameraName, { cameras }: Counts, source: number | undefined): Account {
  const { numbered, lost, detectDropped, annotateDone, annotated, shown, faces } = cameras[camera];
  const annotateDropped = annotateDone - annotated;
  return { camera, source, numbered, lost, dropped: detectDropped, annotateDropped, shown, faces };
}

/** Where pictures of a camera got lost without being counted. */
function missing(camera: CameraName, { cameras }: Counts, source: number | undefined): string[] {
  const counts = cameras[camera];
  const { numbered, sent, lost, detected, detectDropped, annotated, annotateDone, shown, failed } = counts;
  const equal = (what: string, given: number, accounted: number) =>
    given === accounted
      ? []
      : [`Camera ${camera}: ${what}: ${given} went in, ${accounted} are accounted for.`];
  return [
    ...(shown === 0 ? [`Camera ${camera}: no picture reached its view.`] : []),
    ...(source === undefined ? [] : equal('from the source to the camera', source, numbered)),
    ...equal('camera input (sent + dropped)', numbered, sent + lost),
    ...equal('mtcnn detect (sent + dropped + failed)', sent, detected + detectDropped + failed),
    ...equal('face annotate (done)', detected, annotateDone),
    ...equal('face view (done)', annotated, shown),
  ];
}
