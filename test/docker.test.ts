import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { type FlowNode, makeFlow } from '../worker/flow';
import { readOptions } from '../worker/options';
import { ROOT } from './support/node-red';

// The files of docker/ against those that they speak of. No Docker engine is needed.

const read = (...names: string[]) => readFileSync(path.join(ROOT, ...names), 'utf8');
const DOCKERFILE = read('docker/Dockerfile');

interface Service {
  profiles: string[];
  depends_on?: string[];
  ports?: string[];
  volumes?: string[];
  secrets: string[];
  environment?: Record<string, string>;
}
// The shape is the one of our own file.
const COMPOSE = load(read('docker/compose.yaml')) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const SERVICES = Object.entries(COMPOSE.services);
const WORKERS = SERVICES.filter(([, { environment }]) => environment?.['WORKER_BROKER'] !== undefined);

/** The lines of settings, without remarks. */
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('docker/Dockerfile', () => {
  it('gets all that the package is built from, and nothing else', () => {
    const names = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const kept = names.map((line) => line.slice(1));
    for (const name of kept) expect(existsSync(path.join(ROOT, name)), name).toBe(true);
    const { include } = JSON.parse(read('tsconfig.json')) as { include: string[] };
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const needed = files.filter((name) => !/^!|^dist$/.test(name));
    expect(kept).toEqual(expect.arrayContaining([...include, ...needed, 'scripts', 'icons']));
  });

  it('runs the command of package.json, with the Node-RED that the command installs', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
    expect(Object.keys(bin)).toEqual([/\.bin\/([\w-]+)/.exec(DOCKERFILE)?.[1]]);
    const [nodeRed = 'none'] = /node-red@[\d.]+/.exec(read('worker/user-directory.ts')) ?? [];
    expect(DOCKERFILE).toContain(`${nodeRed} `);
    const [, project = ''] = /echo '(.*)' >package\.json/.exec(DOCKERFILE) ?? [];
    expect(JSON.parse(project)).toMatchObject({ allowScripts: { '@tensorflow/tfjs-node': true } });
    for (const name of readdirSync(path.join(ROOT, 'examples'))) {
      const [, kind, role] = /^(live|archive)-(detector|collector)\.json$/.exec(name) ?? [];
      if (kind === undefined || role === undefined) continue;
      const broker = kind === 'live' ? 'mqtt://a' : 'amqp://a';
      const options = readOptions(['--broker', broker, '--kind', kind, '--role', role], {}, '1')!; // no --help
      const { packages } = makeFlow(JSON.parse(read('examples', name)) as FlowNode[], options);
      for (const each of packages) expect(DOCKERFILE, name).toContain(` ${each} `);
    }
  });
});

describe('docker/compose.yaml', () => {
  it.each(SERVICES)('%s names only files and secrets that there are', (_name, { volumes = [], secrets }) => {
    for (const [place = ''] of volumes.map((volume) => volume.split(':'))) {
      if (place.startsWith('./data/')) continue; // of the user
      expect(existsSync(path.join(ROOT, 'docker', place)), place).toBe(true);
    }
    for (const secret of secrets) expect(COMPOSE.secrets[secret]?.file).toBe(`./secrets/${secret}`);
  });

  it.each(WORKERS)(
    '%s is a worker that its broker knows',
    (name, { profiles, depends_on, secrets, environment }) => {
      const { WORKER_PASSWORD_FILE: password, WORKER_CA: ca } = environment!; // it has WORKER_BROKER
      const elsewhere = { WORKER_USER: '', WORKER_PASSWORD_FILE: '', WORKER_CA: '', WORKER_PROCESSES: '' };
      const options = readOptions([], { ...environment, ...elsewhere }, '1')!; // no --help
      expect(options.flow).toBe(name);
      expect(profiles).toEqual([name.split('-')[0]]);
      expect(depends_on).toEqual([options.broker.host]);
      const broker = COMPOSE.services[options.broker.host];
      expect(broker?.profiles).toEqual(profiles);
      expect(broker?.ports).toContain(`${options.broker.port}:${options.broker.port}`);
      expect(options.broker.tls).toBe(true);
      for (const file of [password, ca])
        expect(secrets.map((each) => `/run/secrets/${each}`)).toContain(file);
      const user = environment?.['WORKER_USER'] ?? '';
      if (options.broker.protocol === 'mqtt')
        expect(read('docs/mosquitto.acl')).toContain(`\nuser ${user}\n`);
      expect(read('docs/broker-secrets.sh')).toMatch(new RegExp(`for role in .*\\b${user}\\b`));
    },
  );

  it('has Mosquitto as it is documented, with TLS', () => {
    const documented = read('docs/mosquitto.conf')
      .replace('listener 1883', 'listener 8883')
      .replace(/^#(?=\w+file )/gm, '')
      .replace('/etc/mosquitto/mosquitto.acl', '/mosquitto/config/mosquitto.acl')
      .replace(/\/etc\/mosquitto\/(?:certs\/)?/g, '/run/secrets/');
    expect(linesOf(read('docker/mosquitto.conf'))).toEqual(linesOf(documented));
    expect(linesOf(read('docker/mosquitto.conf'))).toContain('listener 8883');
  });

  it('has RabbitMQ as it is documented, with TLS', () => {
    const documented = read('docs/rabbitmq/rabbitmq.conf')
      .replace('listeners.tcp.default = 5672', 'listeners.tcp = none')
      .replace(/^#(?=listeners\.ssl|ssl_options)/gm, '')
      .replace(/\/etc\/rabbitmq\//g, '/run/secrets/');
    expect(linesOf(read('docker/rabbitmq.conf'))).toEqual(linesOf(documented));
  });
});
