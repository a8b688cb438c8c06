import type { Frame, FrameSource } from '../../src/camera/frame';

/** The first frames of a source, which is then left. */
export async function collect(source: FrameSource, most = Infinity): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of source(new AbortController().signal)) {
    frames.push(frame);
    if (frames.length === most) break;
  }
  return frames;
}
