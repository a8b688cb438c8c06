import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../support/node-red';
import { describeWhere, hasProgram } from '../support/requires';

// docs/worker.sh on a machine that has no Node.js, and a stand-in for nodejs.org on loopback.

const run = promisify(execFile);
const PROGRAMS = ['sh', 'curl', 'tar', 'gzip', 'sha256sum', 'sed', 'grep', 'uname', 'mktemp', 'rm'];
const MACHINES: Record<string, string> = { x64: 'x64', arm64: 'arm64' };
const machine = process.platform === 'linux' ? MACHINES[process.arch] : undefined;

describeWhere(PROGRAMS.every(hasProgram) && machine !== undefined, 'no Linux with curl and tar')(
  'worker.sh',
  () => {
    let work: string;
    let sums: string;
    const tarball = `node-v22.0.0-linux-${machine}.tar.gz`;
    const server = createServer((request, response) => {
      const name = path.basename(request.url ?? '');
      response.end(name === tarball ? readFileSync(path.join(work, tarball)) : sums);
    }).listen(0, '127.0.0.1');

    /** Runs the script where nothing but a bare machine's programs can be found. */
    const bare = (...folders: string[]) => {
      mkdirSync(path.join(work, 'prefix'), { recursive: true });
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const PATH = [path.join(work, 'bin'), ...folders].join(':');
      const env = { PATH, NODE_DIST: address, PREFIX: path.join(work, 'prefix') };
      return run('sh', [path.join(ROOT, 'docs/worker.sh'), '--broker', 'mqtts://a'], { env });
    };

    beforeAll(async () => {
      if (!server.listening) await once(server, 'listening');
      work = mkdtempSync(path.join(os.tmpdir(), 'bare-'));
      mkdirSync(path.join(work, 'bin'));
      for (const name of PROGRAMS) {
        const place = execFileSync('which', [name], { encoding: 'utf8' }).trim();
        symlinkSync(place, path.join(work, 'bin', name));
      }
      const release = path.join(work, 'release/node-v22.0.0/bin');
      mkdirSync(release, { recursive: true });
      cpSync(process.execPath, path.join(release, 'node'));
      writeFileSync(path.join(release, 'npx'), '#!/bin/sh\necho "npx $*"\nnode -p process.execPath\n');
      chmodSync(path.join(release, 'npx'), 0o755);
      execFileSync(
        'tar',
        ['-czf', path.join(work, tarball), '-C', path.join(work, 'release'), 'node-v22.0.0'],
        {
          env: { ...process.env, GZIP: '-1' },
        },
      );
      const hash = createHash('sha256')
        .update(readFileSync(path.join(work, tarball)))
        .digest('hex');
      sums = `${'0'.repeat(64)}  node-v22.0.0.pkg\n${hash}  ${tarball}\n`;
    });
    afterAll(() => {
      server.close();
      rmSync(work, { recursive: true });
    });

    it('refuses a Node.js that is not the one of the list', async () => {
      const right = sums;
      sums = `${'0'.repeat(64)}  ${tarball}\n`;
      await expect(bare()).rejects.toThrow(/did NOT match|FAILED/);
      sums = right;
    });

    it("takes the distribution's where that is new enough, though the machine knows of no package yet", async () => {
      const apt = path.join(work, 'apt');
      mkdirSync(apt);
      const programs = {
        'apt-get': `echo "apt-get $*"; : >>'${apt}/known'`,
        'apt-cache': `[ -f '${apt}/known' ] && echo '  Candidate: 20.19.2+dfsg-1' || echo '  Candidate: (none)'`,
        npx: 'echo "npx $*"',
      };
      for (const [name, text] of Object.entries(programs)) {
        writeFileSync(path.join(apt, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      }
      const { stdout } = await bare(apt);
      expect(stdout.trim().split('\n')).toEqual([
        'apt-get update -q',
        'apt-get install -qy --no-install-recommends nodejs npm',
        'npx --yes @mtcnn/node-red --broker mqtts://a',
      ]);
    });

    it('brings Node.js, then hands its choices on', async () => {
      const { stdout } = await bare();
      expect(stdout.split('\n').slice(0, 2)).toEqual([
        'npx --yes @mtcnn/node-red --broker mqtts://a',
        path.join(work, 'prefix/bin/node'),
      ]);
    });
  },
);
