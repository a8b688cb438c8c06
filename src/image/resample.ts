import { type Axis, resampleByKernel } from './kernels/kernels';
import { CHANNELS, type Pixels } from './pixels';

/** What stands beyond the image's border: its own outermost pixels, or mid-grey (0 after normalisation). */
export type Outside = 'edge' | 'grey';

/** A window of an image, in its pixels; need not be whole, may reach beyond the image. */
export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Networks see `(value - MEAN) / SPREAD`, as they were trained (Zhang et al.'s published Caffe models). */
export const MEAN = 127.5;
export const SPREAD = 128;

/** For each of `count` results along one side: where its source pixels begin, and the weight of each. */
type Taps = Axis;

/** Reused between calls, grown when needed: one row of vertically summed source pixels. */
let row = new Int32Array(0);

/** 1 in fixed point: 14 bits behind the point, so that a weight fits 16 bits and 255 times their sum stays far from 2^31. */
const FIXED = 2 ** 14;
/** From fixed point to what the networks see. */
const UNIT = 1 / (FIXED * SPREAD);

/**
 * Resamples a window of `source` to `width` x `height` normalised values: area-averaged when shrinking, bilinear when
 * enlarging, per axis (as OpenCV's INTER_AREA, which the published cascades use).
 * @param out receives `[height, width, 3]` from `offset` on
 * @param pitch values from the begin of one row in `out` to that of the next
 */
export function resample(
  source: Pixels,
  window: Window,
  width: number,
  height: number,
  outside: Outside,
  out: Float32Array,
  offset = 0,
  pitch = width * CHANNELS,
): void {
  const columns = tapsAlong(window.x, window.width, width, source.width, outside);
  const rows = tapsAlong(window.y, window.height, height, source.height, outside);
  const { data } = source;
  const stride = source.width * CHANNELS;
  const { first, weights, inside, most } = columns;
  // 1. Only these source columns matter.
  let begin = source.width;
  let end = 0;
  for (let x = 0; x < width; x++) {
    if (inside[x] === 0) continue;
    if (first[x]! < begin) begin = first[x]!;
    const last = Math.min(source.width, first[x]! + most);
    if (last > end) end = last;
  }
  const length = Math.max(0, end - begin) * CHANNELS;
  const task = { source, begin, length, columns, rows, fixed: FIXED, unit: UNIT, mean: MEAN / SPREAD };
  if (resampleByKernel(task, out, offset, pitch)) return;
  // Taps of weight 0 may reach past the end: room for them.
  if (row.length < length + most * CHANNELS) row = new Int32Array(2 * (length + most * CHANNELS));
  const sums = row;
  sums.fill(0, length, length + most * CHANNELS);
  const byColumn = begin * CHANNELS;

  for (let y = 0; y < height; y++) {
    // 2. The source rows of one result row, weighted and added up.
    addRows(data, rows, y, stride, byColumn, length, sums);
    // 3. The source columns of each result, weighted and added up.
    const grey = (MEAN / SPREAD) * rows.inside[y]!;
    let to = offset + y * pitch;
    for (let x = 0; x < width; x++) {
      if (inside[x] === 0) {
        out.fill(0, to, to + CHANNELS); // wholly beyond the border
        to += CHANNELS;
        continue;
      }
      let red = 0;
      let green = 0;
      let blue = 0;
      let from = first[x]! * CHANNELS - byColumn;
      const last = (x + 1) * most;
      for (let k = x * most; k < last; k++) {
        const weight = weights[k]!;
        red += weight * sums[from]!;
        green += weight * sums[from + 1]!;
        blue += weight * sums[from + 2]!;
        from += CHANNELS;
      }
      const mean = grey * inside[x]!;
      out[to] = red * UNIT - mean;
      out[to + 1] = green * UNIT - mean;
      out[to + 2] = blue * UNIT - mean;
      to += CHANNELS;
    }
  }
}

/**
 * Weighted sum of the source rows of result row `y` into `sums`, in fixed point: whole numbers halve the time of this
 * loop, the hottest of all resampling, and err by at most 0.008 of a grey value a source row.
 */
function addRows(
  data: Uint8Array,
  { first, most, weights }: Taps,
  y: number,
  stride: number,
  byColumn: number,
  length: number,
  sums: Int32Array,
): void {
  let k = y * most;
  let end = k + most;
  while (end > k && weights[end - 1] === 0) end--; // beyond the border or the window
  if (end === k) {
    sums.fill(0, 0, length);
    return;
  }
  // A row that is not there gets weight 0 and stands in the same place as the one before.
  const fixed = (at: number) => (at < end ? Math.round(weights[at]! * FIXED) : 0);
  let p = first[y]! * stride + byColumn;
  let q = k + 1 < end ? p + stride : p;
  const r = k + 2 < end ? q + stride : q;
  const [a, b, c] = [fixed(k), fixed(k + 1), fixed(k + 2)];
  for (let i = 0; i < length; i++) {
    sums[i] = (Math.imul(a, data[p + i]!) + Math.imul(b, data[q + i]!) + Math.imul(c, data[r + i]!)) | 0;
  }
  p = r;
  for (k += 3; k < end; k += 2) {
    p += stride;
    q = k + 1 < end ? p + stride : p;
    const [d, e] = [fixed(k), fixed(k + 1)];
    for (let i = 0; i < length; i++) {
      sums[i] = (sums[i]! + Math.imul(d, data[p + i]!) + Math.imul(e, data[q + i]!)) | 0;
    }
    p = q;
  }
}

/** Taps of one axis: `count` results over `length` source pixels from `start` on, of `size` that exist. */
function tapsAlong(start: number, length: number, count: number, size: number, outside: Outside): Taps {
  const ratio = length / count;
  const shrinking = ratio > 1;
  const most = shrinking ? Math.ceil(ratio) + 1 : 2;
  const first = new Int32Array(count);
  const weights = new Float32Array(count * most);
  const inside = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    // From `low` to `high`: the area of the result, or the two pixel centres around its centre.
    const low = shrinking ? start + i * ratio : start + (i + 0.5) * ratio - 0.5;
    const high = low + (shrinking ? ratio : 1);
    const begin = Math.min(Math.max(Math.floor(low), 0), size - 1);
    first[i] = begin;
    const from = Math.floor(low);
    const to = shrinking ? Math.ceil(high) : from + 2;
    for (let p = from; p < to; p++) {
      const weight = shrinking
        ? (Math.min(high, p + 1) - Math.max(low, p)) / ratio
        : Math.max(0, 1 - Math.abs(p - low));
      if (weight <= 0) continue;
      const existing = p >= 0 && p < size;
      if (!existing && outside === 'grey') continue;
      const at = Math.min(Math.max(p, 0), size - 1) - begin;
      weights[i * most + at]! += weight;
      inside[i]! += weight;
    }
  }
  return { count, most, first, weights, inside };
}
