/** Every error that a user can meet, by code. The text says what was expected, what came and what to do. */
export const ERROR_CODES = [
  'path-not-allowed',
  'image-missing',
  'image-type',
  'image-empty',
  'image-unreadable',
  'image-too-small',
  'image-too-large',
  'option-unknown',
  'option-invalid',
  'detector-crashed',
  'detector-timeout',
  'detector-closed',
  'engine-unavailable',
  'queue-full',
  'camera-program-missing',
  'camera-device-missing',
  'camera-device-invalid',
  'camera-device-busy',
  'camera-source-missing',
  'camera-address-blocked',
  'camera-unreachable',
  'camera-access-denied',
  'camera-stalled',
  'camera-failed',
  'command-unknown',
  'faces-invalid',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The parts of a {@link FaceError} as plain data, so that it can cross a process boundary. */
export interface FaceErrorParts {
  code: ErrorCode;
  /** What was expected, e.g. `a JPEG or PNG image`. */
  expected: string;
  /** What came instead, e.g. `an empty Buffer`. Never a secret, never the whole input. */
  got: string;
  /** What the user can do about it, one sentence. */
  hint: string;
}

/** An error with a stable {@link ErrorCode}: `expected …, got … . What to do`. */
export class FaceError extends Error implements FaceErrorParts {
  override readonly name = 'FaceError';
  readonly code: ErrorCode;
  readonly expected: string;
  readonly got: string;
  readonly hint: string;

  constructor({ code, expected, got, hint }: FaceErrorParts, cause?: unknown) {
    super(`Expected ${expected}, got ${got}. ${hint}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.expected = expected;
    this.got = got;
    this.hint = hint;
  }

  /** The plain data that {@link FaceError}'s constructor takes. */
  toParts(): FaceErrorParts {
    return { code: this.code, expected: this.expected, got: this.got, hint: this.hint };
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any thrown value as a {@link FaceError}; an unforeseen one becomes `internal`. */
export function toFaceError(error: unknown): FaceError {
  if (error instanceof FaceError) return error;
  return new FaceError(
    {
      code: 'internal',
      expected: 'the operation to succeed',
      got: messageOf(error),
      hint: 'Please report this with the steps that led to it.',
    },
    error,
  );
}

/** A short description of any value for an error text: its type and size, never its content. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Uint8Array) return `a Buffer of ${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return `a string of ${value.length} characters`;
    case 'number':
    case 'boolean':
    case 'bigint':
      return `${typeof value} ${String(value)}`;
    case 'object':
      return `an object with the keys ${JSON.stringify(Object.keys(value).slice(0, 6))}`;
    default:
      return `a ${typeof value}`;
  }
}
