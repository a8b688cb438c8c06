/** A real Mosquitto with the documented settings, on loopback. It tells of each picture that it hands to a worker. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, ROOT } from '../start-node-red';

/** The only user of this broker. */
export const USER = { user: 'live', password: 'on loopback' };

export interface RunningMosquitto {
  port: number;
  pid: number;
  /** Pictures handed out since it was started, to all clients together. */
  handedOut(): number;
  /** Workers that have asked for pictures since it was started. */
  subscribed(): number;
  stop(): Promise<void>;
}

/** Starts a broker, and waits until it serves. */
export async function startMosquitto(): Promise<RunningMosquitto> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const passwords = path.join(folder, 'passwords');
  spawnSync('mosquitto_passwd', ['-b', '-c', passwords, USER.user, USER.password]);
  const settings = readFileSync(path.join(ROOT, 'docs/mosquitto.conf'), 'utf8')
    .replace('listener 1883', `listener ${port} 127.0.0.1`)
    .replace('/etc/mosquitto/passwords', passwords);
  const file = path.join(folder, 'mosquitto.conf');
  writeFileSync(file, `${settings}\nuser ${os.userInfo().username}\n`);

  const broker = spawn('mosquitto', ['-v', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(broker, 'exit');
  const lines: string[] = [];
  let running = false;
  let handedOut = 0;
  let subscribed = 0;
  await new Promise<void>((resolve, reject) => {
    createInterface(broker.stderr).on('line', (line) => {
      if (line.includes('Sending PUBLISH') && line.includes("'frames/")) handedOut++;
      if (line.includes('$share/detectors/frames/# (QoS 1)')) subscribed++;
      if (running) return;
      lines.push(line);
      if (!line.endsWith('running')) return;
      running = true;
      resolve();
    });
    void ended.then(() => reject(new Error(`Mosquitto did not start:\n${lines.join('\n')}`)));
  });
  return {
    port,
    pid: broker.pid ?? 0,
    handedOut: () => handedOut,
    subscribed: () => subscribed,
    async stop() {
      broker.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
