/** Programs and packages as users have them: from the registry, each in a folder of its own. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './root';

const execute = promisify(execFile);

/** Longest time of one command, in milliseconds: an install from an empty cache takes half a minute. */
const DEADLINE = 300_000;

/** What is kept between runs. Remove it to get newer versions. */
export const KEPT = path.join(ROOT, '.matrix');

/** Node.js and the npm that comes with it. */
export interface NodeJs {
  version: string;
  npmVersion: string;
  /** The program. */
  node: string;
  /** npm's script. */
  npm: string;
}

/** The package as it is published. */
export interface Tarball {
  file: string;
  /** Size of all its files in megabytes. */
  unpackedMb: number;
}

/** Runs a command; what it printed. */
export async function run(program: string, parameters: readonly string[], cwd: string): Promise<string> {
  const { stdout, stderr } = await execute(program, parameters, { cwd, timeout: DEADLINE });
  return stdout + stderr;
}

/** An empty project, so that nothing is installed into a folder above it. */
export function makeProject(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"name": "node-red-project", "private": true}');
  return folder;
}

/**
 * An empty folder for installs, where nothing but them is found.
 * @throws Error if a `node_modules` above it would lend what an install lacks
 */
export function makeWorkFolder(): string {
  const work = mkdtempSync(path.join(os.tmpdir(), 'matrix-'));
  for (let folder = work; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const lender = path.join(path.dirname(folder), 'node_modules');
    if (existsSync(lender)) {
      rmSync(work, { recursive: true });
      throw new Error(
        `expected no ${lender}: installs would find its packages; set TMPDIR to another folder`,
      );
    }
  }
  return work;
}

/** Installs a package of the registry under `.matrix/` the first time; its folder and its version. */
async function fetchPackage(name: string, range: string): Promise<{ folder: string; version: string }> {
  const project = path.join(KEPT, `${name}-${range}`);
  const folder = path.join(project, 'node_modules', name);
  if (!existsSync(folder)) {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...quiet, `${name}@${range}`], makeProject(project));
  }
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { folder, version };
}

/** The newest Node.js of a major version: the binary that the install script of the package `node` would link. */
export async function fetchNode(major: number): Promise<NodeJs> {
  const node = await fetchPackage(`node-${process.platform}-${process.arch}`, String(major));
  const npm = await fetchPackage('npm', major < 24 ? '10' : '11');
  return {
    version: node.version,
    npmVersion: npm.version,
    node: path.join(node.folder, 'bin', 'node'),
    npm: path.join(npm.folder, 'bin', 'npm-cli.js'),
  };
}

/** The newest Node-RED of a version; `script` starts it. */
export async function fetchNodeRed(range: string): Promise<{ version: string; script: string }> {
  const { folder, version } = await fetchPackage('node-red', range);
  return { version, script: path.join(folder, 'red.js') };
}

/** pnpm's script. */
export async function fetchPnpm(): Promise<string> {
  const { folder } = await fetchPackage('pnpm', '10');
  return path.join(folder, 'bin', 'pnpm.cjs');
}

/** Packs what has been built. */
export async function pack(folder: string): Promise<Tarball> {
  const told = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT);
  const [{ filename, unpackedSize }] = JSON.parse(told.slice(told.indexOf('['))) as [
    { filename: string; unpackedSize: number },
  ];
  return { file: path.join(folder, filename), unpackedMb: unpackedSize / 1e6 };
}

/** What `npm run native` has built; its binding is made for Node-API 8 and so for every Node.js. */
const NATIVE = path.join(ROOT, '.native/node_modules/@tensorflow/tfjs-node');

/** Puts the native engine beside the package. */
export function linkTfjsNode(userDir: string): void {
  const place = path.join(userDir, 'node_modules/@tensorflow/tfjs-node');
  mkdirSync(path.dirname(place), { recursive: true });
  symlinkSync(NATIVE, place);
}

/** Gives an installed `@tensorflow/tfjs-node` what its install script would have downloaded and built. */
export function completeTfjsNode(userDir: string): void {
  const installed = path.join(userDir, 'node_modules/@tensorflow/tfjs-node');
  mkdirSync(path.join(installed, 'lib'), { recursive: true });
  for (const part of ['deps', 'lib/napi-v8'])
    symlinkSync(path.join(NATIVE, part), path.join(installed, part));
}

/** True where `npm run native` has built the native engine. */
export function isNativeBuilt(): boolean {
  return existsSync(path.join(NATIVE, 'lib/napi-v8'));
}

/** What an install has brought. */
export interface Tree {
  /** Size of all files in megabytes. */
  mb: number;
  packages: number;
}

/** Measures what npm or pnpm has installed: the places that hold a package of their own. */
export function measureTree(userDir: string): Tree {
  const files = readdirSync(path.join(userDir, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const bytes = files.reduce((sum, file) => sum + lstatSync(file).size, 0);
  const packages = files.filter((file) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
  return { mb: bytes / 1e6, packages: packages.length };
}
