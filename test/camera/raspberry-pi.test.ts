import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { raspberryPiCamera, type RaspberryPiConfig } from '../../src/camera/raspberry-pi';
import { takeSnapshot } from '../../src/camera/snapshot';
import { descendantsOf } from '../support/processes';
import { putStandIns, type StandIns } from '../support/stand-ins';
import { collect } from './collect';

// Programs that speak as rpicam-vid and rpicam-jpeg do: there is no such camera where the tests run.
let programs: StandIns;
beforeEach(() => {
  programs = putStandIns('rpicam-vid', 'rpicam-jpeg');
});
afterEach(() => {
  programs.remove();
});

const config: RaspberryPiConfig = { kind: 'rpicam', width: 320, height: 240, framesPerSecond: 20 };

describe('the camera of a Raspberry Pi', () => {
  it('streams MJPEG from rpicam-vid in the size and at the rate asked for', async () => {
    const frames = await collect(raspberryPiCamera(config), 3);
    expect(frames.map(({ width, height, source }) => [width, height, source])).toEqual(
      Array.from({ length: 3 }, () => [320, 240, 'rpicam 0']),
    );
    expect(programs.starts()).toEqual([
      [
        'rpicam-vid',
        ...['--timeout', '0', '--nopreview', '--flush', '--codec', 'mjpeg', '--framerate', '20'],
        ...['--camera', '0', '--width', '320', '--height', '240', '--output', '-'],
      ],
    ]);
    expect(descendantsOf(process.pid)).toEqual([]);
  });

  it('gives a single picture through rpicam-jpeg', async () => {
    const frame = await takeSnapshot({ ...config, device: '1' }, new AbortController().signal);
    expect(frame).toMatchObject({ width: 320, height: 240, source: 'rpicam 1' });
    expect(programs.starts()[0]).toEqual([
      'rpicam-jpeg',
      ...['--timeout', '1000', '--nopreview'],
      ...['--camera', '1', '--width', '320', '--height', '240', '--output', '-'],
    ]);
  });

  it.each([
    { device: '8', code: 'camera-device-missing', reason: 'no camera at the cable' },
    { device: '9', code: 'camera-device-busy', reason: 'another program has it' },
  ])('$reason: $code', async ({ device, code }) => {
    await expect(collect(raspberryPiCamera({ ...config, device }), 1)).rejects.toMatchObject({ code });
    await expect(takeSnapshot({ ...config, device }, new AbortController().signal)).rejects.toMatchObject({
      code,
    });
  });

  it.each(['/dev/video0', '-1', '0 --output x', '$(x)'])('%s is no camera’s number', (device) => {
    expect(() => raspberryPiCamera({ ...config, device })).toThrow(
      expect.objectContaining({ code: 'camera-device-invalid' }) as Error,
    );
  });

  it('without its programs says what to install', async () => {
    programs.remove();
    try {
      await expect(collect(raspberryPiCamera(config), 1)).rejects.toMatchObject({
        code: 'camera-program-missing',
        hint: expect.stringContaining('rpicam-apps') as string,
      });
    } finally {
      programs = putStandIns();
    }
  });
});
