import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { WorkerOptions } from './options';
import { type Command, commandOf, type Owner } from './user-directory';

/** Name of the service, and of the user that it runs as. */
const NAME = 'mtcnn-worker';

/**
 * The user that the service runs as, made the first time.
 * @throws Error where there is no systemd, we are not root, or Node.js or the folder lies where the service cannot see it
 */
export function makeServiceUser(folder: string): Owner {
  if (process.getuid?.() !== 0) throw new Error('expected root, who may write a service: put sudo before it');
  if (spawnSync('systemctl', ['--version']).status !== 0) {
    throw new Error(
      'expected systemd, found no systemctl: use --start, and let your own supervisor restart it',
    );
  }
  const hidden = [process.execPath, folder].find((each) => /^\/(home|root|tmp|var\/tmp)\//.test(`${each}/`));
  if (hidden !== undefined) {
    throw new Error(
      `expected Node.js and --folder outside of home and temporary folders, which the service cannot see, got ${hidden}`,
    );
  }
  const id = (flag: string) => Number(execFileSync('id', [flag, NAME], { encoding: 'utf8' }));
  if (spawnSync('id', [NAME]).status !== 0) {
    const user = ['--system', '--user-group', '--home-dir', folder, '--no-create-home'];
    execFileSync('useradd', [...user, '--shell', '/usr/sbin/nologin', NAME], { stdio: 'inherit' });
  }
  return { uid: id('-u'), gid: id('-g') };
}

/** Writes the service, and starts it, now and after each start of the machine. */
export function startService(options: WorkerOptions): void {
  writeFileSync(`/etc/systemd/system/${NAME}.service`, unitOf(options, commandOf(options)));
  const systemctl = (...parameters: string[]) => execFileSync('systemctl', parameters, { stdio: 'inherit' });
  systemctl('daemon-reload');
  systemctl('enable', NAME);
  systemctl('restart', NAME);
  console.log(`${NAME} runs. What it says: journalctl -fu ${NAME}`);
}

/** The unit file. There is no MemoryDenyWriteExecute: JavaScript and WebAssembly are compiled while they run. */
export function unitOf(
  { flow, folder, memory }: WorkerOptions,
  { program, parameters, environment }: Command,
): string {
  // systemd reads % of its own, and in a command $.
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
  const command = [program, ...parameters].map((each) => quote(each).replaceAll('$', '$$$$'));
  const variables = Object.entries({ HOME: folder, ...environment }).map(([name, value]) =>
    quote(`${name}=${value}`),
  );
  return `# Written by mtcnn-worker, which will write it again.
[Unit]
Description=Faces in Node-RED, ${flow}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=${NAME}
Environment=${variables.join(' ')}
ExecStart=${command.join(' ')}
Restart=always
RestartSec=2
MemoryMax=${memory}
# A detector process that takes too much is killed alone; another one takes its place.
OOMPolicy=continue
TasksMax=512
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths=${quote(folder)}
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
# What V8 or TensorFlow tries and may not do fails, and does not end it: Debian's Node.js tries memory protection keys.
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
