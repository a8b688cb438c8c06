/** A real Node-RED with this package, as a process of its own, on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onCores } from './cores';
import { ROOT } from './root';

export { ROOT };

export interface NodeRedConfig {
  /** @default one that is free */
  port?: number;
  /** A user directory that exists already; otherwise an empty one that is removed at the end. */
  userDir?: string;
  /** What the flow file holds. */
  flows?: unknown[];
  /** Beside those that make it quiet. */
  settings?: Record<string, unknown>;
  /** npm packages of this project that its function nodes may load, as the user's Node-RED installs them. @default none */
  modules?: readonly string[];
  /** Beside those of this process. */
  environment?: Record<string, string>;
  /** The Node-RED to run. @default the one of this project */
  script?: string;
  /** The Node.js to run it with. */
  node?: string;
  /** The core that it and all that it starts are held to. */
  core?: number;
  /** A CommonJS script that runs in it first; it may talk to us over the IPC channel. */
  preload?: string;
  /** Told of what such a script says. */
  onMessage?: (message: unknown) => void;
}

export interface RunningNodeRed {
  url: string;
  userDir: string;
  process: ChildProcess;
  /** Everything it has printed. */
  log(): string;
  /** Ends it as Ctrl-C does, and waits until it is gone; its user directory is removed unless it is kept. */
  stop(how?: { keep: boolean }): Promise<void>;
}

/** An empty user directory with the package of this checkout in it, and what function nodes may load. */
export function makeUserDir(modules: readonly string[] = []): string {
  const userDir = mkdtempSync(path.join(os.tmpdir(), 'node-red-'));
  const dependencies: Record<string, string> = {};
  const install = (name: string, from: string) => {
    const installed = path.join(userDir, 'node_modules', name);
    mkdirSync(path.dirname(installed), { recursive: true });
    symlinkSync(from, installed);
    dependencies[name] = '*';
  };
  install('@mtcnn/node-red', ROOT);
  for (const name of modules) install(name, path.join(ROOT, 'node_modules', name));
  const manifest = { name: 'test', private: true, dependencies };
  writeFileSync(path.join(userDir, 'package.json'), JSON.stringify(manifest));
  return userDir;
}

/** A port that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** Starts a real Node-RED as a process of its own, and waits until its flows run. */
export async function startNodeRed(config: NodeRedConfig = {}): Promise<RunningNodeRed> {
  const userDir = config.userDir ?? makeUserDir(config.modules);
  const port = config.port ?? (await freePort());
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(userDir, name), text);
    return path.join(userDir, name);
  };
  if (config.flows !== undefined) file('flows.json', JSON.stringify(config.flows));
  const settings = {
    ...{ flowFile: 'flows.json', credentialSecret: false, uiHost: '127.0.0.1', uiPort: port },
    // Nothing outside this machine is asked, and nothing lies over the flow.
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
    ...config.settings,
  };
  const settingsFile = file('settings.js', `module.exports = ${JSON.stringify(settings)};`);
  const preload = config.preload === undefined ? [] : ['--require', file('preload.cjs', config.preload)];
  const script = config.script ?? path.join(ROOT, 'node_modules/node-red/red.js');
  const node = config.node ?? process.execPath;
  const parameters = [...preload, script, '--userDir', userDir, '--settings', settingsFile];
  const child = spawn(
    ...(config.core === undefined
      ? ([node, parameters] as const)
      : onCores(String(config.core), node, parameters)),
    { env: { ...process.env, ...config.environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  if (config.onMessage !== undefined) child.on('message', config.onMessage);
  const lines: string[] = [];
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue; // both are pipes
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.includes('Started flows')) resolve();
      });
    }
    void ended.then(() => reject(new Error(`Node-RED did not start:\n${lines.join('\n')}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    userDir,
    process: child,
    log: () => lines.join('\n'),
    async stop({ keep } = { keep: false }) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await ended;
      if (!keep && existsSync(userDir)) rmSync(userDir, { recursive: true, force: true });
    },
  };
}
