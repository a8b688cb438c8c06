import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Frame } from '../../src/camera/frame';
import { watchFolder } from '../../src/camera/watch-folder';
import { until } from '../support/processes';
import { collect } from './collect';

const picture = (side: number, format: 'jpeg' | 'png' | 'webp' = 'jpeg') =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#a50' } })
    .toFormat(format)
    .toBuffer();

let folder: string;
let frames: Frame[];
let warnings: string[];
let controller: AbortController;
let ended: Promise<unknown>;

const inFolder = (name: string) => path.join(folder, name);
const names = () => frames.map(({ source }) => source);

/** Starts to watch, and waits until a first file shows that it does. */
async function watchIt(): Promise<void> {
  const source = watchFolder({ kind: 'watch', path: folder, onWarning: (text) => warnings.push(text) });
  const iterator = source(controller.signal)[Symbol.asyncIterator]();
  let next = iterator.next();
  ended = (async () => {
    for (let step = await next; step.done !== true; step = await next) {
      frames.push(step.value);
      next = iterator.next();
    }
  })();
  for (let tries = 0; frames.length === 0; tries++) {
    writeFileSync(inFolder('ready.jpg'), await picture(16 + tries));
    await Promise.race([until(() => frames.length > 0), new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  frames.length = 0;
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'watched-'));
  frames = [];
  warnings = [];
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await ended.catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

it('files that are there already are not sent; those that come are, in their order', async () => {
  writeFileSync(inFolder('old.jpg'), await picture(20));
  await watchIt();
  for (const name of ['1.jpg', '2.png']) {
    writeFileSync(inFolder(name), await picture(20, name.endsWith('png') ? 'png' : 'jpeg'));
    await until(() => names().includes(name));
  }
  expect(names()).toEqual(['1.jpg', '2.png']);
  expect(frames[0]).toMatchObject({ width: 20, height: 20 });
});

it('a file that is written slowly is sent once, when it is whole', async () => {
  await watchIt();
  const jpeg = await picture(300);
  for (let at = 0; at < jpeg.length; at += Math.ceil(jpeg.length / 5)) {
    expect(frames).toEqual([]);
    appendFileSync(inFolder('slow.jpg'), jpeg.subarray(at, at + Math.ceil(jpeg.length / 5)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => frames.length > 0);
  expect(frames[0]?.image).toEqual(jpeg);
  writeFileSync(inFolder('next.jpg'), await picture(20));
  await until(() => frames.length > 1);
  expect(names()).toEqual(['slow.jpg', 'next.jpg']);
});

it('a file that was moved in, under its name of before, is sent', async () => {
  await watchIt();
  const outside = mkdtempSync(path.join(os.tmpdir(), 'outside-'));
  writeFileSync(path.join(outside, 'a.jpg'), await picture(24));
  renameSync(path.join(outside, 'a.jpg'), inFolder('moved.jpg'));
  await until(() => frames.length > 0);
  expect(names()).toEqual(['moved.jpg']);
  rmSync(outside, { recursive: true });
});

it('a file that is written anew is a picture again', async () => {
  await watchIt();
  writeFileSync(inFolder('door.jpg'), await picture(30));
  await until(() => frames.length === 1);
  writeFileSync(inFolder('door.jpg'), await picture(31));
  await until(() => frames.length === 2);
  expect(frames.map(({ width }) => width)).toEqual([30, 31]);
});

it('a format that does not tell its end is sent once it has not grown for a while', async () => {
  await watchIt();
  writeFileSync(inFolder('x.webp'), await picture(40, 'webp'));
  await until(() => frames.length > 0);
  expect(frames[0]).toMatchObject({ source: 'x.webp', width: 40 });
});

it('other files are not looked at; a broken picture is told of, and the next one comes', async () => {
  await watchIt();
  writeFileSync(inFolder('notes.txt'), 'no picture');
  writeFileSync(inFolder('broken.jpg'), Buffer.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]));
  await until(() => warnings.length > 0);
  expect(warnings[0]).toContain('broken.jpg');
  writeFileSync(inFolder('good.jpg'), await picture(20));
  await until(() => frames.length > 0);
  expect(names()).toEqual(['good.jpg']);
});

it('a burst of files: none is lost', async () => {
  await watchIt();
  const jpeg = await picture(20);
  for (let i = 0; i < 100; i++) writeFileSync(inFolder(`burst${i}.jpg`), jpeg);
  await until(() => frames.length === 100);
  expect(new Set(names()).size).toBe(100);
});

it('a folder that is removed while watched is an error', async () => {
  await watchIt();
  rmSync(folder, { recursive: true });
  await expect(ended).rejects.toMatchObject({ code: 'camera-source-missing' });
});

it('a folder that is not there is an error', async () => {
  ended = collect(watchFolder({ kind: 'watch', path: '/no/such' }), 1);
  await expect(ended).rejects.toMatchObject({ code: 'camera-source-missing' });
});
