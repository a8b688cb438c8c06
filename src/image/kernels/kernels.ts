import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CHANNELS, type Pixels } from '../pixels';

/** What `assembly/index.ts` exports; addresses and sizes are bytes of the shared memory. */
interface Exports {
  halve(from: number, width: number, height: number, to: number): void;
  resample(
    source: number,
    stride: number,
    length: number,
    rowFirst: number,
    rowWeights: number,
    rowPairs: number,
    rowMean: number,
    columnFirst: number,
    columnWeights: number,
    columnMost: number,
    columnMean: number,
    unit: number,
    width: number,
    y: number,
    end: number,
    sums: number,
    out: number,
  ): void;
}

/** What {@link resampleByKernel} is asked to do: the taps of both axes, as `resample.ts` makes them. */
export interface Task {
  source: Pixels;
  /** First source column that matters. */
  begin: number;
  /** Bytes of a source row that matter. */
  length: number;
  columns: Axis;
  rows: Axis;
  /** Weights of rows are multiplied with this and rounded; at most 2^14, so that they fit 16 bits. */
  fixed: number;
  /** What weighted sums are multiplied with. */
  unit: number;
  /** What is subtracted where a result is wholly inside. */
  mean: number;
}

/** Taps along one side: for each of `count` results where its source pixels begin, and the weight of each. */
export interface Axis {
  count: number;
  /** Most source pixels of any result. */
  most: number;
  first: Int32Array;
  /** `[count, most]`; weights of source pixels that a result does not have are 0. */
  weights: Float32Array;
  /** Sum of a result's weights: 1, or less where grey stands beyond the border. */
  inside: Float32Array;
}

/** Bytes at the front of the memory for taps, sums and results; what does not fit is computed without the kernels. */
const SCRATCH = 2 ** 20;

/** Bytes of the memory for results: more rows are computed in blocks. */
const LEAST_BLOCK = 2 ** 18;

/** A memory larger than this is given up for a new one when a smaller picture comes. */
const KEPT_BYTES = 2 ** 26;

const PAGE = 2 ** 16;

/** A loop over source rows reads at most so many of them past the last. */
const ROWS_PAST = 8;

/** Views of one memory, made once. */
class Kernels {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  #bytes: Uint8Array;
  #free = SCRATCH;

  constructor(module: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: SCRATCH / PAGE });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    // Compiled from assembly/index.ts, beside this file.
    this.#exports = exports as unknown as Exports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  get size(): number {
    return this.#bytes.length;
  }

  /** Copies an image behind the scratch, and keeps room for its halves. */
  place({ data, width, height }: Pixels): Pixels {
    const needed = SCRATCH + roomFor(width, height);
    if (needed > this.size) {
      this.#memory.grow(Math.ceil((needed - this.size) / PAGE));
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    this.#free = SCRATCH;
    const placed = this.#allocate(width, height);
    placed.data.set(data);
    return placed;
  }

  holds({ data }: Pixels): boolean {
    return data.buffer === this.#memory.buffer;
  }

  halve({ data, width, height }: Pixels): Pixels {
    const half = this.#allocate((width + 1) >> 1, (height + 1) >> 1);
    this.#exports.halve(data.byteOffset, width, height, half.data.byteOffset);
    return half;
  }

  /** @returns false if the scratch is too small */
  resample(task: Task, out: Float32Array, offset: number, pitch: number): boolean {
    const { source, begin, length, columns, rows } = task;
    const stride = source.width * CHANNELS;
    const pairs = Math.ceil(rows.most / 2);
    if (2 * pairs > ROWS_PAST) return false;
    // 1. What lies where.
    let top = 0;
    const reserve = (bytes: number): number => {
      const at = top;
      top = Math.ceil((top + bytes) / 16) * 16;
      return at;
    };
    const rowFirst = reserve(4 * rows.count);
    const rowWeights = reserve(4 * pairs * rows.count);
    const rowMean = reserve(4 * rows.count);
    const columnFirst = reserve(4 * columns.count);
    const columnWeights = reserve(4 * columns.most * columns.count);
    const columnMean = reserve(4 * columns.count);
    const sums = reserve(4 * (length + CHANNELS * columns.most) + 64);
    const rowBytes = 4 * CHANNELS * columns.count;
    if (top + Math.min(LEAST_BLOCK, rowBytes * rows.count) + 16 > SCRATCH || rowBytes > LEAST_BLOCK)
      return false;
    const block = Math.floor((SCRATCH - top - 16) / rowBytes);
    // 2. The taps of both axes.
    const { buffer } = this.#memory;
    new Int32Array(buffer, rowFirst, rows.count).set(rows.first);
    const fixed = new Int16Array(buffer, rowWeights, 2 * pairs * rows.count);
    for (let y = 0, from = 0; y < rows.count; y++) {
      for (let k = 0; k < rows.most; k++, from++) {
        fixed[y * 2 * pairs + k] = Math.round(rows.weights[from]! * task.fixed);
      }
      if (2 * pairs > rows.most) fixed[(y + 1) * 2 * pairs - 1] = 0;
    }
    const means = new Float32Array(buffer, rowMean, rows.count);
    for (let y = 0; y < rows.count; y++) means[y] = rows.inside[y]! * task.mean;
    const firsts = new Int32Array(buffer, columnFirst, columns.count);
    for (let x = 0; x < columns.count; x++) {
      firsts[x] = columns.inside[x] === 0 ? 0 : 4 * CHANNELS * (columns.first[x]! - begin);
    }
    new Float32Array(buffer, columnWeights, columns.weights.length).set(columns.weights);
    new Float32Array(buffer, columnMean, columns.count).set(columns.inside);
    // 3. As many rows as fit, again and again.
    for (let y = 0; y < rows.count; y += block) {
      const end = Math.min(rows.count, y + block);
      this.#exports.resample(
        source.data.byteOffset + begin * CHANNELS,
        stride,
        length,
        rowFirst,
        rowWeights,
        pairs,
        rowMean,
        columnFirst,
        columnWeights,
        columns.most,
        columnMean,
        task.unit,
        columns.count,
        y,
        end,
        sums,
        top,
      );
      // Rows that follow one another are copied at once.
      const values = CHANNELS * columns.count;
      const [count, step] = pitch === values ? [1, (end - y) * values] : [end - y, values];
      for (let row = 0; row < count; row++)
        out.set(new Float32Array(buffer, top + 4 * row * step, step), offset + (y + row) * pitch);
    }
    return true;
  }

  #allocate(width: number, height: number): Pixels {
    const length = width * height * CHANNELS;
    const data = this.#bytes.subarray(this.#free, this.#free + length);
    this.#free += Math.ceil(length / 16) * 16 + 16;
    return { data, width, height };
  }
}

/** Bytes for an image, all its halves, and what a loop reads past them. */
function roomFor(width: number, height: number): number {
  let room = ROWS_PAST * width * CHANNELS + 16;
  for (;;) {
    room += Math.ceil((width * height * CHANNELS) / 16) * 16 + 16;
    if (width === 1 && height === 1) return room;
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
}

let compiled: WebAssembly.Module | null | undefined;
let kernels: Kernels | undefined;

/** The compiled kernels; null where the processor lacks WebAssembly's vector instructions. */
function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(readFileSync(path.join(__dirname, 'kernels.wasm')));
  } catch {
    return null;
  }
}

/**
 * Copies an image to where the kernels work, with room for its halves. What was placed before is lost.
 * @returns the copy; the image itself where there are no kernels
 */
export function placeForKernels(image: Pixels): Pixels {
  compiled ??= compile();
  if (compiled === null) return image;
  if (kernels === undefined || kernels.size > KEPT_BYTES) kernels = new Kernels(compiled);
  return kernels.place(image);
}

/** Half of an image that was placed; undefined for any other. */
export function halveByKernel(image: Pixels): Pixels | undefined {
  return kernels?.holds(image) === true ? kernels.halve(image) : undefined;
}

/** Resamples an image that was placed, and returns true; false for any other, or where the task is too large. */
export function resampleByKernel(task: Task, out: Float32Array, offset: number, pitch: number): boolean {
  return kernels?.holds(task.source) === true && kernels.resample(task, out, offset, pitch);
}
