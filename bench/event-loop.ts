/**
 * Event-loop delay of the Node-RED process while a detector works at full load.
 *
 *   node dist/bench/event-loop.js [--seconds N] [--port N]
 *
 * Starts the project's Node-RED with the quick-start flow at 30 frames a second, far more than one detector can do, and
 * measures inside that process. The last line is JSON: `{p50Ms, p99Ms, maxMs, seconds}`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(__dirname, '../..');
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, port: { type: 'string', default: '18899' } },
});

/** Preloaded into Node-RED: measures from the first frames on, and tells when asked to end. */
const MONITOR = `
const { monitorEventLoopDelay } = require('node:perf_hooks');
const delay = monitorEventLoopDelay({ resolution: 1 });
process.once('message', () => delay.enable());
process.on('SIGINT', () => {
  const ms = (value) => Number((value / 1e6).toFixed(2));
  console.log('DELAY ' + JSON.stringify({ p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) }));
});`;

async function measure(): Promise<void> {
  const user = mkdtempSync(path.join(os.tmpdir(), 'event-loop-'));
  mkdirSync(path.join(user, 'node_modules/@mtcnn'), { recursive: true });
  symlinkSync(ROOT, path.join(user, 'node_modules/@mtcnn/node-red'));
  const file = (name: string, text: string) => {
    writeFileSync(path.join(user, name), text);
    return path.join(user, name);
  };
  file(
    'package.json',
    JSON.stringify({ name: 'bench', private: true, dependencies: { '@mtcnn/node-red': '*' } }),
  );
  const flow = readFileSync(path.join(ROOT, 'examples/quick-start.json'), 'utf8');
  file('flows.json', flow.replace('"framesPerSecond": 10', '"framesPerSecond": 30'));
  const settings = {
    flowFile: 'flows.json',
    uiPort: Number(values.port),
    uiHost: '127.0.0.1',
    credentialSecret: false,
  };
  const settingsFile = file('settings.js', `module.exports = ${JSON.stringify(settings)};`);
  const monitor = file('monitor.cjs', MONITOR);
  const red = path.join(ROOT, 'node_modules/node-red/red.js');
  const child = spawn(
    process.execPath,
    ['--require', monitor, red, '--userDir', user, '--settings', settingsFile],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const ended = once(child, 'exit');
  let log = '';
  child.stdout?.on('data', (text: Buffer) => (log += text.toString()));
  const detecting = async () => {
    const answer = await fetch(`http://127.0.0.1:${values.port}/faces/faces.json`).catch(() => undefined);
    return answer?.ok === true && (await answer.text()).includes('"detection"');
  };
  while (!(await detecting())) await new Promise((resolve) => setTimeout(resolve, 200));
  child.send('begin');
  await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
  child.kill('SIGINT');
  await ended;
  rmSync(user, { recursive: true, force: true });
  const told = /DELAY (.*)/.exec(log)?.[1];
  if (told === undefined) throw new Error(`Node-RED told nothing:\n${log}`);
  console.log(JSON.stringify({ ...(JSON.parse(told) as object), seconds: Number(values.seconds) }));
}

measure().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
