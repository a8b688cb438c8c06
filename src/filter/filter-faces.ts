import {
  checkOptions,
  invalidOption,
  numberIn,
  oneOf,
  type OptionReader,
  type Range,
  wholeNumberIn,
} from '../check-options';
import type { Face } from '../detection';
import { FaceError } from '../errors';
import { checkZones, type Zone, zoneOf } from '../geometry/zones';
import type { Pixels } from '../image/pixels';
import { headPose } from './head-pose';
import { sharpness } from './sharpness';

export const SIZE_UNITS = ['px', 'share'] as const;
export const KEEP_KINDS = ['all', 'largest', 'most-confident', 'most-central', 'first'] as const;

/** Which faces stay; every property is optional, and without any all stay. */
export interface FilterOptions {
  /** 0 to 1. @default 0 */
  minConfidence?: number;
  /** Least length of a face's shorter side, in `sizeUnit`. @default 0 */
  minSize?: number;
  /** Greatest length of a face's shorter side, in `sizeUnit`; 0: none. @default 0 */
  maxSize?: number;
  /** Pixels, or a share (0 to 1) of the frame's shorter side. @default 'px' */
  sizeUnit?: (typeof SIZE_UNITS)[number];
  /** As `sharpness` measures it; 0: off, and the picture is not decoded. @default 0 */
  minSharpness?: number;
  /** Most degrees that a head is turned in the picture, either way; 180: off. @default 180 */
  maxRoll?: number;
  /** Most degrees that a head is turned sideways, either way; 90: off. @default 90 */
  maxYaw?: number;
  /** Most degrees that a head looks up or down; 90: off. @default 90 */
  maxPitch?: number;
  /** Where faces count; none: everywhere. @default [] */
  zones?: readonly Zone[];
  /** What is chosen among the faces that are left. @default 'all' */
  keep?: (typeof KEEP_KINDS)[number];
  /** How many are chosen; of no effect with `all`. @default 1 */
  keepCount?: number;
}

export const DEFAULT_FILTER_OPTIONS: Required<FilterOptions> = {
  minConfidence: 0,
  minSize: 0,
  maxSize: 0,
  sizeUnit: 'px',
  minSharpness: 0,
  maxRoll: 180,
  maxYaw: 90,
  maxPitch: 90,
  zones: [],
  keep: 'all',
  keepCount: 1,
};

/** Least and greatest value of each number, both allowed. */
export const FILTER_RANGES = {
  minConfidence: [0, 1],
  minSize: [0, 10_000],
  maxSize: [0, 10_000],
  minSharpness: [0, 10_000],
  maxRoll: [0, 180],
  maxYaw: [0, 90],
  maxPitch: [0, 90],
  keepCount: [1, 1000],
} as const satisfies Record<string, Range>;

export const REJECT_REASONS = [
  'confidence',
  'size',
  'sharpness',
  'roll',
  'yaw',
  'pitch',
  'no-keypoints',
  'outside-zones',
  'excluded-zone',
  'not-selected',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Why a face was turned away: the first of its faults, cheapest first. */
export interface Rejection {
  reason: RejectReason;
  /** The value and its limit, such as `18 px < 40 px`, or the zone's name. */
  detail: string;
}

/** The picture that the faces were found on. */
export interface FilterFrame {
  /** Size of the upright image in pixels; NaN where it is not known, which serves without zones, shares and middle. */
  width: number;
  height: number;
  /** Called at most once, and only where sharpness is asked for. */
  pixels?: () => Promise<Pixels>;
}

/** Every face is in one of the lists, as it came and with every other property that it has. */
export interface Filtered<F extends Face> {
  /** In the order they came with `all`, best first otherwise. */
  kept: F[];
  /** In the order they came. */
  rejected: (F & Rejection)[];
}

/**
 * Divides faces into those that meet every condition and those that do not.
 * @throws FaceError `option-…`; `image-missing` where sharpness is asked for without a picture; `faces-invalid` where the
 *   frame's size is needed and not known; whatever `pixels` throws
 */
export async function filterFaces<F extends Face>(
  faces: readonly F[],
  options: FilterOptions,
  frame: FilterFrame,
): Promise<Filtered<F>> {
  const checked = checkFilterOptions(options);
  checkFrame(frame, checked);
  const candidates = faces.map((face): Candidate<F> => ({ face, rejection: judge(face, checked, frame) }));
  if (checked.minSharpness > 0) await judgeSharpness(candidates.filter(isLeft), checked.minSharpness, frame);
  const kept = choose(candidates.filter(isLeft), checked, frame);
  return {
    kept: kept.map(({ face }) => face),
    rejected: candidates.flatMap(({ face, rejection }) =>
      rejection === undefined ? [] : [{ ...face, ...rejection }],
    ),
  };
}

/** A face on its way; without a rejection it is left. */
interface Candidate<F extends Face> {
  face: F;
  rejection: Rejection | undefined;
}

function isLeft({ rejection }: Candidate<Face>): boolean {
  return rejection === undefined;
}

/**
 * Fills in the defaults and checks every value.
 * @throws FaceError `option-unknown`, `option-invalid`: also where `maxSize` is below `minSize`, or a share above 1
 */
export function checkFilterOptions(options: unknown): Required<FilterOptions> {
  const readZones: OptionReader<Zone[]> = (_, value) => checkZones(value);
  const checked = checkOptions(options, DEFAULT_FILTER_OPTIONS, {
    minConfidence: numberIn(FILTER_RANGES.minConfidence),
    minSize: numberIn(FILTER_RANGES.minSize),
    maxSize: numberIn(FILTER_RANGES.maxSize),
    sizeUnit: oneOf(SIZE_UNITS),
    minSharpness: numberIn(FILTER_RANGES.minSharpness),
    maxRoll: numberIn(FILTER_RANGES.maxRoll),
    maxYaw: numberIn(FILTER_RANGES.maxYaw),
    maxPitch: numberIn(FILTER_RANGES.maxPitch),
    zones: readZones,
    keep: oneOf(KEEP_KINDS),
    keepCount: wholeNumberIn(FILTER_RANGES.keepCount),
  });
  const { minSize, maxSize, sizeUnit } = checked;
  if (sizeUnit === 'share' && Math.max(minSize, maxSize) > 1) {
    throw invalidOption('a size as a share', 'from 0 to 1', `${Math.max(minSize, maxSize)}`);
  }
  if (maxSize > 0 && maxSize < minSize) {
    throw invalidOption('maxSize', `0 or at least minSize, ${minSize}`, `${maxSize}`);
  }
  return checked;
}

/** What a face's own numbers say against it. */
function judge(face: Face, options: Required<FilterOptions>, frame: FilterFrame): Rejection | undefined {
  return (
    judgeConfidence(face, options) ??
    judgeSize(face, options, frame) ??
    judgePlace(face, options, frame) ??
    judgePose(face, options)
  );
}

function judgeConfidence(
  { confidence }: Face,
  { minConfidence }: Required<FilterOptions>,
): Rejection | undefined {
  if (confidence >= minConfidence) return undefined;
  return { reason: 'confidence', detail: `${shown(confidence, 3)} < ${minConfidence}` };
}

function judgeSize(
  { box }: Face,
  { minSize, maxSize, sizeUnit }: Required<FilterOptions>,
  { width, height }: FilterFrame,
): Rejection | undefined {
  const side = Math.min(box[2], box[3]);
  const size = sizeUnit === 'px' ? side : side / Math.min(width, height);
  const [sign, limit] = size < minSize ? ['<', minSize] : ['>', maxSize];
  if (sign === '>' && (maxSize === 0 || size <= maxSize)) return undefined;
  const text = (value: number) =>
    sizeUnit === 'px' ? `${shown(value, 1)} px` : `${shown(100 * value, 1)} %`;
  return { reason: 'size', detail: `${text(size)} ${sign} ${text(limit)}` };
}

function judgePlace(
  face: Face,
  { zones }: Required<FilterOptions>,
  { width, height }: FilterFrame,
): Rejection | undefined {
  const { place, zone } = zoneOf(face, zones, width, height);
  if (place === 'inside') return undefined;
  if (zone === undefined) return { reason: 'outside-zones', detail: 'in no zone' };
  return { reason: 'excluded-zone', detail: zone.name ?? `zone ${zones.indexOf(zone) + 1}` };
}

function judgePose({ keypoints }: Face, options: Required<FilterOptions>): Rejection | undefined {
  const limits = { roll: options.maxRoll, yaw: options.maxYaw, pitch: options.maxPitch };
  const off = { roll: 180, yaw: 90, pitch: 90 };
  const asked = (['roll', 'yaw', 'pitch'] as const).filter((angle) => limits[angle] < off[angle]);
  if (asked.length === 0) return undefined;
  const pose = headPose(keypoints);
  if (pose === undefined) return { reason: 'no-keypoints', detail: 'switch landmarks on' };
  const reason = asked.find((angle) => Math.abs(pose[angle]) > limits[angle]);
  if (reason === undefined) return undefined;
  return { reason, detail: `${shown(Math.abs(pose[reason]), 0)}° > ${limits[reason]}°` };
}

async function judgeSharpness(
  candidates: Candidate<Face>[],
  least: number,
  { pixels }: FilterFrame,
): Promise<void> {
  if (candidates.length === 0) return;
  if (pixels === undefined) {
    throw new FaceError({
      code: 'image-missing',
      expected: 'the picture of the faces, to measure their sharpness',
      got: 'none',
      hint: 'Send the picture along, as mtcnn detect does in msg.image, or switch sharpness off.',
    });
  }
  const picture = await pixels();
  for (const candidate of candidates) {
    checkNear(candidate.face, picture);
    const value = sharpness(picture, candidate.face.box);
    if (value < least) {
      candidate.rejection = { reason: 'sharpness', detail: `${shown(value, 0)} < ${least}` };
    }
  }
}

/** Farthest that a box may reach, in longer sides of the picture: beyond it there is nothing to measure. */
const MOST_SIDES = 3;

/** @throws FaceError `faces-invalid` for a box that cannot belong to the picture */
function checkNear({ box }: Face, { width, height }: Pixels): void {
  const most = MOST_SIDES * Math.max(width, height);
  if (box.every((value) => Math.abs(value) <= most)) return;
  throw new FaceError({
    code: 'faces-invalid',
    expected: `a face of the picture, which is ${width} x ${height}`,
    got: `a box of [${box.map(Math.round).join(', ')}]`,
    hint: 'Send the picture and its faces in one message, as mtcnn detect does.',
  });
}

/** The candidates that are selected, best first; the others are told so. */
function choose<F extends Face>(
  candidates: readonly Candidate<F>[],
  { keep, keepCount }: Required<FilterOptions>,
  frame: FilterFrame,
): readonly Candidate<F>[] {
  if (keep === 'all') return candidates;
  const rank = RANKS[keep];
  // Sorting is stable: equal faces stay in their order.
  const ranked = [...candidates].sort((a, b) => rank(b.face, frame) - rank(a.face, frame));
  ranked.slice(keepCount).forEach((candidate, i) => {
    candidate.rejection = { reason: 'not-selected', detail: `${keep}: ${keepCount + i + 1} > ${keepCount}` };
  });
  return ranked.slice(0, keepCount);
}

/** Shares, zones and the middle mean nothing without the frame's size. */
function checkFrame(
  { width, height }: FilterFrame,
  { sizeUnit, zones, keep }: Required<FilterOptions>,
): void {
  if (width > 0 && height > 0) return;
  if (sizeUnit === 'px' && zones.length === 0 && keep !== 'most-central') return;
  throw new FaceError({
    code: 'faces-invalid',
    expected: 'the size of the picture that the faces were found on',
    got: `${width} x ${height}`,
    hint: 'Keep msg.detection, which mtcnn detect sends with the faces.',
  });
}

/** What is highest for the best face. */
const RANKS: Record<
  Exclude<Required<FilterOptions>['keep'], 'all'>,
  (face: Face, frame: FilterFrame) => number
> = {
  largest: ({ box }) => box[2] * box[3],
  'most-confident': ({ confidence }) => confidence,
  'most-central': ({ box: [x, y, boxWidth, boxHeight] }, { width, height }) =>
    -Math.hypot(x + (boxWidth - width) / 2, y + (boxHeight - height) / 2),
  first: () => 0,
};

/** A number as text, cut to some decimals. */
function shown(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
