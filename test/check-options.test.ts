import { describe, expect, it } from 'vitest';
import { checkOptions, numberIn, oneOf, wholeNumberIn, yesOrNo } from '../src/check-options';

interface Cake {
  sugar: number;
  eggs: number;
  icing: 'none' | 'lemon';
  sliced: boolean;
}

const DEFAULTS: Cake = { sugar: 0.5, eggs: 3, icing: 'none', sliced: false };
const check = (options: unknown) =>
  checkOptions(options, DEFAULTS, {
    sugar: numberIn([0, 1]),
    eggs: wholeNumberIn([1, 12]),
    icing: oneOf(['none', 'lemon']),
    sliced: yesOrNo,
  });

describe('options', () => {
  it('absent or undefined are the defaults', () => {
    expect(check({})).toEqual(DEFAULTS);
    expect(check({ eggs: undefined })).toEqual(DEFAULTS);
    expect(check({ eggs: 4, icing: 'lemon' })).toEqual({ ...DEFAULTS, eggs: 4, icing: 'lemon' });
    expect(DEFAULTS.eggs, 'the defaults stay').toBe(3);
  });

  it.each([
    { options: { sugar: 1.1 }, text: 'sugar to be a number from 0 to 1, got number 1.1' },
    { options: { sugar: NaN }, text: 'sugar to be a number from 0 to 1, got number NaN' },
    { options: { sugar: '1' }, text: 'sugar to be a number from 0 to 1, got a string of 1 characters' },
    { options: { eggs: 2.5 }, text: 'eggs to be a whole number from 1 to 12, got number 2.5' },
    { options: { icing: 'mint' }, text: 'icing to be one of none, lemon, got "mint"' },
    { options: { sliced: 1 }, text: 'sliced to be true or false, got number 1' },
    { options: null, text: 'options to be an object, got null' },
    { options: [], text: 'options to be an object, got an array of 0' },
  ])('refused: $options', ({ options, text }) => {
    expect(() => check(options)).toThrow(expect.objectContaining({ code: 'option-invalid' }) as Error);
    expect(() => check(options)).toThrow(text);
  });

  it.each(['egg', 'toString', '__proto__'])('%s is no option', (name) => {
    const options = JSON.parse(`{"${name}": 1}`) as unknown;
    expect(() => check(options)).toThrow(expect.objectContaining({ code: 'option-unknown' }) as Error);
  });
});
