import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../dist/src/geometry/overlap';
import { sceneFaces } from '../src/camera/test-scene/scene-faces';
import { descendantsOf, untilAsync, untilGone } from './support/processes';
import { ROOT, type RunningNodeRed, startNodeRed } from './support/node-red';

/** What users get: the tarball, installed into an empty user directory of Node-RED. */
let work: string;
let tarball: string;
let userDir: string;

const QUICK_START = JSON.parse(
  readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8'),
) as unknown[];

beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'package-'));
  // It has just been built; building it again here would pull it away from under the other tests.
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', work], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('['))) as [{ filename: string }];
  tarball = path.join(work, filename);
  userDir = path.join(work, 'user');
  mkdirSync(userDir);
  // No install script is needed, by us or by what we depend on.
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=dev', tarball], {
    cwd: userDir,
  });
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const installed = () => path.join(userDir, 'node_modules/@mtcnn/node-red');

interface View {
  faces: { box: [number, number, number, number]; confidence: number }[];
  frame?: { sequence: number };
  detection?: { engine: string; dropped: number };
}

async function untilSeen(nodeRed: RunningNodeRed): Promise<void> {
  await untilAsync(async () => (await view(nodeRed)).faces.length > 0);
}

async function view(nodeRed: RunningNodeRed): Promise<View> {
  const answer = await fetch(`${nodeRed.url}/faces/faces.json`).catch(() => undefined);
  return answer?.ok === true ? ((await answer.json()) as View) : { faces: [] };
}

describe('the tarball', () => {
  it('holds what runs, and nothing else', () => {
    const files = readdirSync(installed(), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const names = files.map((entry) => path.relative(installed(), path.join(entry.parentPath, entry.name)));
    expect(
      names.filter((name) => /^(test|src|scripts|docs|dist\/bench|\.)|\.map$|\.py$|^node_modules/.test(name)),
    ).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'NOTICE',
        'README.md',
        'SECURITY.md',
        'models/mtcnn.bin',
        'examples/quick-start.json',
      ]),
    );
    const bytes = files.reduce(
      (sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size,
      0,
    );
    expect(bytes).toBeLessThan(6 * 1024 * 1024);
  });

  it('the library can be required from it', () => {
    const script = `const { createDetector } = require('@mtcnn/node-red');
      createDetector({ engine: 'wasm' }).then(async (detector) => {
        const { faces } = await detector.detect(${JSON.stringify(path.join(ROOT, 'test/photos/astronaut.png'))});
        console.log(faces.length);
        await detector.close();
      });`;
    expect(execFileSync(process.execPath, ['-e', script], { cwd: userDir, encoding: 'utf8' }).trim()).toBe(
      '1',
    );
  });
});

describe('the quick start in a real Node-RED', () => {
  it('finds the drawn faces where they are, in 100 frames', async () => {
    const nodeRed = await startNodeRed({ userDir: copyOf(userDir), flows: QUICK_START });
    const seen = new Map<number, View>();
    await untilAsync(async () => {
      const now = await view(nodeRed);
      if (now.frame !== undefined) seen.set(now.frame.sequence, now);
      return seen.size >= 100;
    });
    const children = descendantsOf(nodeRed.process.pid ?? NaN);
    await nodeRed.stop();

    const right = [...seen].filter(([sequence, { faces }]) =>
      sceneFaces(sequence / 10, 640, 480)
        .filter(({ visible }) => visible)
        .every(({ box }) => faces.some((face) => intersectionOverUnion(face.box, box) >= 0.5)),
    );
    expect(right.length / seen.size).toBeGreaterThanOrEqual(0.95);
    expect(nodeRed.log()).not.toMatch(/\[error\]/);
    expect(children.length).toBeGreaterThan(0);
    for (const pid of children) await untilGone(pid);
  }, 120_000);

  it('runs where sharp cannot load', async () => {
    const preload = path.join(ROOT, 'test/detector/preload-without-sharp.cjs');
    const nodeRed = await startNodeRed({
      userDir: copyOf(userDir),
      flows: QUICK_START,
      environment: { NODE_OPTIONS: `--require ${preload}` },
    });
    await untilSeen(nodeRed);
    const picture = await fetch(`${nodeRed.url}/faces/frame.jpg`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    await nodeRed.stop();
  }, 120_000);
});

/** A user directory of its own for each Node-RED: `stop` removes it. */
function copyOf(directory: string): string {
  const copy = mkdtempSync(path.join(work, 'copy-'));
  cpSync(directory, copy, { recursive: true });
  return copy;
}
