/** The programs of the speed table. Each takes a dataset and prints `{images, meanMs}` as its last line. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isNativeInstalled } from '../src/networks/native';
import { ROOT } from './root';

export interface Contestant {
  name: string;
  here: boolean;
  /** What installs it. */
  install: string;
  command: string;
  /** Its parameters for a dataset; FILE receives its predictions. */
  parameters: (dataset: string, file: string) => string[];
}

/** The one that all ratios are of: the notebook's detector. */
export const REFERENCE = 'Python mtcnn 1.0.0';

/** The other that a bar is set by. */
export const SECOND_REFERENCE = 'facenet-pytorch 2.6.0';

const PEERS = path.join(ROOT, 'bench/peers');

function ours(engine: 'native' | 'wasm', here: boolean): Contestant {
  const program = path.join(__dirname, 'evaluate.js');
  return {
    ...{ name: `ours, ${engine}`, here, install: 'npm run native', command: process.execPath },
    parameters: (dataset, file) => [
      program,
      ...['--dataset', dataset, '--engine', engine, '--predictions', file],
    ],
  };
}

function python(name: string, script: string, venv: string, module: string): Contestant {
  const command = path.join(ROOT, venv, 'bin/python');
  return {
    ...{ name, command, install: `bash bench/peers/install.sh ${script}` },
    here: existsSync(command) && spawnSync(command, ['-c', `import ${module}`]).status === 0,
    parameters: (dataset, file) => [path.join(PEERS, `${script}.py`), dataset, '--predictions', file],
  };
}

function faceApi(engine: 'native' | 'wasm'): Contestant {
  const needed = engine === 'native' ? 'native' : 'node_modules/@vladmandic';
  return {
    name: `face-api 1.7.15, ${engine}`,
    here: existsSync(path.join(ROOT, '.peers/face-api', needed)),
    install: 'bash bench/peers/install.sh face-api',
    command: process.execPath,
    parameters: (dataset, file) => [
      path.join(PEERS, 'face-api.cjs'),
      ...[dataset, '--engine', engine, '--predictions', file],
    ],
  };
}

export function contestants(): Contestant[] {
  return [
    ours('native', isNativeInstalled()),
    ours('wasm', true),
    python(REFERENCE, 'python-mtcnn', '.venv', 'mtcnn'),
    python(SECOND_REFERENCE, 'facenet-pytorch', '.peers/facenet-pytorch', 'facenet_pytorch'),
    faceApi('native'),
    faceApi('wasm'),
  ];
}
