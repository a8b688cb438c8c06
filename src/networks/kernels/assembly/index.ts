// AssemblyScript (see docs/dependencies.md): the layers of the three networks, four float32 at a time.
// `scripts/build.mjs` compiles it to kernels.wasm; `../kernels.ts` owns the memory and says what lies where.
//
// A plane is `[height, width, channels]` float32, its channels filled up to whole vectors of four. All sizes and strides
// are bytes unless the name says otherwise.

/** Bytes of a vector. */
const VECTOR: usize = 16;

/** Positions of a tile in the Winograd domain: 6 x 6. */
const POSITIONS: usize = 36;

/** Tiles that are transformed together, so that their products share the weights while the cache holds them. */
const TILES: usize = 8;

/**
 * Bytes between the tiles of one position and the next, a cache line: without them 36 positions at a distance of a power of
 * two push each other out of the cache (a quarter more time, measured).
 */
const GAP: usize = 64;

/** y where it is positive, else y times the slope. */
function prelu(y: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.add(f32x4.pmax(y, zero), f32x4.mul(slope, f32x4.pmin(y, zero)));
}

/**
 * A convolution without padding, stride 1, or a dense layer: for each result `taps` runs of `length` source values, one
 * `rowStride` below the other, times their weights, plus the bias, through PReLU.
 * @param pixelStride from a result's source to the one at its right
 * @param rowStride from a result's source to the one below
 * @param length floats of a run
 * @param weights for each two vectors of results, the last alone where their number is odd: `[taps, length, 8 or 4]`
 * @param slope 0 where the layer has no PReLU
 * @param vectors of a result
 * @param width results of a row
 */
export function convolve(
  input: usize,
  pixelStride: usize,
  rowStride: usize,
  taps: i32,
  length: usize,
  output: usize,
  outPixel: usize,
  weights: usize,
  bias: usize,
  slope: usize,
  vectors: i32,
  width: i32,
  height: i32,
): void {
  const run = length * 4;
  const outRow = outPixel * <usize>width;
  let vector = 0;
  for (; vector + 2 <= vectors; vector += 2) {
    const at = VECTOR * <usize>vector;
    const b0 = v128.load(bias + at);
    const b1 = v128.load(bias + at, 16);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x += 4) {
        // Four results at a time; what is missing of the last four is computed again.
        const left = width - x;
        let p0 = input + <usize>y * rowStride + <usize>x * pixelStride;
        let p1 = p0 + (left > 1 ? pixelStride : 0);
        let p2 = p1 + (left > 2 ? pixelStride : 0);
        let p3 = p2 + (left > 3 ? pixelStride : 0);
        let a0 = b0;
        let a1 = b1;
        let c0 = b0;
        let c1 = b1;
        let d0 = b0;
        let d1 = b1;
        let e0 = b0;
        let e1 = b1;
        let w = weights;
        for (let tap = 0; tap < taps; tap++) {
          let k: usize = 0;
          for (; k + 16 <= run; k += 16) {
            let w0 = v128.load(w);
            let w1 = v128.load(w, 16);
            let s = v128.load32_splat(p0 + k);
            a0 = f32x4.add(a0, f32x4.mul(s, w0));
            a1 = f32x4.add(a1, f32x4.mul(s, w1));
            s = v128.load32_splat(p1 + k);
            c0 = f32x4.add(c0, f32x4.mul(s, w0));
            c1 = f32x4.add(c1, f32x4.mul(s, w1));
            s = v128.load32_splat(p2 + k);
            d0 = f32x4.add(d0, f32x4.mul(s, w0));
            d1 = f32x4.add(d1, f32x4.mul(s, w1));
            s = v128.load32_splat(p3 + k);
            e0 = f32x4.add(e0, f32x4.mul(s, w0));
            e1 = f32x4.add(e1, f32x4.mul(s, w1));

            w0 = v128.load(w, 32);
            w1 = v128.load(w, 48);
            s = v128.load32_splat(p0 + k, 4);
            a0 = f32x4.add(a0, f32x4.mul(s, w0));
            a1 = f32x4.add(a1, f32x4.mul(s, w1));
            s = v128.load32_splat(p1 + k, 4);
            c0 = f32x4.add(c0, f32x4.mul(s, w0));
            c1 = f32x4.add(c1, f32x4.mul(s, w1));
            s = v128.load32_splat(p2 + k, 4);
            d0 = f32x4.add(d0, f32x4.mul(s, w0));
            d1 = f32x4.add(d1, f32x4.mul(s, w1));
            s = v128.load32_splat(p3 + k, 4);
            e0 = f32x4.add(e0, f32x4.mul(s, w0));
            e1 = f32x4.add(e1, f32x4.mul(s, w1));

            w0 = v128.load(w, 64);
            w1 = v128.load(w, 80);
            s = v128.load32_splat(p0 + k, 8);
            a0 = f32x4.add(a0, f32x4.mul(s, w0));
            a1 = f32x4.add(a1, f32x4.mul(s, w1));
            s = v128.load32_splat(p1 + k, 8);
            c0 = f32x4.add(c0, f32x4.mul(s, w0));
            c1 = f32x4.add(c1, f32x4.mul(s, w1));
            s = v128.load32_splat(p2 + k, 8);
            d0 = f32x4.add(d0, f32x4.mul(s, w0));
            d1 = f32x4.add(d1, f32x4.mul(s, w1));
            s = v128.load32_splat(p3 + k, 8);
            e0 = f32x4.add(e0, f32x4.mul(s, w0));
            e1 = f32x4.add(e1, f32x4.mul(s, w1));

            w0 = v128.load(w, 96);
            w1 = v128.load(w, 112);
            s = v128.load32_splat(p0 + k, 12);
            a0 = f32x4.add(a0, f32x4.mul(s, w0));
            a1 = f32x4.add(a1, f32x4.mul(s, w1));
            s = v128.load32_splat(p1 + k, 12);
            c0 = f32x4.add(c0, f32x4.mul(s, w0));
            c1 = f32x4.add(c1, f32x4.mul(s, w1));
            s = v128.load32_splat(p2 + k, 12);
            d0 = f32x4.add(d0, f32x4.mul(s, w0));
            d1 = f32x4.add(d1, f32x4.mul(s, w1));
            s = v128.load32_splat(p3 + k, 12);
            e0 = f32x4.add(e0, f32x4.mul(s, w0));
            e1 = f32x4.add(e1, f32x4.mul(s, w1));
            w += 8 * VECTOR;
          }
          for (; k < run; k += 4) {
            const w0 = v128.load(w);
            const w1 = v128.load(w, 16);
            let s = v128.load32_splat(p0 + k);
            a0 = f32x4.add(a0, f32x4.mul(s, w0));
            a1 = f32x4.add(a1, f32x4.mul(s, w1));
            s = v128.load32_splat(p1 + k);
            c0 = f32x4.add(c0, f32x4.mul(s, w0));
            c1 = f32x4.add(c1, f32x4.mul(s, w1));
            s = v128.load32_splat(p2 + k);
            d0 = f32x4.add(d0, f32x4.mul(s, w0));
            d1 = f32x4.add(d1, f32x4.mul(s, w1));
            s = v128.load32_splat(p3 + k);
            e0 = f32x4.add(e0, f32x4.mul(s, w0));
            e1 = f32x4.add(e1, f32x4.mul(s, w1));
            w += 2 * VECTOR;
          }
          p0 += rowStride;
          p1 += rowStride;
          p2 += rowStride;
          p3 += rowStride;
        }
        if (slope !== 0) {
          const s0 = v128.load(slope + at);
          const s1 = v128.load(slope + at, 16);
          a0 = prelu(a0, s0);
          a1 = prelu(a1, s1);
          c0 = prelu(c0, s0);
          c1 = prelu(c1, s1);
          d0 = prelu(d0, s0);
          d1 = prelu(d1, s1);
          e0 = prelu(e0, s0);
          e1 = prelu(e1, s1);
        }
        let to = output + <usize>y * outRow + <usize>x * outPixel + at;
        v128.store(to, a0);
        v128.store(to, a1, 16);
        if (left > 1) to += outPixel;
        v128.store(to, c0);
        v128.store(to, c1, 16);
        if (left > 2) to += outPixel;
        v128.store(to, d0);
        v128.store(to, d1, 16);
        if (left > 3) to += outPixel;
        v128.store(to, e0);
        v128.store(to, e1, 16);
      }
    }
    weights += run * 8 * <usize>taps;
  }
  if (vector === vectors) return;
  const at = VECTOR * <usize>vector;
  const b = v128.load(bias + at);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const left = width - x;
      let p0 = input + <usize>y * rowStride + <usize>x * pixelStride;
      let p1 = p0 + (left > 1 ? pixelStride : 0);
      let p2 = p1 + (left > 2 ? pixelStride : 0);
      let p3 = p2 + (left > 3 ? pixelStride : 0);
      let a = b;
      let c = b;
      let d = b;
      let e = b;
      let w = weights;
      for (let tap = 0; tap < taps; tap++) {
        for (let k: usize = 0; k < run; k += 4) {
          const w0 = v128.load(w);
          a = f32x4.add(a, f32x4.mul(v128.load32_splat(p0 + k), w0));
          c = f32x4.add(c, f32x4.mul(v128.load32_splat(p1 + k), w0));
          d = f32x4.add(d, f32x4.mul(v128.load32_splat(p2 + k), w0));
          e = f32x4.add(e, f32x4.mul(v128.load32_splat(p3 + k), w0));
          w += VECTOR;
        }
        p0 += rowStride;
        p1 += rowStride;
        p2 += rowStride;
        p3 += rowStride;
      }
      if (slope !== 0) {
        const s = v128.load(slope + at);
        a = prelu(a, s);
        c = prelu(c, s);
        d = prelu(d, s);
        e = prelu(e, s);
      }
      let to = output + <usize>y * outRow + <usize>x * outPixel + at;
      v128.store(to, a);
      if (left > 1) to += outPixel;
      v128.store(to, c);
      if (left > 2) to += outPixel;
      v128.store(to, d);
      if (left > 3) to += outPixel;
      v128.store(to, e);
    }
  }
}

/**
 * A 3x3 convolution without padding, stride 1, with PReLU, in a quarter of the multiplications: Winograd's F(4x4, 3x3)
 * (Lavin and Gray 2015, arXiv:1509.09308). Tiles of 6x6 source pixels become 4x4 results.
 * @param width source pixels of a row
 * @param vectors of a source pixel
 * @param output the whole plane
 * @param weights transformed: for each of the 36 positions as `convolve` takes them
 * @param outVectors of a result
 * @param first the first tile, counted row by row over one plane after the other
 * @param end the tile after the last
 * @param zeros as many as a result has values
 * @param scratch room for `36 * (TILES * (vectors + outVectors) + 8 + vectors + 1)` vectors
 */
export function winograd(
  input: usize,
  width: i32,
  height: i32,
  vectors: i32,
  output: usize,
  weights: usize,
  bias: usize,
  slope: usize,
  outVectors: i32,
  first: i32,
  end: i32,
  zeros: usize,
  scratch: usize,
): void {
  const pixel = VECTOR * <usize>vectors;
  const row = pixel * <usize>width;
  const outPixel = VECTOR * <usize>outVectors;
  const outWidth = width - 2;
  const outHeight = height - 2;
  const outRow = outPixel * <usize>outWidth;
  const columns = (outWidth + 3) >> 2;
  const perPlane = columns * ((outHeight + 3) >> 2);
  const position = TILES * pixel + GAP;
  const outPosition = TILES * outPixel + GAP;
  const transformed = scratch;
  const products = transformed + POSITIONS * position;
  const edge = products + POSITIONS * outPosition;
  const half = edge + POSITIONS * pixel;
  const weightStride = pixel * <usize>outVectors * 4;
  for (let from = first; from < end; from += <i32>TILES) {
    const count = min(<i32>TILES, end - from);
    // 1. Tiles into the Winograd domain.
    for (let i = 0; i < count; i++) {
      const plane = (from + i) / perPlane;
      const tile = (from + i) % perPlane;
      const y = (tile / columns) << 2;
      const x = (tile % columns) << 2;
      let source = input + <usize>plane * row * <usize>height + <usize>y * row + <usize>x * pixel;
      let stride = row;
      const across = min(6, width - x);
      const down = min(6, height - y);
      if (across < 6 || down < 6) {
        // Beyond the border are zeros: only results that do not exist see them.
        memory.fill(edge, 0, POSITIONS * pixel);
        for (let r = 0; r < down; r++) {
          memory.copy(edge + 6 * <usize>r * pixel, source + <usize>r * row, <usize>across * pixel);
        }
        source = edge;
        stride = 6 * pixel;
      }
      transformTile(source, stride, pixel, transformed + <usize>i * pixel, position, half);
    }
    // 2. At each position all channels by all channels.
    for (let at: usize = 0; at < POSITIONS; at++) {
      convolve(
        transformed + at * position,
        pixel,
        0,
        1,
        4 * vectors,
        products + at * outPosition,
        outPixel,
        weights + at * weightStride,
        zeros,
        0,
        outVectors,
        count,
        1,
      );
    }
    // 3. Back to results.
    for (let i = 0; i < count; i++) {
      const plane = (from + i) / perPlane;
      const tile = (from + i) % perPlane;
      const y = (tile / columns) << 2;
      const x = (tile % columns) << 2;
      const to = output + <usize>plane * outRow * <usize>outHeight + <usize>y * outRow + <usize>x * outPixel;
      const down = min(4, outHeight - y);
      const across = min(4, outWidth - x);
      untransformTile(
        products + <usize>i * outPixel,
        outPosition,
        to,
        outRow,
        outPixel,
        across,
        down,
        bias,
        slope,
        half,
      );
    }
  }
}

/** `Bt d B` of one tile, each four channels for themselves. */
function transformTile(
  source: usize,
  stride: usize,
  pixel: usize,
  to: usize,
  position: usize,
  half: usize,
): void {
  const four = f32x4.splat(4);
  const five = f32x4.splat(5);
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    let from = source + at;
    for (let c: usize = 0; c < 6; c++) {
      const d0 = v128.load(from);
      const d1 = v128.load(from + stride);
      const d2 = v128.load(from + 2 * stride);
      const d3 = v128.load(from + 3 * stride);
      const d4 = v128.load(from + 4 * stride);
      const d5 = v128.load(from + 5 * stride);
      const a = f32x4.sub(d4, f32x4.mul(four, d2));
      const b = f32x4.sub(d3, f32x4.mul(four, d1));
      const e = f32x4.sub(d4, d2);
      const f = f32x4.sub(d3, d1);
      const g = f32x4.add(f, f);
      const h = half + c * VECTOR;
      v128.store(h, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
      v128.store(h, f32x4.add(a, b), 96);
      v128.store(h, f32x4.sub(a, b), 192);
      v128.store(h, f32x4.add(e, g), 288);
      v128.store(h, f32x4.sub(e, g), 384);
      v128.store(h, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5), 480);
      from += pixel;
    }
    let out = to + at;
    for (let r: usize = 0; r < 6; r++) {
      const h = half + r * 96;
      const d0 = v128.load(h);
      const d1 = v128.load(h, 16);
      const d2 = v128.load(h, 32);
      const d3 = v128.load(h, 48);
      const d4 = v128.load(h, 64);
      const d5 = v128.load(h, 80);
      const a = f32x4.sub(d4, f32x4.mul(four, d2));
      const b = f32x4.sub(d3, f32x4.mul(four, d1));
      const e = f32x4.sub(d4, d2);
      const f = f32x4.sub(d3, d1);
      const g = f32x4.add(f, f);
      v128.store(out, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
      out += position;
      v128.store(out, f32x4.add(a, b));
      out += position;
      v128.store(out, f32x4.sub(a, b));
      out += position;
      v128.store(out, f32x4.add(e, g));
      out += position;
      v128.store(out, f32x4.sub(e, g));
      out += position;
      v128.store(out, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5));
      out += position;
    }
  }
}

/** `At m A` of one tile, plus the bias, through PReLU: `down` x `across` results. */
function untransformTile(
  from: usize,
  position: usize,
  to: usize,
  row: usize,
  pixel: usize,
  across: i32,
  down: i32,
  bias: usize,
  slope: usize,
  half: usize,
): void {
  const two = f32x4.splat(2);
  const four = f32x4.splat(4);
  const eight = f32x4.splat(8);
  for (let at: usize = 0; at < pixel; at += VECTOR) {
    const b = v128.load(bias + at);
    const slopes = v128.load(slope + at);
    for (let c: usize = 0; c < 6; c++) {
      const p = from + at + c * position;
      const m0 = v128.load(p);
      const m1 = v128.load(p + 6 * position);
      const m2 = v128.load(p + 12 * position);
      const m3 = v128.load(p + 18 * position);
      const m4 = v128.load(p + 24 * position);
      const m5 = v128.load(p + 30 * position);
      const s = f32x4.add(m1, m2);
      const d = f32x4.sub(m1, m2);
      const s2 = f32x4.add(m3, m4);
      const d2 = f32x4.sub(m3, m4);
      const h = half + c * VECTOR;
      v128.store(h, f32x4.add(f32x4.add(m0, s), s2));
      v128.store(h, f32x4.add(d, f32x4.mul(two, d2)), 96);
      v128.store(h, f32x4.add(s, f32x4.mul(four, s2)), 192);
      v128.store(h, f32x4.add(f32x4.add(d, f32x4.mul(eight, d2)), m5), 288);
    }
    for (let r = 0; r < down; r++) {
      const h = half + <usize>r * 96;
      const m0 = v128.load(h);
      const m1 = v128.load(h, 16);
      const m2 = v128.load(h, 32);
      const m3 = v128.load(h, 48);
      const m4 = v128.load(h, 64);
      const m5 = v128.load(h, 80);
      const s = f32x4.add(m1, m2);
      const d = f32x4.sub(m1, m2);
      const s2 = f32x4.add(m3, m4);
      const d2 = f32x4.sub(m3, m4);
      let out = to + at + <usize>r * row;
      v128.store(out, prelu(f32x4.add(b, f32x4.add(f32x4.add(m0, s), s2)), slopes));
      if (across === 1) continue;
      out += pixel;
      v128.store(out, prelu(f32x4.add(b, f32x4.add(d, f32x4.mul(two, d2))), slopes));
      if (across === 2) continue;
      out += pixel;
      v128.store(out, prelu(f32x4.add(b, f32x4.add(s, f32x4.mul(four, s2))), slopes));
      if (across === 3) continue;
      out += pixel;
      v128.store(out, prelu(f32x4.add(b, f32x4.add(f32x4.add(d, f32x4.mul(eight, d2)), m5)), slopes));
    }
  }
}

/**
 * The greatest of `size` x `size` source pixels, two pixels between one result and the next; beyond the border is nothing.
 * @param width source pixels of a row
 * @param vectors of a pixel
 */
export function pool(
  input: usize,
  width: i32,
  height: i32,
  vectors: i32,
  size: i32,
  output: usize,
  outWidth: i32,
  outHeight: i32,
): void {
  const pixel = VECTOR * <usize>vectors;
  const row = pixel * <usize>width;
  for (let y = 0; y < outHeight; y++) {
    const down = min(size, height - 2 * y);
    for (let x = 0; x < outWidth; x++) {
      const across = min(size, width - 2 * x);
      const source = input + 2 * (<usize>y * row + <usize>x * pixel);
      for (let at: usize = 0; at < pixel; at += VECTOR) {
        let most = v128.load(source + at);
        for (let r = 0; r < down; r++) {
          let p = source + at + <usize>r * row;
          for (let c = 0; c < across; c++) {
            most = f32x4.pmax(most, v128.load(p));
            p += pixel;
          }
        }
        v128.store(output, most);
        output += VECTOR;
      }
    }
  }
}
