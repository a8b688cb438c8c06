import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  listLinuxWebcams,
  parseAvfoundationDevices,
  parseAvfoundationModes,
  parseDshowDevices,
  parseDshowModes,
  parseFfmpegV4l2Modes,
  parseV4l2Modes,
} from '../../src/camera/webcam-list';

const mode = (format: string, width: number, height: number, ...rates: number[]) => ({
  format,
  width,
  height,
  rates,
});

it('Linux: devices that give pictures, by the name that stays, in natural order', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'v4l-'));
  const folders = {
    classes: path.join(folder, 'sys'),
    byId: path.join(folder, 'by-id'),
    dev: path.join(folder, 'dev'),
  };
  try {
    for (const name of Object.values(folders)) mkdirSync(name);
    for (const [video, name] of Object.entries({ video10: 'Codec', video2: 'Capture', video0: 'HD Cam' })) {
      mkdirSync(path.join(folders.classes, video));
      writeFileSync(path.join(folders.classes, video, 'name'), `${name}\n`);
      writeFileSync(path.join(folders.dev, video), '');
    }
    symlinkSync(path.join(folders.dev, 'video0'), path.join(folders.byId, 'usb-HD_Cam-index0'));
    const modes = [mode('mjpeg', 640, 480, 30)];
    const found = await listLinuxWebcams(folders, (device) =>
      Promise.resolve(device.endsWith('video10') ? [] : modes),
    );
    expect(found).toEqual([
      { device: path.join(folders.byId, 'usb-HD_Cam-index0'), name: 'HD Cam', modes },
      { device: path.join(folders.dev, 'video2'), name: 'Capture', modes },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('Linux without any video device: none', async () => {
  expect(
    await listLinuxWebcams({ classes: '/no/such', byId: '/no/such', dev: '/dev' }, () => Promise.resolve([])),
  ).toEqual([]);
});

it('v4l2-ctl: sizes with their rates; formats that ffmpeg does not read are left out', () => {
  expect(
    parseV4l2Modes(`ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.100s (10.000 fps)
	[2]: 'XXXX' (unknown)
		Size: Discrete 99x99
			Interval: Discrete 0.033s (30.000 fps)
`),
  ).toEqual([mode('mjpeg', 1280, 720, 30, 15), mode('mjpeg', 640, 480, 30), mode('yuyv422', 640, 480, 10)]);
});

it('ffmpeg on Linux: sizes without rates', () => {
  expect(
    parseFfmpegV4l2Modes(`[video4linux2,v4l2 @ 0x1] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 320x240
[video4linux2,v4l2 @ 0x1] Compressed:       mjpeg :          Motion-JPEG : 1280x720
/dev/video0: Immediate exit requested`),
  ).toEqual([mode('yuyv422', 640, 480), mode('yuyv422', 320, 240), mode('mjpeg', 1280, 720)]);
});

it('macOS: cameras without the screens, and their sizes', () => {
  const text = `[AVFoundation indev @ 0x1] AVFoundation video devices:
[AVFoundation indev @ 0x1] [0] FaceTime HD Camera
[AVFoundation indev @ 0x1] [1] USB Camera (2)
[AVFoundation indev @ 0x1] [2] Capture screen 0
[AVFoundation indev @ 0x1] AVFoundation audio devices:
[AVFoundation indev @ 0x1] [0] Microphone`;
  expect(parseAvfoundationDevices(text)).toEqual(['FaceTime HD Camera', 'USB Camera (2)']);
  expect(
    parseAvfoundationModes(`[avfoundation @ 0x1] Supported modes:
[avfoundation @ 0x1]   1280x720@[15.000000 30.000030]fps
[avfoundation @ 0x1]   640x480@[30.000030 30.000030]fps`),
  ).toEqual([mode('', 1280, 720, 30, 15), mode('', 640, 480, 30)]);
});

it.each([
  {
    reason: 'as new versions write it',
    text: `[dshow @ 1] "Integrated Camera" (video)
[dshow @ 1]   Alternative name "@device_pnp_x"
[dshow @ 1] "Microphone" (audio)`,
  },
  {
    reason: 'as old versions write it',
    text: `[dshow @ 1] DirectShow video devices (some may be both video and audio devices)
[dshow @ 1]  "Integrated Camera"
[dshow @ 1]     Alternative name "@device_pnp_x"
[dshow @ 1] DirectShow audio devices
[dshow @ 1]  "Microphone"`,
  },
])('Windows: cameras, $reason', ({ text }) => {
  expect(parseDshowDevices(text)).toEqual(['Integrated Camera']);
});

it('Windows: sizes and the highest rate, each once', () => {
  expect(
    parseDshowModes(`[dshow @ 1]   vcodec=mjpeg  min s=640x480 fps=5 max s=640x480 fps=30
[dshow @ 1]   vcodec=mjpeg  min s=640x480 fps=5 max s=640x480 fps=30
[dshow @ 1]   pixel_format=yuyv422  min s=320x240 fps=5 max s=320x240 fps=30`),
  ).toEqual([mode('mjpeg', 640, 480, 30), mode('', 320, 240, 30)]);
});
