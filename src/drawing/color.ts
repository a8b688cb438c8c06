import { describeValue, FaceError } from '../errors';

/** Red, green and blue, 0 to 255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * Reads `#rgb` or `#rrggbb`.
 * @throws FaceError `option-invalid`
 */
export function parseColor(text: unknown): Color {
  const digits = typeof text === 'string' ? /^#([\da-f]{3}|[\da-f]{6})$/i.exec(text.trim())?.[1] : undefined;
  if (digits === undefined) {
    throw new FaceError({
      code: 'option-invalid',
      expected: 'a colour such as #00e5a0',
      got: describeValue(text),
      hint: 'Choose a colour in the dialog.',
    });
  }
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const channel = (at: number) => Number.parseInt(full.slice(at, at + 2), 16);
  return [channel(0), channel(2), channel(4)];
}

/** Black or white, whichever reads better on `color` (relative luminance, ITU-R BT.709). */
export function readableOn([red, green, blue]: Color): Color {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 140 ? [0, 0, 0] : [255, 255, 255];
}
