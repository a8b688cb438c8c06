/** The bad inputs: which kinds there are, how many of each, and to which node each goes. */
import {
  anything,
  faces,
  hostileFaces,
  hostileOptions,
  hostilePaths,
  hostileSize,
  hostileTracks,
  hostileZones,
  lyingPixels,
  lyingText,
  picture,
  polluting,
} from './hostile';
import { mutate, splice } from './mutate';
import { Random } from '../random';
import { type Format, FORMATS, type SeedPictures } from './seed-pictures';

export const TARGETS = [
  'detect',
  'video',
  'annotate',
  'hide',
  'crop',
  'filter',
  'track',
  'alert',
  'view',
  'camera',
] as const;

/** A node that is sent bad input: two are mtcnn-detect, two face-annotate, in different modes. */
export type Target = (typeof TARGETS)[number];

export type Message = Record<string, unknown>;

export interface BadInput {
  number: number;
  kind: string;
  target: Target;
  message: Message;
}

interface Kind {
  kind: string;
  /** Of ten thousand inputs so many are of this kind. */
  weight: number;
  targets: readonly Target[];
  make: (random: Random, seeds: SeedPictures) => Message;
}

/** Values that the options of mtcnn-detect allow, its extremes among them. */
const DETECT_OPTIONS: Record<string, readonly unknown[]> = {
  minFaceSize: [4, 12, 40, 10_000],
  minSize: [12, 40],
  scaleFactor: [0.3, 0.709, 0.95],
  thresholds: [[0.6, 0.7, 0.7], [0.5], [[0.6], 0.7, 0.7], [NaN, 1, 1], { 0: 0.6, length: 3 }],
  thresholdPnet: [0.1, 0.9999],
  thresholdRnet: [0.01, 0.9999],
  thresholdOnet: [0.01, 0.9999],
  nmsPnet1: [0.01, 1],
  nmsPnet2: [0.01, 1],
  nmsRnet: [0.01, 1],
  nmsOnet: [0.01, 1],
  landmarks: [true, false],
  fitToImage: [true],
  limitBoundariesLandmarks: [true],
  maxImageSide: [0, 24, 100_000],
  maxPixels: [144, 10_000],
};

const CROP_OPTIONS: Record<string, readonly unknown[]> = {
  mode: ['margin', 'aligned'],
  margin: [0, 1],
  square: [true],
  size: [16, 112, 512],
  padding: ['edge', 'black', 'grey'],
  format: ['jpeg', 'png', 'raw'],
  quality: [1, 100],
  largestOnly: [true],
};

const FILTER_OPTIONS: Record<string, readonly unknown[]> = {
  minConfidence: [0, 1],
  minSize: [0, 0.5, 40],
  maxSize: [0, 1, 10_000],
  sizeUnit: ['px', 'share'],
  minSharpness: [1, 500],
  maxRoll: [0, 180],
  maxYaw: [0, 45],
  maxPitch: [0, 45],
  keep: ['all', 'largest', 'most-confident', 'most-central', 'first'],
  keepCount: [1, 1000],
};

/** Everything that searches as long as it can: each is ended by a deadline at the latest. */
const SLOW_OPTIONS = { minFaceSize: 4, scaleFactor: 0.95, thresholdPnet: 0.01, nmsPnet1: 1, nmsPnet2: 1 };

const DETECT: readonly Target[] = ['detect', 'detect', 'detect', 'video'];

const mutated = (format: Format, weight: number): Kind => ({
  kind: `mutated ${format}`,
  weight,
  targets: DETECT,
  make: (random, { pictures }) => ({ payload: mutate(random, random.pick(pictures[format]), format) }),
});

/** First bytes of every format that is read, and of some that are not. */
const SIGNATURES = [
  'ffd8ffe0',
  '89504e470d0a1a0a',
  '474946383961',
  '49492a00',
  '4d4d002a',
  '424d',
  '3c737667',
  '25504446',
];

export const KINDS: readonly Kind[] = [
  mutated('jpeg', 1400),
  mutated('png', 1200),
  mutated('webp', 800),
  mutated('tiff', 900),
  mutated('gif', 700),
  mutated('avif', 200),
  {
    kind: 'spliced files',
    weight: 400,
    targets: DETECT,
    make: (random, { pictures }) => {
      const file = () => random.pick(pictures[random.pick(FORMATS)]);
      return { payload: splice(random, file(), file()) };
    },
  },
  {
    kind: 'random bytes',
    weight: 450,
    targets: DETECT,
    make: (random) => {
      const signature = Buffer.from(random.chance(0.7) ? random.pick(SIGNATURES) : '', 'hex');
      return { payload: Buffer.concat([signature, random.bytes(random.whole(0, 3_000))]) };
    },
  },
  {
    kind: 'wrong types',
    weight: 250,
    targets: DETECT,
    make: (random) => ({ payload: anything(random), topic: anything(random), frame: anything(random) }),
  },
  {
    kind: 'pixels that lie',
    weight: 250,
    targets: DETECT,
    make: (random) => ({ payload: lyingPixels(random) }),
  },
  {
    kind: 'text that lies',
    weight: 250,
    targets: DETECT,
    make: (random, seeds) => ({ payload: lyingText(random, seeds) }),
  },
  {
    kind: 'arrays of pictures',
    weight: 100,
    targets: DETECT,
    make: (random, seeds) => ({
      payload: Array.from({ length: random.whole(0, 4) }, () =>
        random.chance(0.8) ? picture(random, seeds, 0.1) : anything(random),
      ),
    }),
  },
  {
    kind: 'an array of bytes',
    weight: 2,
    targets: DETECT,
    make: (random) => ({ payload: Array.from(random.bytes(100_000)) }),
  },
  {
    kind: 'hostile detect options',
    weight: 450,
    targets: DETECT,
    make: (random, seeds) => ({
      payload: picture(random, seeds, 0),
      options: hostileOptions(random, DETECT_OPTIONS),
    }),
  },
  {
    kind: 'slow detect options',
    weight: 3,
    targets: ['detect'],
    make: (random, { pictures }) => ({
      payload: random.pick(pictures.jpeg),
      options: { ...SLOW_OPTIONS, ...(random.chance(0.5) ? { thresholdRnet: 0.01, nmsRnet: 1 } : {}) },
    }),
  },
  {
    kind: 'hostile camera messages',
    weight: 300,
    targets: ['video'],
    make: (random, seeds) => ({
      payload: picture(random, seeds, 0),
      frame: hostileSize(random),
      topic: random.chance(0.8) ? 'door' : anything(random),
    }),
  },
  {
    kind: 'prototype-polluting JSON',
    weight: 250,
    targets: TARGETS.filter((target) => target !== 'camera'),
    make: (random, seeds) => ({
      // Its own property; one such as hasOwnProperty would end Node-RED itself.
      ...(JSON.parse('{"__proto__":{"polluted":1}}') as Message),
      payload: random.chance(0.5) ? polluting(random) : picture(random, seeds, 0),
      image: random.chance(0.5) ? polluting(random) : picture(random, seeds, 0),
      options: polluting(random),
      detection: polluting(random),
      frame: polluting(random),
      topic: polluting(random),
    }),
  },
  {
    kind: 'huge dimensions',
    weight: 30,
    targets: ['detect', 'detect', 'annotate', 'hide', 'crop'],
    make: (random, { bombs }) => {
      const image = random.pick(bombs);
      return random.chance(0.5) ? { payload: image, image } : { payload: faces(random), image };
    },
  },
  {
    kind: 'hostile faces to draw',
    weight: 900,
    targets: ['annotate', 'hide'],
    make: (random, seeds) => ({
      payload: hostileFaces(random),
      image: random.chance(0.8) ? picture(random, seeds, 0.2) : lyingPixels(random),
      detection: random.chance(0.5) ? { width: 64, height: 64 } : hostileSize(random),
      tracks: hostileTracks(random),
      zones: hostileZones(random),
      topic: random.chance(0.8) ? 'door' : anything(random),
    }),
  },
  {
    kind: 'hostile faces to crop',
    weight: 600,
    targets: ['crop'],
    make: (random, seeds) => ({
      payload: hostileFaces(random),
      image: random.chance(0.9) ? picture(random, seeds, 0.2) : lyingPixels(random),
      ...(random.chance(0.5) ? { options: hostileOptions(random, CROP_OPTIONS) } : {}),
    }),
  },
  {
    kind: 'hostile faces to filter',
    weight: 550,
    targets: ['filter'],
    make: (random, seeds) => ({
      payload: random.chance(0.7) ? hostileFaces(random) : faces(random),
      detection: hostileSize(random),
      ...(random.chance(0.5) ? { image: picture(random, seeds, 0.2) } : {}),
      options: random.chance(0.6)
        ? hostileOptions(random, FILTER_OPTIONS)
        : { zones: hostileZones(random), minSharpness: random.pick([0, 100]) },
    }),
  },
  {
    kind: 'hostile faces to follow',
    weight: 400,
    targets: ['track'],
    make: (random) => ({
      payload: random.chance(0.5) ? hostileFaces(random) : faces(random),
      detection: random.chance(0.5) ? { width: 96, height: 96 } : hostileSize(random),
      ...(random.chance(0.5) ? { frame: hostileSize(random) } : {}),
      topic: random.chance(0.8) ? 'door' : anything(random),
      ...(random.chance(0.1) ? { reset: anything(random) } : {}),
    }),
  },
  {
    kind: 'hostile faces to watch',
    weight: 250,
    targets: ['alert'],
    make: (random, seeds) => ({
      payload: hostileFaces(random),
      ...(random.chance(0.5) ? { image: picture(random, seeds) } : {}),
      topic: random.chance(0.8) ? 'door' : anything(random),
    }),
  },
  {
    kind: 'hostile pictures to view',
    weight: 250,
    targets: ['view'],
    make: (random, seeds) => ({
      payload: random.chance(0.5) ? hostileFaces(random) : picture(random, seeds, 0.7),
      image: random.chance(0.8) ? picture(random, seeds) : anything(random),
      faces: random.chance(0.5) ? faces(random) : anything(random),
      detection: hostileSize(random),
      frame: hostileSize(random),
    }),
  },
  {
    kind: 'hostile commands',
    weight: 30,
    targets: ['camera'],
    make: (random, seeds) => ({
      payload: random.chance(0.5)
        ? {
            source: random.chance(0.8) ? random.pick([...SOURCES, ...hostilePaths(seeds)]) : anything(random),
          }
        : random.chance(0.5)
          ? random.pick(['start', 'stop', 'snapshot', 'START ', 'explode'])
          : anything(random),
      topic: anything(random),
    }),
  },
];

/** Addresses where nobody answers, and what only looks like one. */
const SOURCES = [
  'rtsp://127.0.0.1:1/x',
  'http://127.0.0.1:1/',
  'rtsp://%zz@127.0.0.1:1/x',
  'http://user:%@127.0.0.1:1/x',
  'http://127.0.0.1:99999/',
  'scene',
  'rpicam:9',
  '/dev/video99',
  'javascript:alert(1)',
  'data:image/png;base64,AA',
  '/nowhere/**/[a-]*.jpg',
  'missing.mp4',
  '-f lavfi.mp4',
];

const ALL_WEIGHTS = KINDS.reduce((sum, { weight }) => sum + weight, 0);

/** Input `number` of a seed: the same at every run. */
export function makeBadInput(seed: number, number: number, seeds: SeedPictures): BadInput {
  const random = new Random(seed, number);
  const { kind, target, make } = choose(random);
  return { number, kind, target, message: make(random, seeds) };
}

/** Where that input goes, without making it. */
export function targetOf(seed: number, number: number): Target {
  return choose(new Random(seed, number)).target;
}

function choose(random: Random): Kind & { target: Target } {
  let left = random.next() * ALL_WEIGHTS;
  const kind = KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0]!;
  return { ...kind, target: random.pick(kind.targets) };
}
