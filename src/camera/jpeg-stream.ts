import { FaceError } from '../errors';

/** Largest JPEG that is waited for, in bytes: more is no picture, but a stream that lost its markers. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/**
 * Cuts a stream of JPEG files, one after the other with anything between them, into single files. It walks the
 * segments of each file (ITU-T T.81, annex B), so that a thumbnail's end inside a segment does not end the picture.
 */
export class JpegSplitter {
  #bytes = Buffer.alloc(0);
  /** Where reading goes on, in {@link #bytes}; 0 while no file has begun. */
  #at = 0;
  /** Inside the entropy-coded data of a scan, which only a marker ends. */
  #inScan = false;

  /**
   * Takes the next bytes of the stream.
   * @returns the files that they complete
   * @throws FaceError `camera-failed` when a file grows beyond all measure
   */
  push(chunk: Uint8Array): Buffer[] {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    const files: Buffer[] = [];
    for (let end = this.#readFile(); end !== undefined; end = this.#readFile()) {
      files.push(this.#bytes.subarray(0, end));
      this.#forget(end);
    }
    if (this.#bytes.length > MAX_FRAME_BYTES) {
      throw new FaceError({
        code: 'camera-failed',
        expected: 'a stream of JPEG pictures',
        got: `${this.#bytes.length} bytes without the end of one`,
        hint: 'Check that the source sends MJPEG.',
      });
    }
    return files;
  }

  /** Reads on; the end of the file that begins at 0, once it is there. */
  #readFile(): number | undefined {
    const bytes = this.#bytes;
    if (this.#at === 0) {
      const start = this.#findStart();
      this.#forget(start);
      if (this.#bytes.length < 3) return undefined;
      this.#at = 2;
      return this.#readFile();
    }
    while (this.#at + 1 < bytes.length) {
      if (this.#inScan) {
        const next = bytes.indexOf(MARKER, this.#at);
        if (next < 0) {
          this.#at = bytes.length;
          return undefined;
        }
        this.#at = next;
        if (next + 1 >= bytes.length) return undefined;
        const code = bytes[next + 1]!;
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
      if (bytes[this.#at] !== MARKER) return this.#startOver();
      const code = bytes[this.#at + 1]!;
      if (code === END_OF_IMAGE) return this.#at + 2;
      if (code === START_OF_IMAGE) return this.#startOver(); // the file before it was cut off
      if (code === MARKER) {
        this.#at += 1;
        continue;
      }
      if (this.#at + 3 >= bytes.length) return undefined;
      const length = bytes.readUInt16BE(this.#at + 2);
      if (length < 2) return this.#startOver();
      if (this.#at + 2 + length > bytes.length) return undefined;
      this.#at += 2 + length;
      this.#inScan = code === START_OF_SCAN;
    }
    return undefined;
  }

  /** What began here is no whole file: looks for the next one behind it. */
  #startOver(): number | undefined {
    this.#forget(Math.max(2, this.#at));
    return this.#readFile();
  }

  /** Where the next file begins; where it may begin, if only the first bytes of its mark are here. */
  #findStart(): number {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(MARKER); at >= 0; at = bytes.indexOf(MARKER, at + 1)) {
      const [second, third] = [bytes[at + 1], bytes[at + 2]];
      if ((second === undefined || second === START_OF_IMAGE) && (third === undefined || third === MARKER))
        return at;
    }
    return bytes.length;
  }

  #forget(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#at = 0;
    this.#inScan = false;
  }
}
