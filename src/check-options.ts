import { describeValue, FaceError } from './errors';

/** Least and greatest value of a number, both allowed. */
export type Range = readonly [least: number, greatest: number];

/** Takes an option's value as it came, or throws `option-invalid`. */
export type OptionReader<Value> = (name: string, value: unknown) => Value;

/** One reader for each option. */
export type OptionReaders<Options> = { readonly [Name in keyof Options]: OptionReader<Options[Name]> };

/**
 * Fills in the defaults and checks every value. A property that is `undefined` counts as absent.
 * @throws FaceError `option-unknown` for a name that is not among the readers, `option-invalid` for a value
 */
export function checkOptions<Options extends object>(
  options: unknown,
  defaults: Options,
  readers: OptionReaders<Options>,
): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption('options', 'an object', describeValue(options));
  }
  const checked = { ...defaults };
  const take = <Name extends keyof Options & string>(
    name: Name,
    read: OptionReader<Options[Name]>,
    value: unknown,
  ) => {
    checked[name] = read(name, value);
  };
  const isKnown = (name: string): name is keyof Options & string => Object.hasOwn(readers, name);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!isKnown(name)) throw unknownOption(name, Object.keys(readers));
    take(name, readers[name], value);
  }
  return checked;
}

/** A number within a range. */
export function numberIn([least, greatest]: Range): OptionReader<number> {
  return (name, value) => {
    if (typeof value === 'number' && value >= least && value <= greatest) return value;
    throw invalidOption(name, `a number from ${least} to ${greatest}`, describeValue(value));
  };
}

/** A whole number within a range. */
export function wholeNumberIn([least, greatest]: Range): OptionReader<number> {
  return (name, value) => {
    if (Number.isInteger(value)) return numberIn([least, greatest])(name, value);
    throw invalidOption(name, `a whole number from ${least} to ${greatest}`, describeValue(value));
  };
}

/** One of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]): OptionReader<Word> {
  return (name, value) => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : describeValue(value);
    throw invalidOption(name, `one of ${words.join(', ')}`, got);
  };
}

/** `true` or `false`. */
export function yesOrNo(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, 'true or false', describeValue(value));
}

export function invalidOption(name: string, expected: string, got: string): FaceError {
  return new FaceError({
    code: 'option-invalid',
    expected: `${name} to be ${expected}`,
    got,
    hint: 'Correct it in the dialog or in msg.options.',
  });
}

export function unknownOption(name: string, known: readonly string[]): FaceError {
  return new FaceError({
    code: 'option-unknown',
    expected: `options among ${known.join(', ')}`,
    got: JSON.stringify(name.slice(0, 40)),
    hint: 'Check the spelling, or take the option out.',
  });
}
