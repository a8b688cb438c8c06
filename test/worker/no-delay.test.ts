import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { NO_DELAY } from '../../worker/user-directory';

/** Connects to a server that hangs up, and prints what the socket was asked for. */
const program = (module: string) => `${NO_DELAY}
const asked = [];
Socket.prototype.setNoDelay = function (on = true) {
  asked.push(on);
  return this;
};
const server = require('node:net').createServer((socket) => socket.destroy());
server.listen(0, '127.0.0.1', () => {
  const client = require('node:${module}').connect(server.address().port, '127.0.0.1');
  client.on('error', () => undefined);
  client.on('close', () => server.close(() => console.log(JSON.stringify(asked))));
});`;

it.each(['net', 'tls'])('connections of a worker by node:%s send what is small at once', (module) => {
  const said = execFileSync(process.execPath, ['-e', program(module)], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([true]);
});

it('docs/scale-out.md has the same lines for a Node-RED of one’s own', () => {
  expect(readFileSync(path.resolve(__dirname, '../../docs/scale-out.md'), 'utf8')).toContain(NO_DELAY);
});
