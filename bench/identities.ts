/**
 * Identities kept by the tracker over a scene with crossings, occlusions and exits.
 *
 *   node dist/bench/identities.js [--frames N] [--seed N] [--options JSON]
 *
 * The truth is the drawn test scene's, joined by three walkers who cross each other and the others. A simulated detector
 * adds noise to the boxes, misses faces, invents some, and drops frames. The last line is JSON:
 * `{idf1, idPrecision, idRecall, switches, frames}`.
 */
import { parseArgs } from 'node:util';
import type { Face } from '../src/detection';
import { sceneFaces } from '../src/camera/test-scene/scene-faces';
import { FaceTracker } from '../src/tracking/face-tracker';
import { DEFAULT_TRACK_OPTIONS, type TrackOptions } from '../src/tracking/options';
import { type IdentityFigures, IdentityScore } from './idf1';

type Box = Face['box'];

const [WIDTH, HEIGHT, RATE] = [640, 480, 10] as const;

/** What the simulated detector does wrong. */
const NOISE = {
  /** Standard deviation of a box's place and size, in box sizes. */
  box: 0.05,
  /** Share of the faces missed. */
  missed: 0.1,
  /** Invented faces a frame. */
  invented: 0.02,
  /** Share of the frames dropped. */
  dropped: 0.05,
} as const;

/** Covered by a nearer face by more than this share, a face is not seen. */
const COVERED = 0.4;

/** Share of a walker's face that the border may cut off before the detector loses it. */
const CUT = 0.3;

/** People who walk through: the side that they come from, size in pixels, height in the picture, s for the way, s between two walks. */
const WALKERS = [
  { id: 'walker-a', from: -1, size: 66, y: 205, seconds: 7, period: 11 },
  { id: 'walker-b', from: 1, size: 78, y: 225, seconds: 5, period: 9 },
  { id: 'walker-c', from: -1, size: 130, y: 330, seconds: 9, period: 23 },
] as const;

/** A repeatable source of random numbers: mulberry32, Tommy Ettinger, public domain. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everybody's face at a moment, back to front. */
function people(seconds: number): { id: string; box: Box; visible: boolean }[] {
  const walkers = WALKERS.map(({ id, from, size, y, seconds: way, period }) => {
    const share = (seconds % period) / way;
    const x = (from < 0 ? share : 1 - share) * (WIDTH + 2 * size) - size;
    const box: Box = [x - size / 2, y - size * 0.65 + 4 * Math.sin(seconds * 6), size, size * 1.3];
    return { id, box, visible: share < 1 && box[0] > -CUT * size && box[0] + size < WIDTH + CUT * size };
  });
  const all = [...sceneFaces(seconds, WIDTH, HEIGHT), ...walkers].sort((a, b) => a.box[3] - b.box[3]);
  return all.map((face, i) => ({
    ...face,
    visible: face.visible && all.slice(i + 1).every((nearer) => cover(face.box, nearer.box) < COVERED),
  }));
}

/** Share of the first box that lies in the second. */
function cover(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? (width * height) / (a[2] * a[3]) : 0;
}

/** Runs the tracker over the scene. Somebody who is away for longer than a face may be hidden is somebody else after it. */
export function measureIdentities(
  frames: number,
  seed = 1,
  options: Partial<TrackOptions> = {},
): IdentityFigures {
  const random = randomFrom(seed);
  // Box and Muller 1958
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const tracker = new FaceTracker(options);
  const { hiddenMs } = { ...DEFAULT_TRACK_OPTIONS, ...options };
  const stays = new Map<string, { count: number; lastMs: number }>();
  const score = new IdentityScore();
  for (let frame = 0; frame < frames; frame++) {
    const timestamp = (frame * 1000) / RATE;
    const visible = people(timestamp / 1000).filter((face) => face.visible);
    for (const { id } of visible) {
      const stay = stays.get(id) ?? { count: 0, lastMs: timestamp };
      const away = timestamp - stay.lastMs > hiddenMs;
      stays.set(id, { count: stay.count + (away ? 1 : 0), lastMs: timestamp });
    }
    if (random() < NOISE.dropped) continue;
    const found = visible
      .filter(() => random() >= NOISE.missed)
      .map(({ box: [x, y, width, height] }): Face => {
        const jitter = (size: number) => size * NOISE.box * gaussian();
        const box: Box = [
          ...([x + jitter(width), y + jitter(height)] as const),
          ...([width + jitter(width), height + jitter(height)] as const),
        ];
        return { box, confidence: 0.99 };
      });
    if (random() < NOISE.invented) {
      const size = 30 + 60 * random();
      const box: Box = [random() * (WIDTH - size), random() * (HEIGHT - size), size, size];
      found.push({ box, confidence: 0.75 });
    }
    const { tracks } = tracker.update(found, { timestamp, width: WIDTH, height: HEIGHT });
    score.add(
      visible.map(({ id, box }) => ({ id: `${id} ${stays.get(id)?.count ?? 0}`, box })),
      // A face that is missed for a frame or two is still shown; one that is covered for longer is not.
      tracks.present
        .filter(({ ageMs, dwellMs }) => ageMs - dwellMs <= 200)
        .map(({ trackId, box }) => ({ id: String(trackId), box })),
    );
  }
  return score.figures();
}

if (require.main === module) {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      options: { type: 'string', default: '{}' },
    },
  });
  const frames = Number(values.frames);
  const options = JSON.parse(values.options) as Partial<TrackOptions>;
  console.log(JSON.stringify(measureIdentities(frames, Number(values.seed), options)));
}
