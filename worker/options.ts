import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** What a worker is to be: every choice, checked. */
export interface WorkerOptions {
  broker: Broker;
  /** Name of the example that it runs, such as `live-detector`. */
  flow: string;
  engine: Engine;
  /** Detector processes, 1 to 64. */
  processes: number;
  /** The user directory of its Node-RED. */
  folder: string;
  /** Where it answers over HTTP; without it nothing listens. */
  http?: { host: string; port: number };
  /** What npm installs as this package. */
  package: string;
  /** False where a folder has all packages already, as in a container. */
  install: boolean;
  /** What follows the set-up. */
  then: 'nothing' | 'start' | 'service';
  /** Most memory of the service, as systemd writes it. */
  memory: string;
}

/** A broker, and who we are there. */
export interface Broker {
  protocol: 'mqtt' | 'amqp';
  tls: boolean;
  host: string;
  port: number;
  user?: { name: string; password: string };
  /** The authority that signed the broker's certificate, in PEM; without it those that Node.js knows. */
  ca?: string;
}

export type Engine = (typeof ENGINES)[number];

const ENGINES = ['auto', 'wasm', 'native'] as const;
const PORTS = { mqtt: 1883, mqtts: 8883, amqp: 5672, amqps: 5671 };

/** Each choice with what it is; `--user` is `WORKER_USER` in the environment, and so on. */
const TEXTS = {
  broker: 'mqtts://HOST[:PORT] or amqps://HOST[:PORT]; mqtt: and amqp: are without TLS',
  user: "the worker's name at the broker",
  'password-file': 'a file that holds its password; or the password itself in WORKER_PASSWORD',
  ca: "the PEM file of the authority that signed the broker's certificate",
  kind: 'live (default) or archive',
  role: 'detector (default) or collector',
  engine: 'auto (default), wasm, or native, which installs @tensorflow/tfjs-node as well',
  processes: 'detector processes, 1 (default) to 64',
  folder: 'where all of it is kept (default: /var/lib/mtcnn-worker for a service, else ./mtcnn-worker)',
  port: 'answers GET /health there, and a collector its pages (default: none; a collector 1880)',
  host: 'the address that it listens on (default 127.0.0.1)',
  package:
    'what npm installs as this package, such as @mtcnn/node-red@0.1.0, an address or a tarball (default: this version)',
  memory: 'most memory of the service (default 1G)',
};

const SWITCHES = {
  start: 'then run it here, until Ctrl-C',
  service: 'then run it as a systemd service, now and after each start of the machine; needs root',
  'no-install': 'everything is installed already',
  help: 'this text',
};

type Name = keyof typeof TEXTS;

/** How it is called. */
export const USAGE = [
  'npx @mtcnn/node-red --broker URL [choices]: sets up a worker, or brings it up to date.\n',
  ...Object.entries({ ...TEXTS, ...SWITCHES }).map(([name, text]) => `  --${name.padEnd(15)}${text}`),
  '\nEach choice with a value can be in the environment instead: WORKER_BROKER, WORKER_PASSWORD_FILE, and so on.',
].join('\n');

/** A choice that cannot be used. The text says what was expected, what came, and what to do. */
export class UsageError extends Error {}

/**
 * Reads the command line, and behind it the environment.
 * @param version of this package
 * @returns `undefined` where help is asked for
 * @throws UsageError for a choice that is missing, unknown or impossible
 */
export function readOptions(
  parameters: readonly string[],
  environment: Record<string, string | undefined>,
  version: string,
): WorkerOptions | undefined {
  const switches = new Set<string>();
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(parse(parameters))) {
    if (typeof value === 'string') given.set(name, value);
    else if (value === true) switches.add(name);
  }
  if (switches.has('help')) return undefined;
  const get = (name: Name): string | undefined =>
    given.get(name) || environment[`WORKER_${name.toUpperCase().replace('-', '_')}`] || undefined;
  const oneOf = <T extends string>(name: Name, allowed: readonly [T, ...T[]]): T => {
    const value = get(name) ?? allowed[0];
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw expected(`--${name} ${allowed.join(' or ')}`, value);
    return found;
  };
  const whole = (name: Name, most: number): number | undefined => {
    const text = get(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw expected(`--${name} from 1 to ${most}`, text);
    return value;
  };
  if (switches.has('start') && switches.has('service')) {
    throw new UsageError('expected --start or --service, got both: leave one out');
  }
  const then = switches.has('service') ? 'service' : switches.has('start') ? 'start' : 'nothing';
  const role = oneOf('role', ['detector', 'collector']);
  const port = whole('port', 65535) ?? (role === 'collector' ? 1880 : undefined);
  const memory = get('memory') ?? '1G';
  if (!/^\d+[KMGT]?$/.test(memory)) throw expected('--memory such as 800M or 2G', memory);
  const folder = get('folder') ?? (then === 'service' ? '/var/lib/mtcnn-worker' : 'mtcnn-worker');
  return {
    broker: readBroker(get, environment['WORKER_PASSWORD'] || undefined),
    flow: `${oneOf('kind', ['live', 'archive'])}-${role}`,
    engine: oneOf('engine', ENGINES),
    processes: whole('processes', 64) ?? 1,
    folder: path.resolve(folder),
    ...(port === undefined ? {} : { http: { host: get('host') ?? '127.0.0.1', port } }),
    package: packageOf(get('package') ?? `@mtcnn/node-red@${version}`),
    install: !switches.has('no-install'),
    then,
    memory,
  };
}

/** What npm, which runs in another folder, installs. A version alone would be to it the name of somebody else's package. */
function packageOf(text: string): string {
  if (existsSync(text)) return path.resolve(text);
  if (/^v?\d/.test(text)) throw expected('--package such as @mtcnn/node-red@0.1.0', text);
  return text;
}

const expected = (what: string, got: string) => new UsageError(`expected ${what}, got ${got}`);

function parse(parameters: readonly string[]): Record<string, unknown> {
  const each = (names: object, type: 'string' | 'boolean') =>
    Object.fromEntries(Object.keys(names).map((name) => [name, { type }]));
  try {
    return parseArgs({
      args: [...parameters],
      options: { ...each(TEXTS, 'string'), ...each(SWITCHES, 'boolean') },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; --help lists all choices`); // parseArgs throws a TypeError
  }
}

function readBroker(get: (name: Name) => string | undefined, password: string | undefined): Broker {
  const address = get('broker');
  if (address === undefined) throw new UsageError(`expected --broker ${TEXTS.broker}; none was given`);
  const [, scheme = '', host = '', port] =
    /^(mqtts?|amqps?):\/\/(\[[\da-f:]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?\/?$/i.exec(address) ?? [];
  if (host === '') {
    // It may hold a password, and is not repeated.
    throw new UsageError(`expected --broker ${TEXTS.broker}, with neither a name nor a password in it`);
  }
  const known = scheme.toLowerCase() as keyof typeof PORTS; // as the pattern has it
  const name = get('user');
  const secret = readText(get('password-file'))?.replace(/\r?\n$/, '') ?? password;
  if ((name === undefined) !== (secret === undefined)) {
    const lacks = name === undefined ? '--user' : 'WORKER_PASSWORD or --password-file';
    throw new UsageError(`expected a user with a password; ${lacks} is missing`);
  }
  const ca = readText(get('ca'));
  if (ca?.includes('-----BEGIN CERTIFICATE-----') === false) {
    throw expected('--ca with a certificate in PEM', 'something else');
  }
  return {
    protocol: known.startsWith('mqtt') ? 'mqtt' : 'amqp',
    tls: known.endsWith('s'),
    host: host.replace(/[[\]]/g, ''),
    port: port === undefined ? PORTS[known] : Number(port),
    ...(name === undefined || secret === undefined ? {} : { user: { name, password: secret } }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function readText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`expected a file that can be read: ${(error as Error).message}`);
  }
}
