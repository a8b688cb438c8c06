/** Values that are not what a message should hold. */
import path from 'node:path';
import type { Random } from '../random';
import { mutate } from './mutate';
import { FORMATS, type SeedPictures } from './seed-pictures';

const LONG = 'x'.repeat(100_000);

/** Each made anew: a message may change what it holds. */
const ANYTHING: readonly ((random: Random) => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -0,
  () => -1,
  () => 1.5,
  () => NaN,
  () => Infinity,
  () => -Infinity,
  () => 1e308,
  () => 5e-324,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 10n,
  () => '',
  () => ' ',
  () => '0',
  () => '20',
  () => '\0',
  () => '😀',
  () => LONG,
  () => '__proto__',
  () => '{"a":1}',
  () => [],
  () => [null],
  () => [[]],
  () => Array<number>(50).fill(0),
  () => ({}),
  () => Object.create(null) as object,
  () => ({ length: 4 }),
  () => ({ type: 'Buffer' }),
  () => ({ type: 'Buffer', data: [1, 2, { valueOf: 1, toString: 1 }] }),
  () => ({ type: 'Buffer', data: ['a', null, -1, 1e9] }),
  // Neither a number nor a text can be made of it.
  () => ({ valueOf: 1, toString: 1 }),
  () => ({ toJSON: 1 }),
  () => Buffer.alloc(0),
  () => new Uint16Array(7),
  () => new ArrayBuffer(9),
  () => new DataView(new ArrayBuffer(9)),
  () => new Date(NaN),
  () => /x/,
  () => new Map([[1, 2]]),
  () => new Error('hostile'),
  () => Symbol('hostile'),
  () => () => 1,
  () => Promise.resolve(1),
  (random) => deep(random.whole(1, 200)),
  () => circular(),
  (random) => polluting(random),
  (random) => random.next() * 10 ** random.whole(-10, 20),
  (random) => -random.whole(0, 10_000),
];

export function anything(random: Random): unknown {
  return random.pick(ANYTHING)(random);
}

const POLLUTING = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"__proto__":{"width":96,"height":96,"data":"x","box":[0,0,9,9]}}',
  '{"a":{"__proto__":{"polluted":1}}}',
  '{"__proto__":null}',
  '{"__proto__":[],"length":3}',
  '{"prototype":{"polluted":1},"__proto__":{"toString":1}}',
  '{"hasOwnProperty":1,"toString":1,"valueOf":1,"__proto__":{"minFaceSize":20}}',
];

/** JSON that changes what every object inherits, once somebody copies it carelessly. */
export function polluting(random: Random): Record<string, unknown> {
  return JSON.parse(random.pick(POLLUTING)) as Record<string, unknown>;
}

function deep(levels: number): unknown {
  let value: unknown = [];
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

function circular(): object {
  const ring: Record<string, unknown> = { data: [], width: 1 };
  ring['bitmap'] = ring;
  return ring;
}

/** A whole file, or a broken one. */
export function picture(random: Random, { pictures }: SeedPictures, broken = 0.3): Buffer {
  const format = random.pick(FORMATS);
  const file = random.pick(pictures[format]);
  return random.chance(broken) ? mutate(random, file, format) : Buffer.from(file);
}

/** An object whose size is a lie. */
export function lyingPixels(random: Random): unknown {
  const side = () =>
    random.pick([16, 32, 0, -1, 1.5, NaN, Infinity, 1e9, 2 ** 31, 2 ** 53, '32', null, anything(random)]);
  const data = random.pick<unknown>([
    Buffer.alloc(16 * 16 * 3, 90),
    new Uint8ClampedArray(32 * 32 * 4),
    Buffer.alloc(16 * 16),
    { type: 'Buffer', data: Array<number>(16 * 16 * 3).fill(7) },
    Buffer.alloc(random.whole(0, 5_000)),
    anything(random),
  ]);
  const pixels: Record<string, unknown> = { data, width: side(), height: side() };
  if (random.chance(0.3)) Object.assign(pixels, { width: 16, height: 16 });
  return random.chance(0.5) ? pixels : { bitmap: random.chance(0.9) ? pixels : anything(random) };
}

const MIMES = ['image/png', 'image/jpeg', 'text/html', 'image/svg+xml', '', 'image/png;charset=utf-8'];

/** Data URLs, base64, and paths that are none, or lead to no picture. */
export function lyingText(random: Random, seeds: SeedPictures): string {
  const base64 = () => picture(random, seeds).toString('base64');
  const texts: (() => string)[] = [
    () => `data:${random.pick(MIMES)};base64,${base64()}`,
    () => `data:${random.pick(MIMES)},${encodeURIComponent(LONG.slice(0, random.whole(0, 999)))}%`,
    () => `data:${random.pick(MIMES)};base64,${random.bytes(random.whole(0, 300)).toString('base64')}`,
    () => 'data:',
    base64,
    () => base64().slice(0, random.whole(1, 200)),
    () => `iVBORw0KGgo${LONG}`,
    () => `/9j/${random.bytes(200).toString('base64')}`,
    () => random.bytes(random.whole(1, 99)).toString('latin1'),
    () => '<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>',
    () => random.pick(hostilePaths(seeds)),
  ];
  return random.pick(texts)();
}

export function hostilePaths({ folder }: SeedPictures): string[] {
  return [
    ...[
      '/dev/zero',
      '/dev/null',
      '/dev/stdin',
      '/dev/random',
      '/proc/self/mem',
      '/proc/kcore',
      '/proc/self/environ',
    ],
    ...[
      '/',
      '.',
      '..',
      '~',
      '/nowhere/at/all.jpg',
      'file:///etc/passwd',
      '../'.repeat(99),
      '-i',
      '$(id)',
      '*',
      '[z-a]',
    ],
    ...[
      '\0',
      'a\0.jpg',
      'x'.repeat(5_000),
      `${'d/'.repeat(2_000)}a.jpg`,
      'CON',
      'x'.repeat(300),
      '{a,b}.png',
    ],
    ...['fifo', 'folder', 'empty', 'missing', 'jpeg-0', 'png-0/png-0'].map((name) => path.join(folder, name)),
  ];
}

const KEYPOINTS = ['left_eye', 'right_eye', 'nose', 'mouth_left', 'mouth_right'];

/** Faces as the detector sends them. */
export function faces(random: Random, most = 4): Record<string, unknown>[] {
  return Array.from({ length: random.whole(0, most) }, () => {
    const side = random.whole(10, 60);
    const [x, y] = [random.whole(-10, 60), random.whole(-10, 60)];
    const point = () => [x + random.whole(0, side), y + random.whole(0, side)];
    const keypoints = Object.fromEntries(KEYPOINTS.map((name) => [name, point()]));
    return {
      box: [x, y, side, side],
      confidence: random.next(),
      ...(random.chance(0.8) ? { keypoints } : {}),
    };
  });
}

const FAR = [0, -1, 0.5, 1e-9, 97, 1e6, 2 ** 31, 2 ** 53, 1e17, 1e200, 1e308, -1e308, NaN, Infinity];

/** Faces of which something is wrong, or only absurd. */
export function hostileFaces(random: Random): unknown {
  if (random.chance(0.1)) return anything(random);
  const some = faces(random);
  for (const face of some) {
    const far = () => random.pick(FAR);
    if (random.chance(0.5))
      face['box'] = random.chance(0.8) ? [far(), far(), far(), far()] : anything(random);
    if (random.chance(0.2)) face['box'] = [random.whole(0, 50), random.whole(0, 50), far(), far()];
    if (random.chance(0.2))
      face['confidence'] = random.pick([NaN, -1, 1e308, Infinity, '1', anything(random)]);
    if (random.chance(0.2)) face['keypoints'] = anything(random);
    if (random.chance(0.2)) {
      face['keypoints'] = Object.fromEntries(
        KEYPOINTS.map((name) => [name, random.chance(0.9) ? [far(), far()] : anything(random)]),
      );
    }
    if (random.chance(0.1)) Object.assign(face, { trackId: anything(random) });
  }
  if (random.chance(0.1)) some.push(polluting(random));
  return some;
}

/** `msg.detection` or `msg.frame`. */
export function hostileSize(random: Random): unknown {
  if (random.chance(0.2)) return anything(random);
  const side = () => random.pick([64, 64, 0, -1, NaN, 1e308, '64', anything(random)]);
  return {
    width: side(),
    height: side(),
    ...(random.chance(0.5) ? { timestamp: random.pick([1.7e12, 0, -1e15, 1e308, anything(random)]) } : {}),
    ...(random.chance(0.3) ? { durationMs: anything(random), engine: anything(random) } : {}),
    ...(random.chance(0.2) ? { durationMs: { total: anything(random) } } : {}),
    ...(random.chance(0.3) ? { source: anything(random), sequence: anything(random) } : {}),
  };
}

export function hostileZones(random: Random): unknown {
  if (random.chance(0.3)) return anything(random);
  const point = () =>
    random.chance(0.9) ? [random.pick([0, 0.5, 1, 2, -1, 1e308, NaN]), random.next()] : anything(random);
  const zone = () => ({
    kind: random.pick(['include', 'exclude', 'both', anything(random)]),
    points: random.chance(0.8) ? Array.from({ length: random.whole(0, 60) }, point) : anything(random),
    ...(random.chance(0.3) ? { name: anything(random) } : {}),
  });
  return Array.from({ length: random.whole(0, 30) }, () => (random.chance(0.9) ? zone() : anything(random)));
}

/** `msg.tracks` of face-track. */
export function hostileTracks(random: Random): unknown {
  if (random.chance(0.3)) return anything(random);
  const list = () =>
    random.chance(0.8)
      ? faces(random).map((face) => ({
          ...face,
          trackId: random.chance(0.8) ? random.whole(1, 9) : anything(random),
        }))
      : hostileFaces(random);
  return { present: list(), entered: list(), left: list() };
}

/** Options of which some are known and some are right. */
export function hostileOptions(random: Random, known: Readonly<Record<string, readonly unknown[]>>): unknown {
  if (random.chance(0.1)) return random.chance(0.5) ? polluting(random) : anything(random);
  const options: Record<string, unknown> = {};
  for (let i = random.whole(1, 4); i > 0; i--) {
    const name = random.pick(Object.keys(known));
    options[name] = random.chance(0.5) ? random.pick(known[name]!) : anything(random);
  }
  if (random.chance(0.1))
    options[random.pick(['unknown', 'constructor', 'toString', LONG, ''])] = anything(random);
  if (random.chance(0.1)) {
    // Another value each time it is read.
    const name = random.pick(Object.keys(known));
    const values = [random.pick(known[name]!), anything(random)];
    let reads = 0;
    Object.defineProperty(options, name, { enumerable: true, get: () => values[reads++ % 2] });
  }
  return options;
}
