import { FLOAT, type Kernels, LANES, vectorsFor } from './kernels';

/** What a layer multiplies with, as `models/mtcnn.bin` holds it: the last axis is that of the results. */
export interface LayerWeights {
  /** `[height, width, channels, results]` of a convolution, `[values, results]` of a dense layer. */
  filter: { shape: number[]; values: Float32Array };
  /** `[results]` */
  bias: Float32Array;
  /** `[results]`, where the layer ends in PReLU. */
  slope?: Float32Array | undefined;
}

/** Floats that one of so many channels takes. */
const filledUp = (channels: number): number => vectorsFor(channels) * LANES;

/** Source channels as they lie in memory: filled up to whole vectors, but for the three of a picture. */
const asStored = (channels: number): number => (channels === 3 ? 3 : filledUp(channels));

/**
 * Weights in the order in which the kernel takes them: for each two vectors of results all sources, eight results each; the
 * last vector alone, where their number is odd.
 * @param source its weight for a result, 0 beyond the real ones
 */
function pack(
  sources: number,
  results: number,
  weight: (source: number, result: number) => number,
): Float32Array {
  const vectors = vectorsFor(results);
  const packed = new Float32Array(sources * vectors * LANES);
  let to = 0;
  for (let vector = 0; vector < vectors; vector += 2) {
    const lanes = LANES * Math.min(2, vectors - vector);
    for (let source = 0; source < sources; source++) {
      for (let lane = 0; lane < lanes; lane++) {
        const result = vector * LANES + lane;
        packed[to++] = result < results ? weight(source, result) : 0;
      }
    }
  }
  return packed;
}

function placeFilledUp(kernels: Kernels, values: Float32Array | undefined): number {
  if (values === undefined) return 0;
  const whole = new Float32Array(filledUp(values.length));
  whole.set(values);
  return kernels.place(whole);
}

/** A convolution without padding, stride 1; or a dense layer, which is one over the whole of its source. */
export class Convolution {
  readonly #kernels: Kernels;
  readonly #weights: number;
  readonly #bias: number;
  readonly #slope: number;
  readonly #taps: number;
  readonly #length: number;
  readonly #pixel: number;
  readonly #vectors: number;
  /** Floats of one result. */
  readonly floats: number;

  constructor(kernels: Kernels, { filter: { shape, values }, bias, slope }: LayerWeights) {
    const [height, width, channels, results] = shape.length === 2 ? [1, 1, ...shape] : shape;
    if (!height || !width || !channels || !results)
      throw new Error(`a filter of 2 or 4 axes is expected, not [${shape.join()}]`);
    const stored = asStored(channels);
    this.#kernels = kernels;
    this.#taps = height;
    this.#length = width * stored;
    this.#pixel = stored * FLOAT;
    this.#vectors = vectorsFor(results);
    this.floats = this.#vectors * LANES;
    this.#weights = kernels.place(
      pack(height * width * stored, results, (source, result) => {
        const channel = source % stored;
        return channel < channels
          ? values[(((source - channel) / stored) * channels + channel) * results + result]!
          : 0;
      }),
    );
    this.#bias = placeFilledUp(kernels, bias);
    this.#slope = placeFilledUp(kernels, slope);
  }

  /**
   * @param width results of a row
   * @param sourceWidth pixels of a source row
   * @param outFloats floats from one result to the next; fewer than `floats` where the rest is not wanted
   */
  run(
    input: number,
    sourceWidth: number,
    output: number,
    width: number,
    height: number,
    outFloats = this.floats,
  ): void {
    this.#kernels.run.convolve(
      input,
      this.#pixel,
      sourceWidth * this.#pixel,
      this.#taps,
      this.#length,
      output,
      outFloats * FLOAT,
      this.#weights,
      this.#bias,
      this.#slope,
      this.#vectors,
      width,
      height,
    );
  }
}

/** As `assembly/index.ts` has them: positions of a 6x6 tile, tiles that are transformed together, vectors between positions. */
const POSITIONS = 36;
const TILES = 8;
const GAP = 4;

/** Winograd's `G` for F(4x4, 3x3): a filter's three rows or columns at six positions (Lavin and Gray 2015, section 4.3). */
const TRANSFORM = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
] as const;

/** A 3x3 convolution with PReLU, without padding, stride 1, in a quarter of the multiplications. */
export class WinogradConvolution {
  readonly #kernels: Kernels;
  readonly #vectors: number;
  readonly #outVectors: number;
  readonly #weights: number;
  readonly #bias: number;
  readonly #slope: number;
  readonly #zeros: number;
  readonly #scratch: number;
  /** Floats of one result. */
  readonly floats: number;

  constructor(kernels: Kernels, { filter: { shape, values }, bias, slope }: LayerWeights) {
    const [height, width, channels, results] = shape;
    if (height !== 3 || width !== 3 || !channels || !results || slope === undefined) {
      throw new Error(`a filter of 3x3 and slopes are expected, not [${shape.join()}]`);
    }
    const stored = filledUp(channels);
    this.#kernels = kernels;
    this.#vectors = vectorsFor(channels);
    this.#outVectors = vectorsFor(results);
    this.floats = this.#outVectors * LANES;
    const transformed = Array.from({ length: POSITIONS }, (_, position) => {
      const rows = TRANSFORM[Math.floor(position / 6)]!;
      const columns = TRANSFORM[position % 6]!;
      return pack(stored, results, (channel, result) => {
        if (channel >= channels) return 0;
        let sum = 0;
        for (let y = 0; y < 3; y++) {
          for (let x = 0; x < 3; x++) {
            sum += rows[y]! * columns[x]! * values[((y * 3 + x) * channels + channel) * results + result]!;
          }
        }
        return sum;
      });
    });
    const length = transformed[0]!.length;
    this.#weights = kernels.reserve(POSITIONS * length);
    transformed.forEach((each, position) => kernels.write(this.#weights + position * length * FLOAT, each));
    this.#bias = placeFilledUp(kernels, bias);
    this.#slope = placeFilledUp(kernels, slope);
    this.#zeros = kernels.place(new Float32Array(this.floats));
    this.#scratch = kernels.reserve(
      LANES * POSITIONS * (TILES * (this.#vectors + this.#outVectors) + 2 * GAP + this.#vectors + 1),
    );
  }

  /**
   * @param width pixels of a source row
   * @param from tiles of 4x4 results, counted row by row over one plane after the other
   */
  run(input: number, width: number, height: number, output: number, from: number, end: number): void {
    this.#kernels.run.winograd(
      input,
      width,
      height,
      this.#vectors,
      output,
      this.#weights,
      this.#bias,
      this.#slope,
      this.#outVectors,
      from,
      end,
      this.#zeros,
      this.#scratch,
    );
  }
}

/** The greatest of each `size` x `size` source pixels, two pixels between one result and the next. */
export class Pooling {
  readonly #kernels: Kernels;
  readonly #vectors: number;
  readonly #size: number;

  /** @param floats of a pixel, as the layer before gives them */
  constructor(kernels: Kernels, floats: number, size: number) {
    this.#kernels = kernels;
    this.#vectors = floats / LANES;
    this.#size = size;
  }

  /** The last window of a row or column may reach beyond the border, where nothing is. */
  run(
    input: number,
    width: number,
    height: number,
    output: number,
    outWidth: number,
    outHeight: number,
  ): void {
    this.#kernels.run.pool(input, width, height, this.#vectors, this.#size, output, outWidth, outHeight);
  }
}
