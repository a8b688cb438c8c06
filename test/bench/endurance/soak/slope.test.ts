import { expect, it } from 'vitest';
import { BLOCKS, type Reading, slopeOf } from '../../../../bench/endurance/soak/slope';

/** Readings a minute apart. */
const everyMinute = (count: number, value: (minute: number) => number): Reading[] =>
  Array.from({ length: count }, (_, minute) => ({ hours: minute / 60, value: value(minute) }));

/** Numbers from -1 to 1 that are the same at every run (the generator of Park and Miller). */
function noise(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 1_073_741_823.5 - 1;
}

it('a straight line is sure of its slope', () => {
  const { perHour, interval } = slopeOf(everyMinute(60, (minute) => 100 + minute / 10));
  expect(perHour).toBeCloseTo(6, 9);
  expect(interval[0]).toBeCloseTo(6, 6);
  expect(interval[1]).toBeCloseTo(6, 6);
});

it('the interval is that of the textbook for one reading in each part', () => {
  // 0, 1, 0, 1, … at 12 hours: slope 6/286 an hour, residual sum of squares 3 - 36/143/4, Student's t 2.228.
  const { perHour, interval } = slopeOf(
    Array.from({ length: BLOCKS }, (_, hour) => ({ hours: hour, value: hour % 2 })),
  );
  expect(perHour).toBeCloseTo(3 / 143, 9);
  const error = Math.sqrt((3 - 9 / 143) / 10 / 143);
  expect(interval[0]).toBeCloseTo(3 / 143 - 2.228 * error, 9);
  expect(interval[1]).toBeCloseTo(3 / 143 + 2.228 * error, 9);
});

it('noise around a level leaves zero within the interval', () => {
  const next = noise();
  const { interval } = slopeOf(everyMinute(600, () => 100 + next()));
  expect(interval[0]).toBeLessThan(0);
  expect(interval[1]).toBeGreaterThan(0);
});

it('growth beneath noise is found', () => {
  const next = noise();
  const { interval } = slopeOf(everyMinute(600, (minute) => 100 + minute / 60 + next()));
  expect(interval[0]).toBeGreaterThan(0.5);
  expect(interval[1]).toBeLessThan(1.5);
});

it('memory that wanders makes a wider interval than memory that trembles', () => {
  const width = ({ interval: [low, high] }: { interval: [number, number] }) => high - low;
  const next = noise();
  const trembling = everyMinute(600, next);
  // Each level stays for half an hour: readings beside each other tell the same.
  const again = noise();
  let level = 0;
  const wandering = everyMinute(600, (minute) => (minute % 30 === 0 ? (level = again()) : level));
  expect(width(slopeOf(wandering))).toBeGreaterThan(3 * width(slopeOf(trembling)));
});

it('a time without any reading is an error', () => {
  const readings = everyMinute(60, () => 1).filter(({ hours }) => hours < 0.5 || hours > 0.7);
  expect(() => slopeOf(readings)).toThrow('no reading in part 7 of 12');
});
