import { describe, expect, it } from 'vitest';
import { overrideOptions, readFields } from '../../nodes/shared/options';

describe('dialog fields', () => {
  const fields = { size: 'number', on: 'boolean', name: 'string' } as const;

  it('numbers that were typed as text are numbers', () => {
    expect(readFields({ size: '20', on: true, name: 'x' }, fields)).toEqual({
      size: 20,
      on: true,
      name: 'x',
    });
  });

  it('what is empty or absent is left to the default', () => {
    expect(readFields({ size: '', name: '' }, fields)).toEqual({});
  });

  it('text that is no number is an error', () => {
    expect(() => readFields({ size: 'big' }, fields)).toThrow(
      expect.objectContaining({ code: 'option-invalid' }) as Error,
    );
  });
});

describe('message options', () => {
  it('override the dialog, one by one', () => {
    expect(overrideOptions('face-crop', { a: 1, b: 2 }, { b: 3 })).toEqual({ a: 1, b: 3 });
    expect(overrideOptions('face-crop', { a: 1 }, undefined)).toEqual({ a: 1 });
  });

  it('are those of several nodes, each of which takes its own; what none knows is kept, to be refused', () => {
    const options = { minFaceSize: 40, minConfidence: 0.9, size: 160, quality: 90, typo: 1 };
    expect(overrideOptions('mtcnn-detect', {}, options)).toEqual({ minFaceSize: 40, typo: 1 });
    expect(overrideOptions('face-filter', {}, options)).toEqual({ minConfidence: 0.9, typo: 1 });
    expect(overrideOptions('face-crop', {}, options)).toEqual({ size: 160, quality: 90, typo: 1 });
  });

  it('minSize is that of face filter alone, though the library has one of its own', () => {
    const options = { minSize: 0.1, sizeUnit: 'share' };
    expect(overrideOptions('mtcnn-detect', {}, options)).toEqual({});
    expect(overrideOptions('face-filter', {}, options)).toEqual(options);
  });

  it.each([null, 'fast', 7, [1]])('that are no object are refused: %j', (options) => {
    expect(() => overrideOptions('face-crop', {}, options)).toThrow(
      expect.objectContaining({ code: 'option-invalid' }) as Error,
    );
  });
});
