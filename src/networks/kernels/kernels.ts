import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What `assembly/index.ts` exports; it says what each parameter is. Addresses and strides are bytes of the memory. */
export interface Exports {
  convolve(
    input: number,
    pixelStride: number,
    rowStride: number,
    taps: number,
    length: number,
    output: number,
    outPixel: number,
    weights: number,
    bias: number,
    slope: number,
    vectors: number,
    width: number,
    height: number,
  ): void;
  winograd(
    input: number,
    width: number,
    height: number,
    vectors: number,
    output: number,
    weights: number,
    bias: number,
    slope: number,
    outVectors: number,
    first: number,
    end: number,
    zeros: number,
    scratch: number,
  ): void;
  pool(
    input: number,
    width: number,
    height: number,
    vectors: number,
    size: number,
    output: number,
    outWidth: number,
    outHeight: number,
  ): void;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;

/** Floats of a vector. */
export const LANES = 4;

/** Bytes of a float. */
export const FLOAT = 4;

/** Vectors that hold so many channels. */
export const vectorsFor = (channels: number): number => Math.ceil(channels / LANES);

/** Memory that grows from the front and is given back to a mark; every address is a multiple of 16. */
export class Kernels {
  readonly run: Exports;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #floats = new Float32Array(this.#memory.buffer);
  /** The first 16 bytes are nobody's: address 0 stands for "none". */
  #top = 16;

  constructor(module: WebAssembly.Module) {
    const imports = { env: { memory: this.#memory } };
    // Our own module, built from assembly/index.ts.
    this.run = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
  }

  /** Where the next room begins; {@link free} gives back all that is reserved from then on. */
  get mark(): number {
    return this.#top;
  }

  free(mark: number): void {
    this.#top = mark;
  }

  /** Room for so many floats, and a vector more that loops may write past its end. */
  reserve(floats: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + floats * FLOAT) / 16) * 16 + 16;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE));
      this.#floats = new Float32Array(this.#memory.buffer);
    }
    return at;
  }

  /** Copies values to an address. */
  write(at: number, values: ArrayLike<number>): void {
    this.#floats.set(values, at / FLOAT);
  }

  /** Room with these values in it. */
  place(values: ArrayLike<number>): number {
    const at = this.reserve(values.length);
    this.write(at, values);
    return at;
  }

  /** A copy of so many floats. */
  read(at: number, floats: number): Float32Array {
    return this.#floats.slice(at / FLOAT, at / FLOAT + floats);
  }
}

/** The kernels with a memory of their own; undefined where the processor lacks WebAssembly's vector instructions. */
export function loadKernels(): Kernels | undefined {
  try {
    return new Kernels(new WebAssembly.Module(readFileSync(path.join(__dirname, 'kernels.wasm'))));
  } catch {
    return undefined;
  }
}
