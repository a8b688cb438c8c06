import type { Frame } from './frame';

/** A tenth of the interval is forgiven, since a camera's clock runs as it likes. */
const FORGIVEN = 0.1;

/**
 * Frames of so many ms may come together: a busy process reads late what a camera sent in time. As long as the delays
 * that were seen with twenty programs waiting for two cores.
 */
const BACKLOG_MS = 2_000;

/**
 * At most so many frames per second, over a time: those of a camera that sends more are left out, and are not counted as
 * dropped. What a slower camera sent while nobody read passes, however close together it is read: whoever has no use for
 * all of it counts what is dropped.
 * @param now ms, from any origin, for tests
 */
export async function* limitRate(
  frames: AsyncIterable<Frame>,
  framesPerSecond: number,
  now: () => number = () => performance.now(),
): AsyncGenerator<Frame, void, void> {
  const interval = (1000 * (1 - FORGIVEN)) / framesPerSecond;
  let due: number | undefined;
  let leftOut = 0;
  for await (const frame of frames) {
    const at = now();
    due ??= at;
    if (at < due) {
      leftOut++;
      continue;
    }
    due = Math.max(due, at - BACKLOG_MS) + interval;
    yield { ...frame, sequence: frame.sequence - leftOut };
  }
}
