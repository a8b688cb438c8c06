import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Camera, type StateChange } from '../../src/camera/camera';
import type { CameraFrame } from '../../src/camera/frame';
import { rtspCamera, type RtspConfig } from '../../src/camera/rtsp';
import { descendantsOf, until } from '../support/processes';
import { describeWhere, hasProgram } from '../support/requires';
import { hasRtspServer, RTSP_REASON, type RtspServer, startRtspServer } from '../support/rtsp-server';
import { freePort } from '../support/node-red';
import { collect } from './collect';

vi.setConfig({ testTimeout: 30_000 });

const LOGIN = { user: 'jo', password: 'pass-word' };
const commandLines = (pids: number[]) =>
  pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
const ffmpegs = () =>
  descendantsOf(process.pid).filter((pid) => commandLines([pid])[0]?.startsWith('ffmpeg'));

describeWhere(hasProgram('ffmpeg') && hasRtspServer(), RTSP_REASON)('a real RTSP server', () => {
  let server: RtspServer;
  let config: RtspConfig;
  beforeAll(async () => {
    server = await startRtspServer({ ...LOGIN });
    config = {
      kind: 'rtsp',
      address: `rtsp://127.0.0.1:${server.port}/camera`,
      username: 'jo',
      password: 'pass-word',
    };
  });
  afterAll(() => server.kill());

  it.each([
    { transport: 'tcp' as const, reason: 'passes every firewall' },
    { transport: 'udp' as const, reason: 'a little faster' },
  ])('over $transport: $reason', async ({ transport }) => {
    const frames = await collect(rtspCamera({ ...config, transport }), 5);
    expect(frames.map(({ width, height, source }) => [width, height, source])).toEqual(
      Array.from({ length: 5 }, () => [640, 480, config.address]),
    );
    expect(ffmpegs()).toEqual([]);
  });

  it('size and rate are limited by ffmpeg', async () => {
    const frames = await collect(rtspCamera({ ...config, width: 320, framesPerSecond: 4 }), 5);
    expect([frames[0]?.width, frames[0]?.height]).toEqual([320, 240]);
    const span = frames[4]!.timestamp - frames[1]!.timestamp;
    expect(span).toBeGreaterThanOrEqual(600);
  });

  it('key frames only', async () => {
    const frames = await collect(rtspCamera({ ...config, keyFramesOnly: true }), 3);
    // One a second, of ten.
    expect(frames[2]!.timestamp - frames[1]!.timestamp).toBeGreaterThan(700);
  });

  it('with hardware decoding asked for works where there is none', async () => {
    expect(await collect(rtspCamera({ ...config, hardwareDecoding: true }), 2)).toHaveLength(2);
  });

  it('name and password are in no process list', async () => {
    const frames = rtspCamera(config)(new AbortController().signal)[Symbol.asyncIterator]();
    await frames.next();
    const lines = commandLines(ffmpegs());
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('pass-word');
    await frames.return?.();
  });

  it('name and password inside the address work, too, and are not shown', async () => {
    const [frame] = await collect(
      rtspCamera({ kind: 'rtsp', address: config.address.replace('//', '//jo:pass-word@') }),
      1,
    );
    expect(frame?.source).toBe(config.address);
  });

  it.each([
    { reason: 'none', login: { username: '', password: '' } },
    { reason: 'a wrong one', login: { username: 'jo', password: 'other-word' } },
  ])('password refused: $reason', async ({ login }) => {
    const problem = await collect(rtspCamera({ ...config, ...login }), 1).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'camera-access-denied' });
    expect(String(problem)).not.toContain('other-word');
  });

  it('a path that the server does not know is a clear error', async () => {
    const address = config.address.replace('/camera', '/other');
    await expect(collect(rtspCamera({ ...config, address }), 1)).rejects.toMatchObject({
      code: 'camera-failed',
      got: expect.stringMatching(/404|Not Found/i) as string,
    });
  });
});

describeWhere(hasProgram('ffmpeg') && hasRtspServer(), RTSP_REASON)('a server that is killed', () => {
  it('is found again after it was started anew, and no program is left behind', async () => {
    const port = await freePort();
    let server = await startRtspServer({ port });
    const frames: CameraFrame[] = [];
    const changes: StateChange[] = [];
    const errors: Error[] = [];
    const camera = new Camera(
      { kind: 'rtsp', address: `rtsp://127.0.0.1:${port}/camera` },
      { restartDelayMs: 200, maxRestartDelayMs: 400 },
      {
        onFrame: (frame) => frames.push(frame),
        onState: (change) => changes.push(change),
        onError: (error) => errors.push(error),
      },
    );
    camera.start();
    await until(() => frames.length > 3);
    await server.kill();
    await until(() => changes.filter(({ state }) => state === 'reconnecting').length >= 2);
    const before = frames.length;
    server = await startRtspServer({ port });
    await until(() => frames.length > before + 3);
    expect(camera.state).toBe('running');
    // Numbers go on, and each outage is told once for each reason.
    expect(frames.map(({ sequence }) => sequence)).toEqual(
      [...frames.map(({ sequence }) => sequence)].sort((a, b) => a - b),
    );
    expect(errors.length).toBeLessThanOrEqual(3);
    await camera.stop();
    expect(ffmpegs()).toEqual([]);
    await server.kill();
  });

  it('a server that is silent (stopped) is a stall', async () => {
    const server = await startRtspServer();
    const states: string[] = [];
    const camera = new Camera(
      { kind: 'rtsp', address: `rtsp://127.0.0.1:${server.port}/camera` },
      { stallMs: 4_000, restartDelayMs: 200, maxRestartDelayMs: 300 },
      { onFrame: () => undefined, onState: ({ state }) => states.push(state), onError: () => undefined },
    );
    camera.start();
    await until(() => camera.state === 'running');
    server.process.kill('SIGSTOP');
    await until(() => states.includes('stalled'));
    server.process.kill('SIGCONT');
    await until(() => states.lastIndexOf('running') > states.indexOf('stalled'));
    await camera.stop();
    expect(ffmpegs()).toEqual([]);
    await server.kill();
  });
});
