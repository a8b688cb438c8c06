import { setImmediate } from 'node:timers/promises';
import type { Frame, FrameSource } from './frame';

/**
 * A live source whose consumer is slow at times: reading goes on meanwhile, and of the frames that came the consumer
 * gets the newest. The frames' numbers tell how many it missed.
 */
export function newestOnly(source: FrameSource): FrameSource {
  return (signal, alive) => readNewest(source, signal, alive);
}

async function* readNewest(
  source: FrameSource,
  signal: AbortSignal,
  alive?: () => void,
): AsyncGenerator<Frame, void, void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let newest: Frame | undefined;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const reading = (async () => {
    try {
      for await (const frame of source(either, alive)) {
        newest = frame;
        wake();
      }
    } catch (error) {
      failure = { error };
    } finally {
      ended = true;
      wake();
    }
  })();
  // A function, since reading changes it while the generator waits, which a plain look would not see.
  const take = (): Frame | undefined => {
    const frame = newest;
    newest = undefined;
    return frame;
  };
  const hasEnded = () => ended;
  try {
    for (;;) {
      // What has arrived in the meantime is read first.
      await setImmediate();
      const frame = take();
      if (frame !== undefined) yield frame;
      else if (hasEnded()) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop.abort();
    await reading;
  }
  if (failure !== undefined) throw failure.error;
}
