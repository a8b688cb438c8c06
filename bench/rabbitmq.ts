/** A real RabbitMQ as processes of its own, on loopback, with folders, ports, a node name and a cookie of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from './root';
import { freePort } from './start-node-red';

/** Debian's place of the server's own script; the one on the PATH changes to another user and folder. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const CONTROL = '/usr/lib/rabbitmq/bin/rabbitmqctl';

/** True where RabbitMQ is installed as Debian installs it. */
export function hasRabbitMq(): boolean {
  return existsSync(SERVER);
}

export const RABBITMQ_REASON = 'no RabbitMQ (apt install rabbitmq-server)';

/** The users, queues and limits that the documentation gives. */
export const DEFINITIONS = path.join(ROOT, 'docs/rabbitmq/definitions.json');

export interface RabbitMqConfig {
  /** @default one that is free */
  port?: number;
  /** A JSON file of vhosts, users, exchanges and queues that it begins with. @default those of docs/rabbitmq */
  definitions?: string;
  /** Lines of rabbitmq.conf beside those that it needs. */
  settings?: string[];
}

export interface RunningRabbitMq {
  /** Where it speaks AMQP 0-9-1; the same after a restart. */
  port: number;
  /** The broker's process now: another one after a restart. */
  process(): ChildProcess;
  /** Everything it has printed. */
  log(): string;
  /** How many messages a queue of the vhost `archive` has, those that consumers have not answered among them. */
  messages(queue: string): Promise<number>;
  /** Ends it, as a machine that shuts down does, or at once as a power cut does (`SIGKILL`); its folder is kept. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again with what its folder holds, ended or not before, and waits until it serves. */
  restart(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends all of it, and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a broker, and waits until it serves. */
export async function startRabbitMq(config: RabbitMqConfig = {}): Promise<RunningRabbitMq> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rabbitmq-'));
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const port = config.port ?? (await freePort());
  const epmdPort = String(await freePort());
  // Erlang reads it from the home folder, and wants nobody else to.
  chmodSync(file('.erlang.cookie', path.basename(folder)), 0o600);
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `load_definitions = ${config.definitions ?? DEFINITIONS}`,
    ...(config.settings ?? []),
  ];
  const environment = {
    ...process.env,
    HOME: folder,
    ERL_EPMD_PORT: epmdPort,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(await freePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: path.join(folder, 'data'),
    RABBITMQ_LOG_BASE: path.join(folder, 'log'),
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', `${settings.join('\n')}\n`),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[].\n'),
    // Erlang itself becomes the process that we have started, so that a signal reaches it.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
  const lines: string[] = [];
  // RabbitMQ would start one as a service that outlives it.
  const epmd = spawn('epmd', ['-port', epmdPort, '-address', '127.0.0.1'], { stdio: 'ignore' });
  let broker = await start();

  async function start(): Promise<ChildProcess> {
    const child = spawn(SERVER, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line);
          if (line.includes('completed with')) resolve();
        });
      }
      child.once('exit', () => reject(new Error(`RabbitMQ did not start:\n${lines.join('\n')}`)));
    });
    return child;
  }

  async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  const halt = (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => end(broker, signal);
  return {
    port,
    process: () => broker,
    log: () => lines.join('\n'),
    async messages(queue) {
      const { stdout } = await promisify(execFile)(
        CONTROL,
        ['--quiet', '--vhost', 'archive', 'list_queues', '--no-table-headers', 'name', 'messages'],
        { env: environment },
      );
      const line = stdout.split('\n').find((each) => each.startsWith(`${queue}\t`));
      if (line === undefined) throw new Error(`expected a queue ${queue}, got ${stdout.trim()}`);
      return Number(line.split('\t')[1]);
    },
    halt,
    async restart(signal) {
      await halt(signal);
      broker = await start();
    },
    async stop() {
      await halt('SIGKILL');
      await end(epmd, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
