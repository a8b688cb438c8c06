import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, lchownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Flow } from './flow';
import type { WorkerOptions } from './options';

/** The authority that signed the broker's certificate, or nothing. */
const AUTHORITY = 'ca.crt';

/** Who owns what is written, and runs npm; without it the user of this process. */
export interface Owner {
  uid: number;
  gid: number;
}

/** The Node-RED that the tests of this package run on. */
const NODE_RED = 'node-red@4.1';

/** Its install script downloads TensorFlow's library. No other script is run. */
const TFJS_NODE = '@tensorflow/tfjs-node';

/** What is installed for itself, with scripts. */
const NATIVE = `${TFJS_NODE}@^4.22.0`;

/**
 * Installs, or brings up to date, Node-RED and all packages of a flow in its user directory.
 * @throws Error where npm fails; it has said why
 */
export function install(options: WorkerOptions, flow: Flow, owner?: Owner): void {
  const { folder } = options;
  makeFolder(folder, owner);
  // Without it npm would install into a project above. npm 12 runs no script of a package that is not allowed there.
  if (!existsSync(path.join(folder, 'package.json'))) {
    const project = { name: 'mtcnn-worker', private: true, allowScripts: { [TFJS_NODE]: true } };
    write(folder, 'package.json', JSON.stringify(project), owner);
  }
  npm(folder, ['--ignore-scripts', NODE_RED, options.package, ...flow.packages], owner);
  if (options.engine === 'native') npm(folder, [NATIVE], owner);
}

function npm(folder: string, parameters: readonly string[], owner?: Owner): void {
  const { status, error } = spawnSync(
    'npm',
    ['install', '--omit=dev', '--no-audit', '--no-fund', ...parameters],
    {
      ...{ cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
      env: { ...withoutChoices(process.env), ...(owner === undefined ? {} : homeOf(folder)) },
      ...owner,
    },
  );
  if (error !== undefined) throw new Error(`expected npm, got ${error.message}: install npm`);
  if (status !== 0) throw new Error(`npm could not install ${parameters.join(' ')}: what it said is above`);
}

/** What npm writes beside the packages; npx tells its own cache, of another user, to whom it starts. */
const homeOf = (folder: string) => ({ HOME: folder, npm_config_cache: path.join(folder, '.npm') });

/** Writes the flow, its encrypted credentials and the settings of Node-RED, over what an earlier run wrote. */
export function writeFiles({ folder, http, broker }: WorkerOptions, flow: Flow, owner?: Owner): void {
  makeFolder(folder, owner);
  const secret = secretOf(folder, owner);
  write(folder, 'flows.json', JSON.stringify(flow.nodes, undefined, 2), owner);
  write(folder, 'flows_cred.json', JSON.stringify(encrypt(flow.credentials, secret)), owner);
  write(folder, 'settings.js', settings(http), owner);
  write(folder, AUTHORITY, broker.ca ?? '', owner);
}

/** The key of the credentials: made once, for this folder alone. */
function secretOf(folder: string, owner?: Owner): string {
  const file = path.join(folder, 'credential-secret');
  if (!existsSync(file)) write(folder, 'credential-secret', randomBytes(32).toString('hex'), owner);
  return readFileSync(file, 'utf8');
}

/**
 * Credentials as Node-RED keeps them: AES-256-CTR with the SHA-256 of the secret, the start vector in hexadecimal before
 * the base64 (`@node-red/runtime/lib/nodes/credentials.js`).
 */
function encrypt(credentials: Flow['credentials'], secret: string): { $: string } {
  const start = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(secret).digest(), start);
  const text = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  return { $: start.toString('hex') + text };
}

/**
 * CommonJS that sends what is small at once: else faces wait up to 40 ms until the broker's machine has confirmed the answer
 * before them (Nagle's algorithm). TLS connections are sockets, too.
 */
export const NO_DELAY = `const { Socket } = require('node:net');
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...target) {
  return connect.apply(this.setNoDelay(), target);
};
`;

/** No editor; over HTTP only what the flow itself answers, or nothing at all. */
function settings(http: WorkerOptions['http']): string {
  // A dashboard wants an admin API: it has no user, so nobody gets in.
  const open = {
    ...{ uiHost: http?.host, uiPort: http?.port, httpAdminRoot: '/admin', httpNodeRoot: '/' },
    ...{ disableEditor: true, adminAuth: { type: 'credentials', users: [] } },
  };
  const values = {
    flowFile: 'flows.json',
    ...(http === undefined ? { httpAdminRoot: false, httpNodeRoot: false } : open),
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { autoInstall: false },
  };
  return `// Written by mtcnn-worker, which will write it again.
const { readFileSync } = require('node:fs');
${NO_DELAY}module.exports = ${JSON.stringify(values, undefined, 2)};
module.exports.credentialSecret = readFileSync(\`\${__dirname}/credential-secret\`, 'utf8');
`;
}

/** How a worker is run. */
export interface Command {
  program: string;
  parameters: string[];
  /** Beside what the environment has. AMQP's client trusts what Node.js trusts. */
  environment: Record<string, string>;
}

/** @throws Error where Node-RED is not installed */
export function commandOf({ folder, broker }: WorkerOptions): Command {
  const file = (name: string) => path.join(folder, name);
  let script: string;
  try {
    script = createRequire(file('package.json')).resolve('node-red/red.js');
  } catch {
    throw new Error(`expected Node-RED in ${folder}, found none: leave --no-install out`);
  }
  return {
    program: process.execPath,
    parameters: [script, '--userDir', folder, '--settings', file('settings.js')],
    environment: broker.ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: file(AUTHORITY) },
  };
}

/** An environment without the choices of this command, the password among them. */
export function withoutChoices(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('WORKER_')));
}

function makeFolder(folder: string, owner?: Owner): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
}

/** Writes a file that its owner alone can read: a new one, never through a link, since the folder is the service's. */
function write(folder: string, name: string, text: string, owner?: Owner): void {
  const file = path.join(folder, name);
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  if (owner !== undefined) lchownSync(file, owner.uid, owner.gid);
}
