import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame, FrameSource } from '../../src/camera/frame';
import { imageFiles, listImages, patternMatcher } from '../../src/camera/image-files';

let folder: string;
let image: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'images-'));
  image = await sharp({ create: { width: 20, height: 12, channels: 3, background: 'white' } })
    .jpeg()
    .toBuffer();
  await mkdir(path.join(folder, 'sub'));
  for (const name of ['10.jpg', '2.jpg', '1.png', 'sub/3.jpg', 'notes.txt'])
    await writeFile(path.join(folder, name), image);
});
afterAll(() => rm(folder, { recursive: true }));

const within = (...names: string[]) => names.map((name) => path.join(folder, name));

async function collect(source: FrameSource, most: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of source(new AbortController().signal)) {
    frames.push(frame);
    if (frames.length === most) break;
  }
  return frames;
}

describe('listImages', () => {
  it('a folder: its images, 2 before 10, nothing else and nothing below', async () => {
    expect(await listImages(folder)).toEqual(within('1.png', '2.jpg', '10.jpg'));
  });

  it('one file, whatever its name', async () => {
    expect(await listImages(path.join(folder, 'notes.txt'))).toEqual(within('notes.txt'));
  });

  it('a pattern', async () => {
    expect(await listImages(path.join(folder, '*.jpg'))).toEqual(within('2.jpg', '10.jpg'));
    expect(await listImages(path.join(folder, '**/*.jpg'))).toEqual(within('2.jpg', '10.jpg', 'sub/3.jpg'));
    expect(await listImages(path.join(folder, '[12].*'))).toEqual(within('1.png', '2.jpg'));
  });

  it.each(['none', 'none/*.jpg', 'sub/*.gif'])('%s: a clear error', async (place) => {
    await expect(listImages(path.join(folder, place))).rejects.toMatchObject({
      code: 'camera-source-missing',
    });
  });
});

it.each([
  {
    pattern: '*.jpg',
    yes: ['a.jpg', '.jpg'],
    no: ['a/b.jpg', 'a.jpeg'],
    reason: 'a star stays in one folder',
  },
  {
    pattern: '**/*.jpg',
    yes: ['a.jpg', 'a/b/c.jpg'],
    no: ['a.png'],
    reason: 'two stars are any folders, or none',
  },
  { pattern: 'a?c.png', yes: ['abc.png'], no: ['ac.png', 'a/c.png'], reason: 'one character, no separator' },
  { pattern: '[a-c]1', yes: ['b1'], no: ['d1'], reason: 'a set' },
  { pattern: '[!a-c]1', yes: ['d1'], no: ['b1'], reason: 'all but a set' },
  {
    pattern: 'a/**',
    yes: ['a/b', 'a/b/c'],
    no: ['b/a'],
    reason: 'two stars at the end are all that is below',
  },
  { pattern: '**/b/**/*.jpg', yes: ['b/x.jpg', 'a/b/c/x.jpg'], no: ['a/c/x.jpg'], reason: 'two stars twice' },
  { pattern: '*a*b', yes: ['abab', 'ab'], no: ['ba'], reason: 'stars that must try again' },
  { pattern: '[z-a]1', yes: [], no: ['z1', 'a1'], reason: 'a set that is none holds nothing' },
  {
    pattern: `${'*?'.repeat(60)}x`,
    yes: [`${'a'.repeat(200)}x`],
    no: ['a'.repeat(200)],
    reason: 'hostile: as a regular expression it would not end',
  },
  { pattern: 'a+(b).jpg', yes: ['a+(b).jpg'], no: ['aab.jpg'], reason: 'other signs mean themselves' },
])('pattern $pattern: $reason', ({ pattern, yes, no }) => {
  const fits = patternMatcher(pattern);
  for (const name of yes) expect(fits(name), name).toBe(true);
  for (const name of no) expect(fits(name), name).toBe(false);
});

describe('imageFiles', () => {
  it('sends the files as they are, with their size and name', async () => {
    const frames = await collect(imageFiles({ kind: 'file', path: folder, framesPerSecond: 60 }), 9);
    expect(frames.map(({ source, sequence, width, height }) => [source, sequence, width, height])).toEqual([
      ['1.png', 0, 20, 12],
      ['2.jpg', 1, 20, 12],
      ['10.jpg', 2, 20, 12],
    ]);
    expect(frames[0]?.image).toEqual(image);
  });

  it('begins again in a loop', async () => {
    const frames = await collect(
      imageFiles({ kind: 'file', path: folder, framesPerSecond: 60, loop: true }),
      5,
    );
    expect(frames.map(({ source }) => source)).toEqual(['1.png', '2.jpg', '10.jpg', '1.png', '2.jpg']);
  });

  it('leaves out a file that is no image, and says so', async () => {
    const mixed = await mkdtemp(path.join(folder, 'mixed-'));
    await writeFile(path.join(mixed, '1.jpg'), 'no image');
    await writeFile(path.join(mixed, '2.jpg'), image);
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const frames = await collect(
      imageFiles({ kind: 'file', path: mixed, framesPerSecond: 60, onWarning }),
      9,
    );
    expect(frames.map(({ source }) => source)).toEqual(['2.jpg']);
    expect(warnings).toEqual([expect.stringContaining('1.jpg')]);
  });

  it.each([
    { place: '**/*.jpg', sent: ['8.jpg'], reason: 'links are no files of a pattern' },
    { place: '.', sent: ['8.jpg'], reason: 'nor of a folder' },
    { place: 'link.jpg', sent: 'path-not-allowed', reason: 'a link to a file outside' },
    { place: 'out', sent: 'path-not-allowed', reason: 'a link to a folder outside' },
    {
      place: 'out/*.jpg',
      sent: 'path-not-allowed',
      reason: 'files that a pattern finds through such a link',
    },
    { place: '../2.jpg', sent: 'path-not-allowed', reason: 'a file outside' },
    { place: '../*/8.jpg', sent: 'path-not-allowed', reason: 'a pattern that leads out' },
  ])('in an allowed folder $place: $reason', async ({ place, sent }) => {
    const allowedFolder = await mkdtemp(path.join(folder, 'allowed-'));
    await writeFile(path.join(allowedFolder, '8.jpg'), image);
    const outside = await mkdtemp(path.join(os.tmpdir(), 'outside-'));
    await writeFile(path.join(outside, '9.jpg'), image);
    await symlink(path.join(outside, '9.jpg'), path.join(allowedFolder, 'link.jpg'));
    await symlink(outside, path.join(allowedFolder, 'out'));
    const config = { kind: 'file', path: path.join(allowedFolder, place), allowedFolder } as const;
    const frames = collect(imageFiles({ ...config, framesPerSecond: 60 }), 9);
    if (typeof sent === 'string') await expect(frames).rejects.toMatchObject({ code: sent });
    else expect((await frames).map(({ source }) => source)).toEqual(sent);
    for (const made of [allowedFolder, outside]) await rm(made, { recursive: true });
  });

  it('a single file that is no image is an error', async () => {
    const source = imageFiles({ kind: 'file', path: path.join(folder, '2.jpg'), framesPerSecond: 60 });
    expect(await collect(source, 9)).toHaveLength(1);
    const text = path.join(folder, 'text.jpg');
    await writeFile(text, 'no image');
    await expect(collect(imageFiles({ kind: 'file', path: text }), 1)).rejects.toMatchObject({
      code: 'image-unreadable',
    });
    await rm(text);
  });
});

it.runIf(existsSync('/proc/self/mem'))(
  'a file that the system does not let us read is a clear error',
  async () => {
    // It has a name and a type; reading its first byte fails with EIO.
    const frames = imageFiles({ kind: 'file', path: '/proc/self/mem' })(new AbortController().signal);
    await expect(frames[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'camera-source-missing',
      got: expect.stringContaining('cannot be read') as string,
    });
  },
);
