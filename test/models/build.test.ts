import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readWeights } from '../../src/networks/model-files';
import { describeWhere } from '../support/requires';

const ROOT = path.resolve(__dirname, '../..');
const OUTPUTS = [
  'models/mtcnn.bin',
  'models/mtcnn.json',
  'models/pnet/saved_model.pb',
  'models/rnet/saved_model.pb',
  'models/onet/saved_model.pb',
  'test/golden/networks.bin',
  'test/golden/networks.json',
];
const PYTHON = path.join(ROOT, '.venv/bin/python');
const canBuild = spawnSync(PYTHON, ['-c', 'import mtcnn, tensorflow']).status === 0;

it('the manifest names every array of the three networks, and the file holds no more', () => {
  const weights = readWeights();
  const values = [...weights.values()].reduce((sum, array) => sum + array.values.length, 0);
  expect(values * 4).toBe(readFileSync(path.join(ROOT, 'models/mtcnn.bin')).length);
  // P-Net, R-Net, O-Net as published, less one column of each softmax, its bias, and so on.
  expect(weights.get('pnet/head/filter')?.shape).toEqual([1, 1, 32, 5]);
  expect(weights.get('rnet/head/weights')?.shape).toEqual([128, 5]);
  expect(weights.get('onet/head/weights')?.shape).toEqual([256, 15]);
});

it('the weights are those that the manifest was written for', () => {
  const { sha256 } = JSON.parse(readFileSync(path.join(ROOT, 'models/mtcnn.json'), 'utf8')) as { sha256: string };
  const found = createHash('sha256').update(readFileSync(path.join(ROOT, 'models/mtcnn.bin'))).digest('hex');
  expect(found).toBe(sha256);
});

describeWhere(canBuild, 'no .venv with mtcnn 1.0.0 and TensorFlow, to build the models anew')('models/build.py', () => {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'models-'));
  afterAll(() => rmSync(copy, { recursive: true }));

  it('writes the committed files again, byte for byte', () => {
    for (const folder of ['models', 'test/photos', 'test/golden']) mkdirSync(path.join(copy, folder), { recursive: true });
    cpSync(path.join(ROOT, 'models/build.py'), path.join(copy, 'models/build.py'));
    cpSync(path.join(ROOT, 'test/photos/astronaut.png'), path.join(copy, 'test/photos/astronaut.png'));
    execFileSync(PYTHON, [path.join(copy, 'models/build.py')], { stdio: 'pipe' });
    for (const file of OUTPUTS) {
      const committed = readFileSync(path.join(ROOT, file));
      // Golden outputs are sums in the order that the processor's kernels take: equal to the test's tolerance.
      if (file === 'test/golden/networks.bin') expect(readFileSync(path.join(copy, file))).toHaveLength(committed.length);
      else expect(readFileSync(path.join(copy, file)).equals(committed), file).toBe(true);
    }
  });
});
