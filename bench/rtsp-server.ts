import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './root';

const SCRIPT = path.join(ROOT, 'test/support/parts/rtsp-server.py');

/** Debian's Python, which has GStreamer's packages; another one on the PATH has not. */
const PYTHON = '/usr/bin/python3';

/** True where GStreamer's RTSP server and Python's access to it are installed. */
export function hasRtspServer(): boolean {
  const look =
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  return spawnSync(PYTHON, ['-c', look]).status === 0;
}

export const RTSP_REASON =
  'the RTSP server is not installed (apt install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly)';

export interface RtspServer {
  port: number;
  process: ChildProcess;
  kill(): Promise<void>;
}

/**
 * Starts a real RTSP server on loopback; its pictures tell the time at which they were made.
 * @param options as the script has them
 */
export async function startRtspServer(options: Record<string, string | number> = {}): Promise<RtspServer> {
  const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(PYTHON, [SCRIPT, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('the RTSP server did not start'))),
  ])) as [string];
  return {
    port: Number(line),
    process: child,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
