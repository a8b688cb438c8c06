/** A real Mosquitto with the documented settings, on loopback. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, ROOT } from './start-node-red';

/** The only user of {@link startMosquitto}. */
export const USER = { user: 'live', password: 'on loopback' };

export interface RunningMosquitto {
  port: number;
  pid: number;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

/** One that tells of each picture that it hands to a worker. */
export interface CountingMosquitto extends RunningMosquitto {
  /** Pictures handed out since it was started, to all clients together. */
  handedOut(): number;
  /** Workers that have asked for pictures since it was started. */
  subscribed(): number;
}

/** Starts a broker with one user, and waits until it serves. */
export async function startMosquitto(): Promise<CountingMosquitto> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mosquitto-'));
  const passwords = path.join(folder, 'passwords');
  spawnSync('mosquitto_passwd', ['-b', '-c', passwords, USER.user, USER.password]);
  let handedOut = 0;
  let subscribed = 0;
  const broker = await runMosquitto(
    folder,
    (settings) => settings.replace('/etc/mosquitto/passwords', passwords),
    (line) => {
      if (line.includes('Sending PUBLISH') && line.includes("'frames/")) handedOut++;
      if (line.includes('$share/detectors/frames/# (QoS 1)')) subscribed++;
    },
  );
  return { ...broker, handedOut: () => handedOut, subscribed: () => subscribed };
}

/**
 * Starts a broker with the settings of docs/mosquitto.conf, on a port of its own, and waits until it serves.
 * @param folder holds its files, and is removed at the end
 * @param adapt changes the settings, such as the places of files
 * @param onLine told of each line of its log
 * @throws Error with its log if it does not start
 */
export async function runMosquitto(
  folder: string,
  adapt: (settings: string) => string,
  onLine: (line: string) => void,
): Promise<RunningMosquitto> {
  const port = await freePort();
  const settings = readFileSync(path.join(ROOT, 'docs/mosquitto.conf'), 'utf8');
  const own = adapt(settings.replace('listener 1883', `listener ${port} 127.0.0.1`));
  const file = path.join(folder, 'mosquitto.conf');
  writeFileSync(file, `${own}\nuser ${os.userInfo().username}\n`);

  const broker = spawn('mosquitto', ['-v', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(broker, 'exit');
  const lines: string[] = [];
  let running = false;
  await new Promise<void>((resolve, reject) => {
    createInterface(broker.stderr).on('line', (line) => {
      onLine(line);
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
    async stop() {
      broker.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
