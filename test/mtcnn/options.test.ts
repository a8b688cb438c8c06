import { expect, it } from 'vitest';
import { DEFAULT_OPTIONS, OPTION_RANGES, resolveOptions } from '../../src/mtcnn/options';

it('fills in the defaults', () => {
  expect(resolveOptions()).toEqual(DEFAULT_OPTIONS);
  expect(resolveOptions({ minFaceSize: undefined })).toEqual(DEFAULT_OPTIONS);
  expect(resolveOptions({ minFaceSize: 40, landmarks: false })).toEqual({
    ...DEFAULT_OPTIONS,
    minFaceSize: 40,
    landmarks: false,
  });
});

it('takes all thresholds at once, and a single one beside them prevails', () => {
  expect(resolveOptions({ thresholdRnet: 0.9, thresholds: [0.5, 0.6, 0.7] })).toMatchObject({
    thresholdPnet: 0.5,
    thresholdRnet: 0.9,
    thresholdOnet: 0.7,
  });
});

it('every default is in range', () => {
  for (const [name, [least, greatest]] of Object.entries(OPTION_RANGES)) {
    const value = DEFAULT_OPTIONS[name as keyof typeof OPTION_RANGES];
    expect(value >= least && value <= greatest, name).toBe(true);
  }
});

it.each([
  { options: { minFaceSize: 0 }, code: 'option-invalid', reason: 'below the range' },
  { options: { minFaceSize: NaN }, code: 'option-invalid', reason: 'no number at all' },
  { options: { minFaceSize: '20' }, code: 'option-invalid', reason: 'text is not converted silently' },
  { options: { scaleFactor: 1 }, code: 'option-invalid', reason: 'a pyramid that never ends' },
  { options: { thresholdPnet: 1.5 }, code: 'option-invalid', reason: 'above the range' },
  { options: { thresholds: [0.6, 0.7] }, code: 'option-invalid', reason: 'one threshold is missing' },
  { options: { thresholds: [0.6, 0.7, 'x'] }, code: 'option-invalid', reason: 'one threshold is text' },
  { options: { landmarks: 1 }, code: 'option-invalid', reason: 'neither true nor false' },
  { options: { maxImageSide: 5 }, code: 'option-invalid', reason: 'smaller than any face' },
  { options: { minFacesize: 20 }, code: 'option-unknown', reason: 'a misspelt name is no silent default' },
  {
    options: JSON.parse('{"__proto__": {"landmarks": false}}') as unknown,
    code: 'option-unknown',
    reason: 'a hostile name',
  },
  { options: { constructor: 1 }, code: 'option-unknown', reason: 'a name that every object inherits' },
  { options: [20], code: 'option-invalid', reason: 'a list' },
  { options: null, code: 'option-invalid', reason: 'nothing' },
  { options: 'fast', code: 'option-invalid', reason: 'text' },
])('refuses: $reason', ({ options, code }) => {
  expect(() => resolveOptions(options)).toThrow(
    expect.objectContaining({ name: 'FaceError', code }) as Error,
  );
});
