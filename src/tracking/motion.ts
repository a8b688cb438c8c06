import type { Face } from '../detection';

type Box = Face['box'];

/** Standard deviation of a detected box's place, in face sizes: measured on still faces of the test scene, doubled. */
const MEASURED = 0.05;

/**
 * Standard deviation of a face's acceleration, in face sizes per s²: of .3 to 8 tried, the one that keeps the most
 * identities on `bench/identities.ts`.
 */
const ACCELERATION = 0.6;

/** Standard deviation of a face's first speed, in face sizes per s: unknown, a walking person's. */
const FIRST_SPEED = 2;

/** Speeds are forgotten with this time constant in ms while a face is not seen: people stop and turn. */
const COASTING_MS = 1_500;

/**
 * Where a face is and will be: a Kalman filter with constant velocity over centre and size, as in SORT (Bewley et al.
 * 2016, arXiv:1602.00763), in milliseconds rather than frames, since frames are dropped under load. Noise is relative to
 * the face's size, so that one covariance serves all four numbers.
 */
export class Motion {
  /** Centre x, centre y, width, height in pixels. */
  #place: number[];
  /** Of the centre, per ms: a size that is carried on grows without bounds. */
  #speed = [0, 0];
  /** Covariance of place and speed, in sizes and sizes per s. */
  #variance = { place: MEASURED ** 2, both: 0, speed: FIRST_SPEED ** 2 };
  #at: number;

  /** @param at ms */
  constructor(box: Box, at: number) {
    this.#place = toPlace(box);
    this.#at = at;
  }

  /** Where the face is expected at a time, in ms. */
  predict(at: number): Box {
    // Full speed over a frame's interval, ever slower after it.
    const ms = COASTING_MS * (1 - Math.exp(-(at - this.#at) / COASTING_MS));
    const [x, y, width, height] = this.#place.map((value, i) => value + (this.#speed[i] ?? 0) * ms) as Box;
    const [w, h] = [Math.max(1, width), Math.max(1, height)];
    return [x - w / 2, y - h / 2, w, h];
  }

  /** Standard deviation, in face sizes, of the distance at which a face is detected from where it is expected. */
  uncertainty(at: number): number {
    return Math.sqrt(this.#grown(at).place + MEASURED ** 2);
  }

  /** Takes a detected box. */
  update(box: Box, at: number): void {
    const predicted = toPlace(this.predict(at));
    const grown = this.#grown(at);
    const total = grown.place + MEASURED ** 2;
    const gain = { place: grown.place / total, speed: grown.both / total };
    const measured = toPlace(box);
    this.#place = predicted.map((value, i) => value + gain.place * (measured[i]! - value));
    this.#speed = this.#speed.map((value, i) => value + (gain.speed * (measured[i]! - predicted[i]!)) / 1000);
    this.#variance = {
      place: (1 - gain.place) * grown.place,
      both: (1 - gain.place) * grown.both,
      speed: grown.speed - gain.speed * grown.both,
    };
    this.#at = at;
  }

  /** The covariance after the time since the last measurement: a white acceleration adds to it. */
  #grown(at: number): { place: number; both: number; speed: number } {
    const s = (at - this.#at) / 1000;
    const { place, both, speed } = this.#variance;
    const noise = ACCELERATION ** 2;
    return {
      place: place + 2 * s * both + s * s * speed + (noise * s ** 4) / 4,
      both: both + s * speed + (noise * s ** 3) / 2,
      speed: speed + noise * s * s,
    };
  }
}

const toPlace = ([x, y, width, height]: Box): number[] => [x + width / 2, y + height / 2, width, height];
