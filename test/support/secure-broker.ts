import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runMosquitto } from '../../bench/mosquitto';
import { ROOT } from './node-red';
import { isRunning, until } from './processes';
import { hasProgram } from './requires';

export const ROLES = ['publisher', 'detector', 'collector'] as const;

/** A real Mosquitto with TLS and roles, set up as docs/workers.md says: its script, its settings, its rights. */
export interface SecureBroker {
  port: number;
  /** Of ca.crt, ROLE.password and what else docs/broker-secrets.sh makes. */
  file(name: string): string;
  password(role: string): string;
  /** Parameters of mosquitto_pub and mosquitto_sub. */
  client(role: string): string[];
  /** Waits until the broker has said a line that matches. */
  told(pattern: RegExp): Promise<void>;
  /** Ends the broker, and removes its folder. */
  stop(): Promise<void>;
}

export const hasSecureBroker = ['mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'openssl'].every(hasProgram);
export const SECURE_BROKER_REASON =
  'no broker with its clients (apt install mosquitto mosquitto-clients openssl)';

export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'broker-'));
  const file = (name: string) => path.join(folder, name);
  execFileSync('sh', [path.join(ROOT, 'docs/broker-secrets.sh'), folder, 'localhost', '127.0.0.1'], {
    stdio: 'pipe',
  });
  copyFileSync(path.join(ROOT, 'docs/mosquitto.acl'), file('mosquitto.acl'));
  const lines: string[] = [];
  // The lines that the reader makes valid, and the places of this test.
  const broker = await runMosquitto(
    folder,
    (settings) =>
      settings.replace(/^#(?=\w+file )/gm, '').replace(/\/etc\/mosquitto\/(?:certs\/)?/g, `${folder}/`),
    (line) => lines.push(line),
  );
  const told = (pattern: RegExp) =>
    until(() => {
      if (!isRunning(broker.pid)) throw new Error(`the broker has ended:\n${lines.join('\n')}`);
      return lines.some((line) => pattern.test(line));
    });
  const password = (role: string) => readFileSync(file(`${role}.password`), 'utf8').trim();
  return {
    port: broker.port,
    file,
    password,
    told,
    client: (role) => [
      ...[
        '-h',
        'localhost',
        '-p',
        String(broker.port),
        '-V',
        'mqttv5',
        '-q',
        '1',
        '--cafile',
        file('ca.crt'),
      ],
      ...['-u', role, '-P', password(role)],
    ],
    stop: () => broker.stop(),
  };
}
