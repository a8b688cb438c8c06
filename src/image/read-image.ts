import { readFile, stat } from 'node:fs/promises';
import { describeValue, FaceError, messageOf } from '../errors';

/** An image as it came, ready to be sent to another process: a file's bytes, or raw pixels. */
export type ImageSource =
  { kind: 'encoded'; bytes: Uint8Array } | { kind: 'raw'; data: Uint8Array; width: number; height: number };

/** Largest file that is read from a path: more is no photograph. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

const FORMS =
  'an image: a Buffer, a data URL, base64, a file path, {data, width, height}, or an object with such a bitmap';

/**
 * Any form of the message contract as an {@link ImageSource}: `Buffer`, `Uint8Array`, data URL, base64, file path,
 * `{data, width, height}` raw RGB or RGBA, anything shaped `{bitmap: {data, width, height}}`.
 * @throws FaceError `image-missing`, `image-empty` or `image-type`
 */
export async function readImage(image: unknown): Promise<ImageSource> {
  if (image === undefined || image === null) {
    throw new FaceError({
      code: 'image-missing',
      expected: FORMS,
      got: describeValue(image),
      hint: 'Check which property of the message holds the picture.',
    });
  }
  if (typeof image === 'string') return { kind: 'encoded', bytes: await readText(image) };
  const bytes = asBytes(image);
  if (bytes !== undefined) return { kind: 'encoded', bytes: notEmpty(bytes) };
  if (typeof image === 'object') {
    if ('bitmap' in image) return readRaw(image.bitmap);
    if ('data' in image && 'width' in image && 'height' in image) return readRaw(image);
  }
  throw wrongType(describeValue(image));
}

/** Bytes of a Buffer, of any typed array or ArrayBuffer, or of a Buffer that went through JSON. */
function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value
  ) {
    if (isBytes(value.data)) return Uint8Array.from(value.data);
  }
  return undefined;
}

/** True for a text that {@link readImage} takes for the path of a file. */
export function isPath(text: string): boolean {
  return text.trim() !== '' && !/^data:/i.test(text) && readBase64(text) === undefined;
}

/** True for an array of numbers, of which a Buffer can be made. */
function isBytes(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.length <= MAX_FILE_BYTES && value.every((byte) => typeof byte === 'number')
  );
}

async function readText(text: string): Promise<Uint8Array> {
  if (text.trim() === '') return notEmpty(new Uint8Array(0));
  if (/^data:/i.test(text)) return notEmpty(readDataUrl(text));
  const decoded = readBase64(text);
  return decoded ?? (await readPath(text));
}

function readDataUrl(text: string): Uint8Array {
  const comma = text.indexOf(',');
  if (comma < 0) throw wrongType('a data URL without a comma');
  const header = text.slice(0, comma);
  const body = text.slice(comma + 1);
  if (/;base64$/i.test(header)) return Buffer.from(body, 'base64');
  try {
    return Buffer.from(decodeURIComponent(body), 'latin1');
  } catch {
    throw wrongType('a data URL with broken percent encoding');
  }
}

/** First bytes of the formats that are read; base64 that decodes to none of them is taken for a path. */
const SIGNATURES: readonly { at: number; bytes: readonly number[] }[] = [
  { at: 0, bytes: [0xff, 0xd8, 0xff] }, // JPEG
  { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47] }, // PNG
  { at: 0, bytes: [0x47, 0x49, 0x46, 0x38] }, // GIF
  { at: 8, bytes: [0x57, 0x45, 0x42, 0x50] }, // WebP
  { at: 0, bytes: [0x49, 0x49, 0x2a, 0x00] }, // TIFF, little-endian
  { at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a] }, // TIFF, big-endian
  { at: 4, bytes: [0x66, 0x74, 0x79, 0x70] }, // AVIF, HEIF
  { at: 0, bytes: [0x42, 0x4d] }, // BMP
];

/** Bytes of base64 text that begins like an image; undefined for any other text, such as a path. */
function readBase64(text: string): Uint8Array | undefined {
  // The first 16 characters tell; only then is the whole text looked at.
  const head = Buffer.from(text.slice(0, 24), 'base64');
  // One class of characters: an expression with two that overlap takes hours for a text of many spaces.
  if (!looksLikeImage(head) || /[^\w+/\s=-]/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

function looksLikeImage(head: Uint8Array): boolean {
  return SIGNATURES.some(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte));
}

async function readPath(path: string): Promise<Uint8Array> {
  const missing = (got: string) =>
    new FaceError({
      code: 'image-missing',
      expected: `${FORMS}; the text was taken for a path`,
      got,
      hint: 'Check the path, and that Node-RED may read the file.',
    });
  if (path.includes('\0') || path.length > 4096) throw wrongType(describeValue(path));
  const about = await stat(path).catch((error: unknown) => {
    throw missing(`no file at ${JSON.stringify(path.slice(0, 200))} (${codeOf(error)})`);
  });
  if (!about.isFile()) throw wrongType('a path that is no file');
  if (about.size > MAX_FILE_BYTES) {
    throw new FaceError({
      code: 'image-too-large',
      expected: `a file of at most ${MAX_FILE_BYTES / 1024 / 1024} MB`,
      got: `${Math.ceil(about.size / 1024 / 1024)} MB`,
      hint: 'Send a smaller picture.',
    });
  }
  // What the kernel makes up, such as /proc/kmsg, tells no size, and reading it may never end.
  if (about.size === 0) return notEmpty(new Uint8Array(0));
  const bytes = await readFile(path).catch((error: unknown) => {
    throw missing(`a file that cannot be read (${codeOf(error)})`);
  });
  return notEmpty(bytes);
}

function readRaw(bitmap: unknown): ImageSource {
  if (typeof bitmap !== 'object' || bitmap === null || !('data' in bitmap))
    throw wrongType(describeValue(bitmap));
  const data = asBytes(bitmap.data);
  const width = 'width' in bitmap ? bitmap.width : undefined;
  const height = 'height' in bitmap ? bitmap.height : undefined;
  if (data === undefined || !isSide(width) || !isSide(height)) throw wrongType(describeValue(bitmap));
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new FaceError({
      code: 'image-type',
      expected: `raw pixels of 3 (RGB) or 4 (RGBA) bytes, ${width} x ${height} of them`,
      got: `${data.length} bytes, ${Number(channels.toFixed(3))} a pixel`,
      hint: 'Check width, height and data.',
    });
  }
  return { kind: 'raw', data, width, height };
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function notEmpty(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) return bytes;
  throw new FaceError({
    code: 'image-empty',
    expected: 'the bytes of an image',
    got: 'none',
    hint: 'Check the camera, file or request that the picture comes from.',
  });
}

function wrongType(got: string): FaceError {
  return new FaceError({
    code: 'image-type',
    expected: FORMS,
    got,
    hint: 'Convert it before this node, or choose another property.',
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
}
