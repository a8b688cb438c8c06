import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, ROOT } from '../support/node-red';
import { descendantsOf, untilAsync, untilGone } from '../support/processes';
import { describeWhere } from '../support/requires';
import {
  hasSecureBroker,
  SECURE_BROKER_REASON,
  type SecureBroker,
  startSecureBroker,
} from '../support/secure-broker';

// The command as a machine runs it, into an empty folder, against a real broker with passwords and TLS. Of npm alone there
// is a stand-in: it links what this project has installed, and notes what it was asked for.

const WORKER = path.join(ROOT, 'dist/worker/worker.js');
const NPM = `#!/usr/bin/env node
const { appendFileSync, mkdirSync, rmSync, symlinkSync } = require('node:fs');
const path = require('node:path');
appendFileSync(process.env.NPM_LOG, process.argv.slice(2).join(' ') + '\\n');
const root = ${JSON.stringify(ROOT)};
const link = (name, from) => {
  const place = path.resolve('node_modules', name);
  mkdirSync(path.dirname(place), { recursive: true });
  rmSync(place, { force: true });
  symlinkSync(from, place);
};
link('@mtcnn/node-red', root);
for (const name of ['node-red', '@flowfuse/node-red-dashboard']) link(name, path.join(root, 'node_modules', name));
`;

describeWhere(hasSecureBroker, SECURE_BROKER_REASON)('a worker', () => {
  let broker: SecureBroker;
  let work: string;
  const programs: ChildProcess[] = [];

  const folder = () => path.join(work, 'worker');
  const installs = () => readFileSync(path.join(work, 'npm.log'), 'utf8');
  const own = (name: string) => readFileSync(path.join(folder(), name), 'utf8');
  const as = (role: string) => ['--user', role, '--ca', broker.file('ca.crt'), '--folder', folder()];
  const environment = (values: Record<string, string>) => ({
    ...{ ...process.env, PATH: `${path.join(work, 'bin')}:${process.env['PATH']}` },
    ...{ NPM_LOG: path.join(work, 'npm.log'), WORKER_BROKER: `mqtts://localhost:${broker.port}` },
    ...values,
  });

  /** Runs the command with `--start`, and waits until it is healthy. */
  async function start(parameters: string[], values: Record<string, string> = {}) {
    const port = await freePort();
    const all = [WORKER, ...parameters, '--port', String(port), '--start'];
    const child = spawn(process.execPath, all, { env: environment(values) });
    programs.push(child);
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => said.push(line));
    }
    const url = `http://127.0.0.1:${port}`;
    const health = async () => (await fetch(`${url}/health`).catch(() => undefined))?.status;
    await untilAsync(async () => {
      if (child.exitCode !== null) throw new Error(said.join('\n'));
      return (await health()) === 200;
    });
    const stop = async () => {
      const children = descendantsOf(child.pid ?? NaN);
      child.kill();
      const [code] = (await once(child, 'exit')) as [number];
      for (const pid of children) await untilGone(pid);
      return code;
    };
    return { url, child, health, stop, said: () => said.join('\n') };
  }

  /** Publishes a photograph, as a camera's machine does; what a collector hears. */
  async function answerTo(photo: string): Promise<unknown> {
    const id = `listener-${programs.length}`;
    const listener = spawn('mosquitto_sub', [
      ...[...broker.client('collector'), '-i', id, '-t', 'faces/#', '-C', '1'],
    ]);
    programs.push(listener);
    let heard = '';
    listener.stdout.on('data', (text) => (heard += String(text)));
    await broker.told(new RegExp(`Sending SUBACK to ${id}$`));
    const sent = spawnSync('mosquitto_pub', [
      ...broker.client('publisher'),
      '-t',
      'frames/door',
      '-f',
      photo,
    ]);
    expect(sent.status).toBe(0);
    await once(listener, 'close');
    return JSON.parse(heard);
  }

  beforeAll(async () => {
    work = mkdtempSync(path.join(os.tmpdir(), 'worker-'));
    mkdirSync(path.join(work, 'bin'));
    writeFileSync(path.join(work, 'bin/npm'), NPM);
    chmodSync(path.join(work, 'bin/npm'), 0o755);
    await sharp(path.join(ROOT, 'test/photos/astronaut.png')).jpeg().toFile(path.join(work, 'face.jpg'));
    broker = await startSecureBroker();
  });
  afterAll(async () => {
    for (const program of programs) {
      if (program.exitCode !== null || program.signalCode !== null) continue;
      program.kill();
      await once(program, 'exit');
    }
    await broker.stop();
    rmSync(work, { recursive: true });
  });

  it('is set up in an empty folder, finds faces, tells its health, and keeps its password', async () => {
    const password = broker.password('detector');
    const choices = ['--engine', 'wasm', '--processes', '2', '--package', 'a-package'];
    const worker = await start([...as('detector'), ...choices], { WORKER_PASSWORD: password });
    expect(installs().trim()).toBe(
      'install --omit=dev --no-audit --no-fund --ignore-scripts node-red@4.1 a-package',
    );
    expect(JSON.parse(own('package.json'))).toMatchObject({
      allowScripts: { '@tensorflow/tfjs-node': true },
    });
    expect(await answerTo(path.join(work, 'face.jpg'))).toMatchObject([
      { confidence: expect.any(Number) as number },
    ]);

    for (const name of readdirSync(folder()).filter((each) => statSync(path.join(folder(), each)).isFile())) {
      expect(own(name), name).not.toContain(password);
    }
    expect(worker.said()).not.toContain(password);
    for (const name of ['flows_cred.json', 'credential-secret', 'flows.json', 'settings.js']) {
      expect(statSync(path.join(folder(), name)).mode & 0o777, name).toBe(0o600);
    }
    if (process.platform === 'linux') {
      for (const pid of descendantsOf(worker.child.pid ?? NaN)) {
        expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(password);
        expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password);
      }
    }
    for (const page of ['/admin/flows', '/admin/settings']) {
      expect((await fetch(worker.url + page)).status, page).toBe(401);
    }
    expect(await worker.stop()).toBe(0);
  });

  it('run again, is brought up to date: other choices, the same secret', async () => {
    const secret = own('credential-secret');
    const credentials = own('flows_cred.json');
    const file = ['--password-file', broker.file('detector.password'), '--no-install'];
    const worker = await start([...as('detector'), ...file, '--processes', '1']);
    expect(installs().trim().split('\n')).toHaveLength(1);
    expect(own('credential-secret')).toBe(secret);
    expect(own('flows_cred.json')).not.toBe(credentials);
    expect(own('flows.json')).toContain('"processes": 1');
    expect(await answerTo(path.join(work, 'face.jpg'))).toHaveLength(1);

    // A broker that is gone: not healthy, and back by itself is what Node-RED does.
    await broker.stop();
    await untilAsync(async () => (await worker.health()) === 503);
    expect(await worker.stop()).toBe(0);
    broker = await startSecureBroker();
  });

  it('is a collector with its dashboard as well', async () => {
    const file = ['--password-file', broker.file('collector.password')];
    const worker = await start([...as('collector'), ...file, '--role', 'collector']);
    expect(installs()).toContain('@flowfuse/node-red-dashboard');
    expect((await fetch(`${worker.url}/dashboard/live`)).status).toBe(200);
    expect((await fetch(`${worker.url}/admin/flows`)).status).toBe(401);
    expect(worker.said()).not.toContain('[error]');
    await worker.stop();
  });

  it('without a port listens to nothing, and says how it is run', () => {
    const parameters = [WORKER, ...as('detector'), '--no-install'];
    const said = execFileSync(process.execPath, parameters, {
      ...{ encoding: 'utf8', env: environment({ WORKER_PASSWORD: 'a' }) },
    });
    expect(said).toContain(`live-detector for localhost:${broker.port} is in ${folder()}`);
    expect(said).toContain(`'--userDir' '${folder()}'`);
    expect(own('settings.js')).toContain('"httpNodeRoot": false');
    expect(own('flows.json')).not.toContain('/health');
  });

  it('says what is wrong, and never a password', () => {
    const failed = (parameters: string[], values: Record<string, string> = {}) => {
      const { status, stderr } = spawnSync(process.execPath, [WORKER, ...parameters], {
        ...{ encoding: 'utf8', env: environment(values) },
      });
      return `${status} ${stderr.trim()}`;
    };
    expect(failed(['--broker', 'mqtts://me:secret@broker.lan'])).toMatch(
      /^2 mtcnn-worker: expected --broker mqtts:.*with neither a name nor a password in it$/,
    );
    expect(failed([...as('detector'), '--no-install'])).toMatch(
      /^2 .*WORKER_PASSWORD or --password-file is missing$/,
    );
    const empty = path.join(work, 'empty');
    expect(failed(['--folder', empty, '--no-install'])).toMatch(/^1 .*found none: leave --no-install out$/);
    expect(failed(['--broker', 'amqps://broker.lan', '--folder', empty])).toMatch(/^1 .*does not speak amqp/);
  });
});
