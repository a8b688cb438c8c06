import { FaceError } from '../errors';

/** Largest JPEG that is waited for, in bytes: more is no picture, but a stream that lost its markers. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Room for a frame of a webcam; it grows with the frames. */
const FIRST_CAPACITY = 128 * 1024;

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** Instead of a length: what began as a file is none. */
const BROKEN = -1;

/** One picture of a stream. */
export interface JpegFile {
  image: Buffer;
  /** pixels */
  width: number;
  /** pixels */
  height: number;
}

/**
 * Cuts a stream of JPEG files, one after the other with anything between them, into single files: what ffmpeg and
 * rpicam-vid write, and what an HTTP server sends as `multipart/x-mixed-replace`. It walks the segments of each file
 * (ITU-T T.81, annex B), so that a thumbnail's end inside a segment does not end the picture, and a part whose length
 * is told wrongly, or that breaks off, costs that picture alone.
 */
export class JpegSplitter {
  /** The stream from where the current file begins: `[#start, #end)` of it is filled. */
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  /** Where reading goes on, counted from {@link #start}; 0 while no file has begun. */
  #at = 0;
  /** Inside the entropy-coded data of a scan, which only a marker ends. */
  #inScan = false;
  #width = 0;
  #height = 0;
  /** Files that began and never ended whole. */
  broken = 0;

  /**
   * Takes the next bytes of the stream.
   * @returns the files that they complete
   * @throws FaceError `camera-failed` when a file grows beyond all measure
   */
  push(chunk: Uint8Array): JpegFile[] {
    this.#append(chunk);
    const files: JpegFile[] = [];
    for (let end = this.#readFile(); end !== undefined; end = this.#readFile()) {
      if (this.#width > 0 && this.#height > 0) {
        const image = Buffer.from(this.#bytes.subarray(this.#start, this.#start + end));
        files.push({ image, width: this.#width, height: this.#height });
      } else this.broken++;
      this.#forget(end);
    }
    if (this.#end - this.#start > MAX_FRAME_BYTES) {
      throw new FaceError({
        code: 'camera-failed',
        expected: 'a stream of JPEG pictures',
        got: `${this.#end - this.#start} bytes without the end of one`,
        hint: 'Check that the source sends MJPEG.',
      });
    }
    return files;
  }

  /** Lays a chunk behind what waits, in a buffer that doubles: no byte is moved more than a few times. */
  #append(chunk: Uint8Array): void {
    const length = this.#end - this.#start;
    if (this.#end + chunk.length > this.#bytes.length) {
      const needed = length + chunk.length;
      const room =
        needed > this.#bytes.length
          ? Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length))
          : this.#bytes;
      this.#bytes.copy(room, 0, this.#start, this.#end);
      [this.#bytes, this.#start, this.#end] = [room, 0, length];
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Reads on; the length of the file that begins at {@link #start}, once it is whole. */
  #readFile(): number | undefined {
    for (;;) {
      if (this.#at === 0 && !this.#findStart()) return undefined;
      const length = this.#readOn();
      if (length !== BROKEN) return length;
      // What began here is no whole file: looks for the next one behind it.
      this.broken++;
      this.#forget(Math.max(2, this.#at));
    }
  }

  #readOn(): number | undefined {
    const bytes = this.#bytes.subarray(this.#start, this.#end);
    while (this.#at + 1 < bytes.length) {
      if (this.#inScan) {
        const next = bytes.indexOf(MARKER, this.#at);
        this.#at = next < 0 ? bytes.length : next;
        if (this.#at + 1 >= bytes.length) return undefined;
        const code = bytes[this.#at + 1]!;
        // A stuffed zero, a restart marker and a fill byte are part of the scan.
        if (code === 0 || (code >= 0xd0 && code <= 0xd7)) {
          this.#at += 2;
          continue;
        }
        if (code === MARKER) {
          this.#at += 1;
          continue;
        }
        this.#inScan = false;
      }
      if (bytes[this.#at] !== MARKER) return BROKEN;
      const code = bytes[this.#at + 1]!;
      if (code === END_OF_IMAGE) return this.#at + 2;
      if (code === START_OF_IMAGE) return BROKEN; // the file before it was cut off
      if (code === MARKER) {
        this.#at += 1;
        continue;
      }
      if (this.#at + 3 >= bytes.length) return undefined;
      const length = bytes.readUInt16BE(this.#at + 2);
      if (length < 2) return BROKEN;
      if (this.#at + 2 + length > bytes.length) return undefined;
      if (isFrameHeader(code) && length >= 7) {
        this.#height = bytes.readUInt16BE(this.#at + 5);
        this.#width = bytes.readUInt16BE(this.#at + 7);
      }
      this.#at += 2 + length;
      this.#inScan = code === START_OF_SCAN;
    }
    return undefined;
  }

  /** Forgets what is no file; false while the first bytes of one are not all here. */
  #findStart(): boolean {
    const bytes = this.#bytes.subarray(this.#start, this.#end);
    let at = bytes.indexOf(MARKER);
    while (at >= 0) {
      const [second, third] = [bytes[at + 1], bytes[at + 2]];
      if ((second === undefined || second === START_OF_IMAGE) && (third === undefined || third === MARKER))
        break;
      at = bytes.indexOf(MARKER, at + 1);
    }
    this.#forget(at < 0 ? bytes.length : at);
    if (this.#end - this.#start < 3) return false;
    this.#at = 2;
    return true;
  }

  #forget(count: number): void {
    this.#start += count;
    this.#at = 0;
    this.#inScan = false;
    this.#width = 0;
    this.#height = 0;
  }
}

/** SOF0 to SOF15, which tell the size; among their codes three mean something else (DHT, JPG, DAC). */
function isFrameHeader(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}
