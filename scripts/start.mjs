// Starts Node-RED with the quick-start flow in a user directory of its own, .user/ in the project.
// PORT chooses the port (1880). Ctrl-C ends everything.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, copyFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const user = path.join(root, '.user');
const port = Number(process.env.PORT ?? 1880);
const red = createRequire(import.meta.url).resolve('node-red/red.js');

// 1. A user directory that has this package installed, and the quick-start flow the first time.
const installed = path.join(user, 'node_modules', '@mtcnn', 'node-red');
mkdirSync(path.dirname(installed), { recursive: true });
rmSync(installed, { recursive: true, force: true });
symlinkSync(root, installed, 'junction');
const manifest = { name: 'quick-start', private: true, dependencies: { '@mtcnn/node-red': 'file:..' } };
writeFileSync(path.join(user, 'package.json'), JSON.stringify(manifest, undefined, 2));
const flows = path.join(user, 'flows.json');
if (!existsSync(flows)) copyFileSync(path.join(root, 'examples', 'quick-start.json'), flows);
writeFileSync(
  path.join(user, 'settings.js'),
  `module.exports = ${JSON.stringify(
    {
      flowFile: 'flows.json',
      uiHost: process.env.HOST ?? '127.0.0.1',
      uiPort: port,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, page: { title: 'Node-RED · faces' } },
      logging: { console: { level: 'info', metrics: false, audit: false } },
    },
    undefined,
    2,
  )};\n`,
);

// 2. The real Node-RED; its own log follows.
const child = spawn(
  process.execPath,
  [red, '--userDir', user, '--settings', path.join(user, 'settings.js')],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: user,
  },
);
let announced = false;
child.stdout.on('data', (text) => {
  process.stdout.write(text);
  if (!announced && /Started flows/.test(text)) {
    announced = true; // each deploy starts flows, too
    console.log(`\nEditor: http://localhost:${port}/\nFaces:  http://localhost:${port}/faces\n`);
  }
});

// 3. Ctrl-C reaches Node-RED from the terminal as well; it ends by itself, and so do its children.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 0));
