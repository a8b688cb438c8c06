import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../worker/options';
import { unitOf } from '../../worker/service';
import { describeWhere, hasProgram } from '../support/requires';

const read = (parameters: string[], environment: Record<string, string> = {}) =>
  readOptions(parameters, environment, '1.2.3');

describe('the choices of a worker', () => {
  it('need a broker alone', () => {
    expect(read(['--broker', 'mqtts://broker.lan'])).toEqual({
      broker: { protocol: 'mqtt', tls: true, host: 'broker.lan', port: 8883 },
      ...{ flow: 'live-detector', engine: 'auto', processes: 1, folder: path.resolve('mtcnn-worker') },
      ...{ package: '@mtcnn/node-red@1.2.3', install: true, then: 'nothing', memory: '1G' },
    });
  });

  it.each([
    ['mqtt://10.0.0.1', { protocol: 'mqtt', tls: false, host: '10.0.0.1', port: 1883 }],
    ['mqtts://[::1]:1', { protocol: 'mqtt', tls: true, host: '::1', port: 1 }],
    ['amqp://a', { protocol: 'amqp', tls: false, host: 'a', port: 5672 }],
    ['amqps://a/', { protocol: 'amqp', tls: true, host: 'a', port: 5671 }],
  ])('%s', (address, broker) => expect(read(['--broker', address])?.broker).toEqual(broker));

  it('come from the environment too; the command line comes first', () => {
    const environment = {
      ...{ WORKER_BROKER: 'mqtts://a', WORKER_USER: 'me', WORKER_PASSWORD: 'secret', WORKER_KIND: 'archive' },
      ...{ WORKER_ROLE: 'collector', WORKER_HOST: '0.0.0.0', WORKER_PROCESSES: '3', WORKER_CA: '' },
    };
    expect(read(['--processes', '4'], environment)).toMatchObject({
      broker: { user: { name: 'me', password: 'secret' } },
      ...{ flow: 'archive-collector', http: { host: '0.0.0.0', port: 1880 }, processes: 4 },
    });
  });

  it.each([
    [[], 'expected --broker'],
    [['--broker', 'http://a'], 'expected --broker'],
    [['--processes', '65'], 'expected --processes from 1 to 64, got 65'],
    [['--engine', 'fast'], 'expected --engine auto or wasm or native, got fast'],
    [['--memory', 'much'], 'expected --memory such as 800M or 2G, got much'],
    [['--password', 'secret'], '--help lists all choices'],
    [['--start', '--service'], 'expected --start or --service, got both'],
    [['--password-file', '/not/there', '--user', 'me'], '/not/there'],
    [['--ca', __filename], 'expected --ca with a certificate in PEM'],
  ])('%j is refused', (parameters, text) => {
    const broker =
      parameters.length === 0 || parameters.includes('--broker') ? [] : ['--broker', 'mqtts://a'];
    expect(() => read([...broker, ...parameters])).toThrow(text);
  });
});

describeWhere(hasProgram('systemd-analyze'), 'no systemd-analyze')('the service', () => {
  it('is one that systemd takes without a word, and finds safe', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'unit-'));
    const file = path.join(folder, 'mtcnn-worker.service');
    const options = read(['--broker', 'mqtts://a', '--service', '--memory', '2G'])!; // no --help
    // The user is made with the service.
    const unit = unitOf(options, {
      ...{ program: process.execPath, parameters: ['/a folder/$red%.js'] },
      environment: { NODE_EXTRA_CA_CERTS: '/a folder/ca.crt' },
    }).replace('User=mtcnn-worker', 'User=root');
    writeFileSync(file, unit);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    const ours = (stdout + stderr).split('\n').filter((line) => line.includes('mtcnn-worker'));
    expect(ours).toEqual([]);
    expect(status).toBe(0);
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=30', file]);
    expect(security.status, String(security.stdout) + String(security.stderr)).toBe(0);
    rmSync(folder, { recursive: true });
    expect(unit).toContain('"/a folder/$$red%%.js"');
    expect(unit).toContain('MemoryMax=2G');
    // Without it a Node.js that tries a system call that it can do without, as Debian's does, is killed at its start.
    expect(unit).toContain('SystemCallErrorNumber=EPERM');
  });
});
