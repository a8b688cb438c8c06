import { DEFAULT_CROP_OPTIONS } from '../../src/drawing/crop';
import { describeValue, FaceError } from '../../src/errors';
import { DEFAULT_FILTER_OPTIONS } from '../../src/filter/filter-faces';
import { DEFAULT_OPTIONS } from '../../src/mtcnn/options';

/**
 * Dialog fields as a library takes them: Node-RED keeps numbers that were typed as text.
 * @param fields what each field is; a field that is absent or empty is left out, so that the library's default holds
 * @throws FaceError `option-invalid` for a number that is none
 */
export function readFields<F extends Record<string, 'number' | 'boolean' | 'string'>>(
  config: object,
  fields: F,
): { [K in keyof F]?: F[K] extends 'number' ? number : F[K] extends 'boolean' ? boolean : string } {
  const read: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(fields)) {
    const value = (config as Record<string, unknown>)[name];
    if (value === undefined || value === null || value === '') continue;
    if (type === 'number') read[name] = readNumber(name, value);
    else if (type === 'boolean') read[name] = value === true || value === 'true';
    else read[name] = value;
  }
  return read as ReturnType<typeof readFields<F>>;
}

function readNumber(name: string, value: unknown): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
  if (Number.isFinite(number)) return number;
  throw new FaceError({
    code: 'option-invalid',
    expected: `${name} to be a number`,
    got: describeValue(value),
    hint: 'Correct it in the dialog.',
  });
}

/** Names of options by the node that knows them. */
const OPTIONS_OF = {
  // The library's minSize is left out: in a message it is face filter's, and larger faces would not be found.
  'mtcnn-detect': new Set([
    'thresholds',
    ...Object.keys(DEFAULT_OPTIONS).filter((name) => name !== 'minSize'),
  ]),
  'face-filter': new Set(Object.keys(DEFAULT_FILTER_OPTIONS)),
  'face-crop': new Set(Object.keys(DEFAULT_CROP_OPTIONS)),
} as const;

/**
 * Message options override those of the dialog. One message goes through several nodes: what another of them knows is
 * left to it, and what none knows is left to the library to refuse.
 * @throws FaceError `option-invalid` for options that are no object
 */
export function overrideOptions(
  node: keyof typeof OPTIONS_OF,
  fromDialog: object,
  fromMessage: unknown,
): object {
  if (fromMessage === undefined) return fromDialog;
  if (typeof fromMessage !== 'object' || fromMessage === null || Array.isArray(fromMessage)) {
    throw new FaceError({
      code: 'option-invalid',
      expected: 'msg.options to be an object such as {"minFaceSize": 40}',
      got: describeValue(fromMessage),
      hint: 'Correct it, or delete it with a change node.',
    });
  }
  const ownOrUnknown = Object.entries(fromMessage).filter(
    ([name]) => OPTIONS_OF[node].has(name) || !Object.values(OPTIONS_OF).some((names) => names.has(name)),
  );
  return { ...fromDialog, ...Object.fromEntries(ownOrUnknown) };
}
