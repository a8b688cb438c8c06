// AssemblyScript (see docs/dependencies.md): the two hottest loops over pixels, 16 bytes at a time. `scripts/build.mjs`
// compiles it to kernels.wasm; `../kernels.ts` owns the memory and says what lies where. Every loop may read and write
// up to 16 bytes past its end, where the memory has room for it.

/**
 * Half an RGB image in each direction, every new value the rounded mean of two by two; a last odd column or row is the
 * mean of what is there.
 * @param from `[height, width, 3]` bytes
 * @param to `[(height + 1) / 2, (width + 1) / 2, 3]` bytes
 */
export function halve(from: usize, width: i32, height: i32, to: usize): void {
  const stride: usize = 3 * width;
  const pairs = width >> 1;
  const halfHeight = (height + 1) >> 1;
  for (let y = 0; y < halfHeight; y++) {
    let top: usize = from + <usize>(2 * y) * stride;
    let bottom = 2 * y + 1 < height ? top + stride : top;
    // Two results (12 bytes of each row) at a time.
    let x = 0;
    for (; x + 2 <= pairs; x += 2) {
      const left = i16x8.add(
        i16x8.extend_low_i8x16_u(v128.load(top)),
        i16x8.extend_low_i8x16_u(v128.load(bottom)),
      );
      const leftNext = i16x8.add(
        i16x8.extend_low_i8x16_u(v128.load(top, 3)),
        i16x8.extend_low_i8x16_u(v128.load(bottom, 3)),
      );
      const right = i16x8.add(
        i16x8.extend_low_i8x16_u(v128.load(top, 6)),
        i16x8.extend_low_i8x16_u(v128.load(bottom, 6)),
      );
      const rightNext = i16x8.add(
        i16x8.extend_low_i8x16_u(v128.load(top, 9)),
        i16x8.extend_low_i8x16_u(v128.load(bottom, 9)),
      );
      const two = i16x8.splat(2);
      const a = i16x8.shr_u(i16x8.add(i16x8.add(left, leftNext), two), 2);
      const b = i16x8.shr_u(i16x8.add(i16x8.add(right, rightNext), two), 2);
      // Lanes 0 to 2 of each are results: side by side, then back to bytes.
      const both = v128.shuffle<i16>(a, b, 0, 1, 2, 8, 9, 10, 0, 0);
      v128.store64_lane(to, i8x16.narrow_i16x8_u(both, both), 0);
      top += 12;
      bottom += 12;
      to += 6;
    }
    for (; x < pairs; x++) {
      for (let c: usize = 0; c < 3; c++) {
        const sum =
          <i32>load<u8>(top + c) +
          load<u8>(top + c + 3) +
          load<u8>(bottom + c) +
          load<u8>(bottom + c + 3) +
          2;
        store<u8>(to + c, sum >> 2);
      }
      top += 6;
      bottom += 6;
      to += 3;
    }
    if (width & 1) {
      for (let c: usize = 0; c < 3; c++) {
        store<u8>(to + c, (<i32>load<u8>(top + c) + load<u8>(bottom + c) + 1) >> 1);
      }
      to += 3;
    }
  }
}

/**
 * Resamples rows `y` to `end` of a result.
 * @param source first byte of the first column that matters
 * @param stride bytes of a source row
 * @param length bytes of a source row that matter
 * @param rowFirst i32 for each row of the result: its first source row
 * @param rowWeights i16 pairs for each row: the weights of its source rows, in fixed point
 * @param rowPairs pairs of weights of each row
 * @param columnFirst i32 for each column of the result: where in `sums` its first source column begins, in bytes
 * @param columnWeights f32 for each column, `columnMost` of them
 * @param mean f32 for each row and then for each column; the product of two is what to subtract
 * @param unit what to multiply the sums with
 * @param sums room for `length + 3 * columnMost` floats, and 64 bytes more
 * @param out receives `[end - y, width, 3]` floats, and 4 bytes of no meaning
 */
export function resample(
  source: usize,
  stride: usize,
  length: usize,
  rowFirst: usize,
  rowWeights: usize,
  rowPairs: i32,
  rowMean: usize,
  columnFirst: usize,
  columnWeights: usize,
  columnMost: i32,
  columnMean: usize,
  unit: f32,
  width: i32,
  y: i32,
  end: i32,
  sums: usize,
  out: usize,
): void {
  // A tap of weight 0 may lie past the end: it must find a number.
  memory.fill(sums + 4 * length, 0, 12 * columnMost + 64);
  const scale = f32x4.splat(unit);
  for (; y < end; y++) {
    // 1. The source rows of one result row, weighted and added up.
    const rows = source + <usize>load<i32>(rowFirst + 4 * y) * stride;
    const weights = rowWeights + 4 * y * rowPairs;
    for (let at: usize = 0; at < length; at += 16) {
      let s0 = i32x4.splat(0);
      let s1 = i32x4.splat(0);
      let s2 = i32x4.splat(0);
      let s3 = i32x4.splat(0);
      let p = rows + at;
      for (let pair = 0; pair < rowPairs; pair++) {
        const w = v128.load32_splat(weights + 4 * pair);
        const first = v128.load(p);
        const second = v128.load(p + stride);
        p += 2 * stride;
        const low = v128.shuffle<u8>(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const high = v128.shuffle<u8>(
          first,
          second,
          8,
          24,
          9,
          25,
          10,
          26,
          11,
          27,
          12,
          28,
          13,
          29,
          14,
          30,
          15,
          31,
        );
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), w));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), w));
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), w));
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), w));
      }
      const to = sums + 4 * at;
      v128.store(to, f32x4.convert_i32x4_s(s0));
      v128.store(to, f32x4.convert_i32x4_s(s1), 16);
      v128.store(to, f32x4.convert_i32x4_s(s2), 32);
      v128.store(to, f32x4.convert_i32x4_s(s3), 48);
    }
    // 2. The source columns of each result, weighted and added up: red, green, blue, and a lane of no meaning.
    const mean = load<f32>(rowMean + 4 * y);
    let weight = columnWeights;
    for (let x = 0; x < width; x++) {
      let pixel = sums + <usize>load<i32>(columnFirst + 4 * x);
      let sum = f32x4.mul(v128.load(pixel), v128.load32_splat(weight));
      for (let k = 1; k < columnMost; k++) {
        pixel += 12;
        weight += 4;
        sum = f32x4.add(sum, f32x4.mul(v128.load(pixel), v128.load32_splat(weight)));
      }
      weight += 4;
      const grey = f32x4.splat(mean * load<f32>(columnMean + 4 * x));
      v128.store(out, f32x4.sub(f32x4.mul(sum, scale), grey));
      out += 12;
    }
  }
}
