import { randomBytes } from 'node:crypto';

/** One picture of a camera, encoded. */
export interface Frame {
  /** One JPEG (or PNG) file. */
  image: Buffer;
  /** 0 for the first frame since the source was started, then 1, 2, …: also counts frames dropped unseen. */
  sequence: number;
  /** When the frame was taken or read, in ms since 1970. */
  timestamp: number;
  /** pixels */
  width: number;
  /** pixels */
  height: number;
  /** Where the frame comes from, for people: `test scene`, `webcam /dev/video0`, a file name. Without credentials. */
  source: string;
}

/**
 * A camera: iterating it starts the source, and the iteration ends when `signal` is aborted, when the source has no
 * more frames, or with a `FaceError`. No child process or handle is left behind when the iteration has ended.
 * A source that hears from its camera without a new picture calls `alive`.
 */
export type FrameSource = (signal: AbortSignal, alive?: () => void) => AsyncIterable<Frame>;

/** A frame that a running camera delivers: numbered over all its restarts. */
export interface CameraFrame extends Frame {
  /** The run that the sequence numbers, at random: a camera that is made anew begins at 0 again, in another run. */
  run: string;
  /** Frames dropped between the one delivered before and this one: the consumer was busy, or they were broken. */
  dropped: number;
  /** Frames held back in between because the picture had not changed; 0 without a motion gate. */
  unchanged: number;
}

/** The name of a new run: eight hexadecimal digits, so that two of one camera are as good as never the same. */
export function newRun(): string {
  return randomBytes(4).toString('hex');
}
