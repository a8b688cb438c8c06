import { fitLine } from '../../fit-line';

/** Whether a figure that was read again and again grows: arithmetic alone. */

/** One reading. */
export interface Reading {
  /** Time in hours, from any origin. */
  hours: number;
  value: number;
}

export interface Slope {
  /** Growth per hour, by least squares. */
  perHour: number;
  /** Lower and upper end of its 95 % interval. */
  interval: [number, number];
}

/**
 * Parts of the time whose means are taken for independent. Neighbouring readings are not: memory that was taken stays
 * taken for a while, and a straight line through all of them would look much surer than it is. Means of parts that last
 * minutes are nearly so (the method of batch means; Law and Kelton, Simulation Modeling and Analysis, 9.5.3, advise 5
 * to 30 of them).
 */
export const BLOCKS = 12;

/** The 97.5 % point of Student's t with BLOCKS - 2 degrees of freedom. */
const STUDENT = 2.228;

/**
 * The slope of readings over time, through the means of {@link BLOCKS} equal parts of it.
 * @param readings in the order of their times, at least one in each part
 * @throws Error where a part has none
 */
export function slopeOf(readings: readonly Reading[]): Slope {
  const blocks = blockMeans(readings);
  const { slope, intercept } = fitLine(blocks.map(({ hours, value }) => [hours, value]));
  const middle = mean(blocks.map(({ hours }) => hours));
  const spread = sum(blocks.map(({ hours }) => (hours - middle) ** 2));
  const residuals = blocks.map(({ hours, value }) => value - intercept - slope * hours);
  const error = Math.sqrt(sum(residuals.map((residual) => residual ** 2)) / (BLOCKS - 2) / spread);
  return { perHour: slope, interval: [slope - STUDENT * error, slope + STUDENT * error] };
}

function blockMeans(readings: readonly Reading[]): Reading[] {
  const first = readings[0]?.hours ?? NaN;
  const last = readings.at(-1)?.hours ?? NaN;
  const blockOf = ({ hours }: Reading) =>
    Math.min(BLOCKS - 1, Math.floor(((hours - first) / (last - first)) * BLOCKS));
  return Array.from({ length: BLOCKS }, (_, block) => {
    const members = readings.filter((reading) => blockOf(reading) === block);
    if (members.length === 0) throw new Error(`no reading in part ${block + 1} of ${BLOCKS} of the time`);
    return {
      hours: mean(members.map(({ hours }) => hours)),
      value: mean(members.map(({ value }) => value)),
    };
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The mean of values; NaN of none. */
export const mean = (values: readonly number[]): number => sum(values) / values.length;
