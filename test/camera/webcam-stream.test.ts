import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WebcamConfig, webcamInput, webcamStream } from '../../src/camera/webcam-stream';
import { descendantsOf } from '../support/processes';
import { describeWhere } from '../support/requires';
import { putStandIns, type StandIns } from '../support/stand-ins';
import { collect } from './collect';

describe('ffmpeg’s options for a webcam', () => {
  const config: WebcamConfig = { kind: 'webcam', width: 640, height: 480, framesPerSecond: 15 };
  it.each([
    {
      platform: 'linux' as const,
      config: { ...config, device: '/dev/video2', inputFormat: 'mjpeg' },
      options: '-f v4l2 -framerate 15 -video_size 640x480 -input_format mjpeg -i /dev/video2',
    },
    { platform: 'linux' as const, config: { kind: 'webcam' as const }, options: '-f v4l2 -i /dev/video0' },
    {
      platform: 'darwin' as const,
      config: { ...config, device: 'FaceTime HD Camera' },
      options: '-f avfoundation -framerate 30 -video_size 640x480 -i FaceTime HD Camera:none',
    },
    {
      platform: 'win32' as const,
      config: { ...config, device: 'Integrated Camera', inputFormat: 'mjpeg' },
      options: '-f dshow -video_size 640x480 -vcodec mjpeg -i video=Integrated Camera',
    },
  ])('$platform: $options', ({ platform, config, options }) => {
    expect(webcamInput(platform, config).join(' ')).toBe(options);
  });
});

// A program that speaks as ffmpeg with a webcam does: there is no webcam where the tests run.
describeWhere(process.platform === 'linux', 'the names of devices are those of Linux')(
  'a webcam, through a stand-in for ffmpeg',
  () => {
    let programs: StandIns;
    let config: WebcamConfig;
    beforeAll(() => {
      programs = putStandIns('camera-ffmpeg');
      const ffmpeg = path.join(programs.folder, 'camera-ffmpeg');
      config = {
        kind: 'webcam',
        device: '/dev/video0',
        width: 320,
        height: 240,
        framesPerSecond: 20,
        ffmpeg,
      };
    });
    afterAll(() => {
      programs.remove();
    });

    it('streams in the size that was asked of the camera, and leaves no program behind', async () => {
      const frames = await collect(webcamStream(config), 3);
      expect(frames.map(({ width, height, source }) => [width, height, source])).toEqual(
        Array.from({ length: 3 }, () => [320, 240, 'webcam /dev/video0']),
      );
      expect(descendantsOf(process.pid)).toEqual([]);
    });

    it.each([
      { device: '/dev/video8', code: 'camera-device-missing' },
      { device: '/dev/video9', code: 'camera-device-busy' },
    ])('$device: $code', async ({ device, code }) => {
      const problem = await collect(webcamStream({ ...config, device })).catch((error: unknown) => error);
      expect(problem).toMatchObject({ code });
      expect(String(problem)).not.toContain('0x5581');
    });

    it('a format that is no word is refused', () => {
      expect(() => webcamStream({ ...config, inputFormat: 'mjpeg -i /etc/passwd' })).toThrow(
        expect.objectContaining({ code: 'option-invalid' }) as Error,
      );
    });
  },
);
