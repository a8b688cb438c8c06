/**
 * Runs patches through a network in batches.
 * @param patches `[count, length]`
 * @param length values of one patch
 * @param sizeFor how many patches to run in one call when so many are left; more than are left: zeros fill up
 * @param run the network: `[size, length]` to `[size, values]`
 * @returns `[count, values]`
 */
export function runInBatches(
  patches: Float32Array,
  count: number,
  length: number,
  sizeFor: (left: number) => number,
  run: (batch: Float32Array, size: number) => Float32Array,
): Float32Array {
  const parts: Float32Array[] = [];
  for (let done = 0; done < count;) {
    const size = sizeFor(count - done);
    const taken = Math.min(size, count - done);
    const batch = patches.subarray(done * length, (done + taken) * length);
    const answers = run(taken === size ? batch : filledUp(batch, size * length), size);
    parts.push(answers.subarray(0, (answers.length / size) * taken));
    done += taken;
  }
  return parts.length === 1 ? parts[0]! : concatenate(parts);
}

function filledUp(batch: Float32Array, length: number): Float32Array {
  const whole = new Float32Array(length);
  whole.set(batch);
  return whole;
}

/** One array after the other. */
function concatenate(parts: Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
