/** Node-RED with this package, for measurements. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');

export interface MeasuredNodeRed {
  url: string;
  process: ChildProcess;
  log(): string;
  /** Ends it as Ctrl-C does, and removes its user directory. */
  stop(): Promise<void>;
}

/**
 * Starts Node-RED on loopback, and waits until its flows run.
 * @param preload a CommonJS script that runs in it first
 */
export async function startNodeRed(flows: string, port: number, preload = ''): Promise<MeasuredNodeRed> {
  const user = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  mkdirSync(path.join(user, 'node_modules/@mtcnn'), { recursive: true });
  symlinkSync(ROOT, path.join(user, 'node_modules/@mtcnn/node-red'));
  const file = (name: string, text: string) => {
    writeFileSync(path.join(user, name), text);
    return path.join(user, name);
  };
  const manifest = { name: 'bench', private: true, dependencies: { '@mtcnn/node-red': '*' } };
  file('package.json', JSON.stringify(manifest));
  file('flows.json', flows);
  const settings = {
    ...{ flowFile: 'flows.json', uiPort: port, uiHost: '127.0.0.1', credentialSecret: false },
    // Nothing outside this machine is asked, and nothing lies over the flow.
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
  };
  const settingsFile = file('settings.js', `module.exports = ${JSON.stringify(settings)};`);
  const red = path.join(ROOT, 'node_modules/node-red/red.js');
  const child = spawn(
    process.execPath,
    ['--require', file('preload.cjs', preload), red, '--userDir', user, '--settings', settingsFile],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const ended = once(child, 'exit');
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('Started flows')) resolve();
    });
    void ended.then(() => reject(new Error(`Node-RED did not start:\n${log}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    log: () => log,
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(user, { recursive: true, force: true });
    },
  };
}
