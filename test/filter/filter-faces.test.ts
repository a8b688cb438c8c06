import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Face, Keypoints } from '../../src/detection';
import {
  checkFilterOptions,
  DEFAULT_FILTER_OPTIONS,
  FILTER_RANGES,
  filterFaces,
  type FilterOptions,
  KEEP_KINDS,
  REJECT_REASONS,
} from '../../src/filter/filter-faces';
import type { Pixels } from '../../src/image/pixels';

/** Looks at the camera: the mean face in a box of 100. */
const FRONTAL: Keypoints = {
  left_eye: [30, 40],
  right_eye: [70, 40],
  nose: [50, 62],
  mouth_left: [32, 83],
  mouth_right: [68, 83],
};
/** The nose far to the right. */
const TURNED: Keypoints = { ...FRONTAL, nose: [72, 62] };
/** The picture's right eye lower, by 20 degrees. */
const TILTED: Keypoints = {
  left_eye: [36, 34],
  right_eye: [74, 48],
  nose: [47, 62],
  mouth_left: [23, 75],
  mouth_right: [57, 87],
};
/** The nose between the eyes. */
const LOOKS_UP: Keypoints = { ...FRONTAL, nose: [50, 44] };

interface Named extends Face {
  name: string;
}

/** A face whose box begins at `x`, 10. */
const face = (name: string, x: number, size: number, confidence: number, keypoints?: Keypoints): Named => ({
  name,
  box: [x, 10, size, size + 10],
  confidence,
  ...(keypoints === undefined ? {} : { keypoints }),
});

const FRAME = { width: 640, height: 480 };
const faces = [
  face('ann', 10, 80, 0.99, FRONTAL),
  face('ben', 300, 40, 0.75, TURNED),
  face('cat', 500, 20, 0.9, TILTED),
  face('dan', 200, 120, 0.85),
];

async function namesOf(options: FilterOptions, given: readonly Named[] = faces) {
  const { kept, rejected } = await filterFaces(given, options, FRAME);
  return {
    kept: kept.map(({ name }) => name).join(' '),
    rejected: rejected.map(({ name, reason, detail }) => `${name}: ${reason}, ${detail}`),
  };
}

describe('without any option', () => {
  it('every face stays, as it came', async () => {
    const { kept, rejected } = await filterFaces(faces, {}, FRAME);
    expect(kept).toEqual(faces);
    expect(kept[0]).toBe(faces[0]);
    expect(rejected).toEqual([]);
    expect(await filterFaces([], {}, FRAME)).toEqual({ kept: [], rejected: [] });
  });
});

describe('conditions', () => {
  const door = { name: 'door', kind: 'include' as const, points: rectangle(0, 0, 0.45, 1) };
  const poster = { kind: 'exclude' as const, points: rectangle(0, 0, 0.2, 1) };

  it.each<{ options: FilterOptions; kept: string; rejected: string[]; reason: string }>([
    {
      options: { minConfidence: 0.85 },
      kept: 'ann cat dan',
      rejected: ['ben: confidence, 0.75 < 0.85'],
      reason: 'the limit itself passes',
    },
    {
      options: { minSize: 40 },
      kept: 'ann ben dan',
      rejected: ['cat: size, 20 px < 40 px'],
      reason: 'the shorter side counts',
    },
    {
      options: { minSize: 0.05, maxSize: 0.2, sizeUnit: 'share' },
      kept: 'ann ben',
      rejected: ['cat: size, 4.2 % < 5 %', 'dan: size, 25 % > 20 %'],
      reason: "shares of the frame's shorter side",
    },
    {
      options: { zones: [door, poster] },
      kept: 'dan',
      rejected: [
        'ann: excluded-zone, zone 2',
        'ben: outside-zones, in no zone',
        'cat: outside-zones, in no zone',
      ],
      reason: 'in an include zone and in no exclude zone',
    },
    {
      options: { maxYaw: 20 },
      kept: 'ann cat',
      rejected: ['ben: yaw, 50° > 20°', 'dan: no-keypoints, switch landmarks on'],
      reason: 'a face without points has no pose',
    },
    {
      options: { maxRoll: 10 },
      kept: 'ann ben',
      rejected: ['cat: roll, 20° > 10°', 'dan: no-keypoints, switch landmarks on'],
      reason: 'either way',
    },
    {
      options: { maxRoll: 180, maxYaw: 90, maxPitch: 90 },
      kept: 'ann ben cat dan',
      rejected: [],
      reason: 'angles that are off ask for no points',
    },
    {
      options: { minConfidence: 0.8, minSize: 60 },
      kept: 'ann dan',
      rejected: ['ben: confidence, 0.75 < 0.8', 'cat: size, 20 px < 60 px'],
      reason: 'the first fault is named',
    },
  ])('$options: $reason', async ({ options, kept, rejected }) => {
    expect(await namesOf(options)).toEqual({ kept, rejected });
  });

  it('pitch', async () => {
    const { rejected } = await namesOf({ maxPitch: 20 }, [
      face('eve', 0, 80, 0.9, FRONTAL),
      face('fay', 0, 80, 0.9, LOOKS_UP),
    ]);
    expect(rejected).toEqual([expect.stringMatching(/^fay: pitch, \d\d° > 20°$/)]);
  });
});

describe('selection', () => {
  it.each<{ options: FilterOptions; kept: string; reason: string }>([
    { options: { keep: 'all', keepCount: 1 }, kept: 'ann ben cat dan', reason: 'the count is of no effect' },
    { options: { keep: 'largest' }, kept: 'dan', reason: 'by area' },
    { options: { keep: 'largest', keepCount: 3 }, kept: 'dan ann ben', reason: 'best first' },
    { options: { keep: 'most-confident', keepCount: 2 }, kept: 'ann cat', reason: 'best first' },
    {
      options: { keep: 'most-central', keepCount: 2 },
      kept: 'dan ben',
      reason: 'the centre of the box counts',
    },
    { options: { keep: 'first', keepCount: 2 }, kept: 'ann ben', reason: 'as they came' },
    { options: { keep: 'first', keepCount: 9 }, kept: 'ann ben cat dan', reason: 'no more than there are' },
    {
      options: { keep: 'most-confident', minSize: 100 },
      kept: 'dan',
      reason: 'among those that meet the conditions',
    },
  ])('$options: $kept ($reason)', async ({ options, kept }) => {
    expect((await namesOf(options)).kept).toBe(kept);
  });

  it('tells the others that they were not selected, in the order they came', async () => {
    const { rejected } = await namesOf({ keep: 'largest', keepCount: 2, minConfidence: 0.8 });
    expect(rejected).toEqual(['ben: confidence, 0.75 < 0.8', 'cat: not-selected, largest: 3 > 2']);
  });
});

describe('sharpness', () => {
  /** Left half plain, right half in stripes. */
  const picture: Pixels = {
    data: Uint8Array.from({ length: 640 * 480 * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % 640;
      return x > 320 && x % 8 < 4 ? 255 : 0;
    }),
    ...FRAME,
  };
  const two = [face('ann', 100, 100, 0.9), face('ben', 400, 100, 0.8)];

  it('turns away what is not sharp, with one look at the picture', async () => {
    let looks = 0;
    const pixels = () => {
      looks++;
      return Promise.resolve(picture);
    };
    const { kept, rejected } = await filterFaces(two, { minSharpness: 100 }, { ...FRAME, pixels });
    expect(kept.map(({ name }) => name)).toEqual(['ben']);
    expect(rejected).toEqual([{ ...two[0], reason: 'sharpness', detail: '0 < 100' }]);
    expect(looks).toBe(1);
  });

  it('does not decode the picture where it is off, or where no face is left', async () => {
    const pixels = () => Promise.reject(new Error('decoded'));
    await filterFaces(two, {}, { ...FRAME, pixels });
    await filterFaces(two, { minSharpness: 100, minConfidence: 1 }, { ...FRAME, pixels });
    await expect(filterFaces(two, { minSharpness: 100 }, { ...FRAME, pixels })).rejects.toThrow('decoded');
  });

  it('asks for the picture where there is none', async () => {
    await expect(filterFaces(two, { minSharpness: 100 }, FRAME)).rejects.toThrow(
      expect.objectContaining({ code: 'image-missing' }) as Error,
    );
  });
});

it('every face is in exactly one list, with every property, whatever the options', async () => {
  const number = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
  const someFace = fc.record({
    box: fc.tuple(number(-50, 640), number(-50, 480), number(1, 300), number(1, 300)),
    confidence: number(0, 1),
    trackId: fc.nat(),
  });
  const someOptions = fc.record({
    minConfidence: number(0, 1),
    minSize: number(0, 100),
    maxYaw: fc.constantFrom(30, 90),
    keep: fc.constantFrom(...KEEP_KINDS),
    keepCount: fc.integer({ min: 1, max: 4 }),
    zones: fc.constantFrom([], [{ kind: 'exclude' as const, points: rectangle(0, 0, 0.5, 1) }]),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(someFace), someOptions, async (given, options) => {
      const twice = [...given, ...given.slice(0, 1)]; // one object two times
      const { kept, rejected } = await filterFaces(twice, options, FRAME);
      expect(kept.length + rejected.length).toBe(twice.length);
      const strip = ({ reason, detail, ...rest }: (typeof rejected)[number]) => {
        expect(REJECT_REASONS).toContain(reason);
        expect(detail).not.toBe('');
        return rest;
      };
      const sorted = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
      expect(sorted([...kept, ...rejected.map(strip)])).toEqual(sorted(twice));
    }),
  );
});

describe('a frame of unknown size', () => {
  const nowhere = { width: NaN, height: NaN };

  it('serves where nothing depends on it', async () => {
    expect((await filterFaces(faces, { minConfidence: 0.8, keep: 'largest' }, nowhere)).kept).toHaveLength(1);
  });

  it.each<FilterOptions>([
    { sizeUnit: 'share' },
    { zones: [{ kind: 'include', points: rectangle(0, 0, 1, 1) }] },
    { keep: 'most-central' },
  ])('is refused for %j', async (options) => {
    await expect(filterFaces(faces, options, nowhere)).rejects.toThrow(
      expect.objectContaining({ code: 'faces-invalid' }) as Error,
    );
  });
});

describe('options', () => {
  it('absent ones are the defaults, which are valid', () => {
    expect(checkFilterOptions({})).toEqual(DEFAULT_FILTER_OPTIONS);
    expect(checkFilterOptions({ minSize: undefined })).toEqual(DEFAULT_FILTER_OPTIONS);
    expect(checkFilterOptions(DEFAULT_FILTER_OPTIONS)).toEqual(DEFAULT_FILTER_OPTIONS);
  });

  it.each(Object.entries(FILTER_RANGES))(
    '%s: its limits pass, what is beyond does not',
    (name, [least, most]) => {
      for (const value of [least, most])
        expect(checkFilterOptions({ [name]: value })).toMatchObject({ [name]: value });
      for (const value of [least - 1, most + 1, NaN, String(least), null]) {
        expect(() => checkFilterOptions({ [name]: value })).toThrow(
          expect.objectContaining({ code: 'option-invalid' }) as Error,
        );
      }
    },
  );

  it.each([
    { options: { minsize: 3 }, code: 'option-unknown', reason: 'a name that was misspelt' },
    { options: { keep: 'best' }, code: 'option-invalid', reason: 'an unknown selection' },
    { options: { sizeUnit: '%' }, code: 'option-invalid', reason: 'an unknown unit' },
    { options: { sizeUnit: 'share', minSize: 40 }, code: 'option-invalid', reason: 'pixels as a share' },
    { options: { minSize: 40, maxSize: 30 }, code: 'option-invalid', reason: 'no size can be both' },
    { options: { keepCount: 1.5 }, code: 'option-invalid', reason: 'half a face' },
    { options: { zones: [{ kind: 'include', points: [] }] }, code: 'option-invalid', reason: 'no zone' },
    { options: null, code: 'option-invalid', reason: 'null' },
    { options: [], code: 'option-invalid', reason: 'an array' },
  ])('refused: $reason', ({ options, code }) => {
    expect(() => checkFilterOptions(options)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

function rectangle(left: number, top: number, right: number, bottom: number): [number, number][] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

it('a box far beyond the picture is refused before its sharpness is measured', async () => {
  const face = { box: [2 ** 53, 0, 10, 10] as [number, number, number, number], confidence: 1 };
  const picture = {
    width: 8,
    height: 8,
    pixels: () => Promise.resolve({ data: new Uint8Array(192), width: 8, height: 8 }),
  };
  await expect(filterFaces([face], { minSharpness: 1 }, picture)).rejects.toMatchObject({
    code: 'faces-invalid',
  });
});
