import { invalidOption, numberIn, unknownOption, yesOrNo } from '../check-options';
import { describeValue } from '../errors';

/** How to search an image; every property is optional, names are those of Python `mtcnn` in camelCase. */
export interface DetectOptions {
  /** Smallest face to find, in pixels of its shorter side. Twice the size takes a quarter of the time. @default 20 */
  minFaceSize?: number;
  /** Smallest side in pixels of a pyramid level. @default 12 */
  minSize?: number;
  /** Size of one pyramid level as a share of the one before. @default 0.709, which halves the area */
  scaleFactor?: number;
  /** All three thresholds at once: P-Net, R-Net, O-Net. A single one below overrides its part. */
  thresholds?: readonly [number, number, number];
  /** Least confidence of a proposal. @default 0.6 */
  thresholdPnet?: number;
  /** Least confidence after R-Net. @default 0.7 */
  thresholdRnet?: number;
  /** Least confidence of a face. @default 0.7 */
  thresholdOnet?: number;
  /** Overlap (union) above which the lesser of two proposals of one level goes. @default 0.5 */
  nmsPnet1?: number;
  /** The same across levels. @default 0.7 */
  nmsPnet2?: number;
  /** The same after R-Net. @default 0.7 */
  nmsRnet?: number;
  /** Overlap (smaller box) above which the lesser of two faces goes. @default 0.7 */
  nmsOnet?: number;
  /** Report the five keypoints. @default true */
  landmarks?: boolean;
  /**
   * Cut boxes at the border of the image. @default false: a face that is partly outside keeps its true extent (average
   * precision on FDDB fold 1 .9197 against .9109)
   */
  fitToImage?: boolean;
  /** Move keypoints that lie beyond the image's border onto it. @default false */
  limitBoundariesLandmarks?: boolean;
  /**
   * Detect as if the image had been shrunk to this longer side, in pixels; 0: as it is. A JPEG of six times the side or
   * more decodes in half of the time or less. @default 0
   */
  maxImageSide?: number;
  /** Most pixels that an encoded image may have: a guard against decompression bombs. @default 100,000,000 */
  maxPixels?: number;
}

/** Every option with its value; `thresholds` dissolved into its three parts. */
export type ResolvedOptions = Required<Omit<DetectOptions, 'thresholds'>>;

export const DEFAULT_OPTIONS: ResolvedOptions = {
  minFaceSize: 20,
  minSize: 12,
  scaleFactor: 0.709,
  thresholdPnet: 0.6,
  thresholdRnet: 0.7,
  thresholdOnet: 0.7,
  nmsPnet1: 0.5,
  nmsPnet2: 0.7,
  nmsRnet: 0.7,
  nmsOnet: 0.7,
  landmarks: true,
  fitToImage: false,
  limitBoundariesLandmarks: false,
  maxImageSide: 0,
  maxPixels: 100_000_000,
};

type NumberOption = {
  [K in keyof ResolvedOptions]: ResolvedOptions[K] extends number ? K : never;
}[keyof ResolvedOptions];
type BooleanOption = Exclude<keyof ResolvedOptions, NumberOption>;

/** Least and greatest value of each number, both allowed. */
export const OPTION_RANGES: Record<NumberOption, readonly [least: number, greatest: number]> = {
  minFaceSize: [4, 10_000],
  minSize: [12, 10_000],
  scaleFactor: [0.3, 0.95],
  thresholdPnet: [0.01, 0.9999],
  thresholdRnet: [0.01, 0.9999],
  thresholdOnet: [0.01, 0.9999],
  nmsPnet1: [0.01, 1],
  nmsPnet2: [0.01, 1],
  nmsRnet: [0.01, 1],
  nmsOnet: [0.01, 1],
  maxImageSide: [0, 100_000],
  maxPixels: [144, 1_000_000_000],
};

/** The least `maxImageSide` other than 0 (off). */
const LEAST_IMAGE_SIDE = 24;

const THRESHOLDS = ['thresholdPnet', 'thresholdRnet', 'thresholdOnet'] as const;

/**
 * Fills in the defaults and checks every value. A property that is `undefined` counts as absent.
 * @throws FaceError `option-unknown` for a name that is none of {@link DetectOptions}, `option-invalid` for a value
 *   that is no number, no boolean, or out of range
 */
export function resolveOptions(options: unknown = {}): ResolvedOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption('options', 'an object such as {"minFaceSize": 40}', describeValue(options));
  }
  const resolved = { ...DEFAULT_OPTIONS };
  for (const [name, value] of inOrder(Object.entries(options))) {
    if (value === undefined) continue;
    if (name === 'thresholds') {
      readThresholds(value).forEach((threshold, i) => {
        const single = THRESHOLDS[i]!;
        resolved[single] = readNumber(single, threshold);
      });
    } else if (isNumberOption(name)) {
      resolved[name] = readNumber(name, value);
    } else if (isBooleanOption(name)) {
      resolved[name] = yesOrNo(name, value);
    } else {
      throw unknownOption(name, [...Object.keys(DEFAULT_OPTIONS), 'thresholds']);
    }
  }
  return resolved;
}

/** `thresholds` first, so that a single threshold beside it prevails wherever it stands. */
function inOrder(entries: [string, unknown][]): [string, unknown][] {
  return entries.sort(([a], [b]) => Number(b === 'thresholds') - Number(a === 'thresholds'));
}

function readThresholds(value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length !== 3) {
    throw invalidOption('thresholds', 'three numbers such as [0.6, 0.7, 0.7]', describeValue(value));
  }
  return value as unknown[];
}

function readNumber(name: NumberOption, value: unknown): number {
  const number = numberIn(OPTION_RANGES[name])(name, value);
  if (name === 'maxImageSide' && number > 0 && number < LEAST_IMAGE_SIDE) {
    throw invalidOption(name, `0 or at least ${LEAST_IMAGE_SIDE}`, describeValue(number));
  }
  return number;
}

function isNumberOption(name: string): name is NumberOption {
  return Object.hasOwn(OPTION_RANGES, name);
}

function isBooleanOption(name: string): name is BooleanOption {
  return Object.hasOwn(DEFAULT_OPTIONS, name) && !isNumberOption(name);
}
