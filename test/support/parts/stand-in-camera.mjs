#!/usr/bin/env node
// Stands in for rpicam-vid, rpicam-jpeg, fswebcam and an ffmpeg that reads a webcam: there is no such camera where tests run. It
// takes their parameters, writes JPEG pictures to its output as they do, and complains as they do.
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';

const name = path.basename(process.argv[1]);
const parameters = process.argv.slice(2);
const valueOf = (option) => {
  const at = parameters.indexOf(option);
  return at < 0 ? undefined : parameters[at + 1];
};

if (parameters[0] === '-version') {
  process.stdout.write('ffmpeg version 7.1.2-stand-in Copyright (c) 2000-2025\n');
  process.exit(0);
}
if (process.env.STAND_IN_LOG)
  appendFileSync(process.env.STAND_IN_LOG, `${JSON.stringify([name, ...parameters])}\n`);

const fail = (text, code) => {
  process.stderr.write(`${text}\n`);
  process.exit(code);
};
const camera = valueOf('--camera') ?? valueOf('-i');
if (camera === '8') fail('ERROR: *** no cameras available ***', 255);
if (camera === '9')
  fail(
    '[0:01:02.3] ERROR V4L2 v4l2_device.cpp: Device or resource busy\nERROR: *** failed to acquire camera ***',
    255,
  );
if (camera === '/dev/video9')
  fail('[video4linux2,v4l2 @ 0x5581] ioctl(VIDIOC_STREAMON): Device or resource busy', 1);
if (camera === '/dev/video8')
  fail('[video4linux2,v4l2 @ 0x5581] Cannot open video device /dev/video8: No such file or directory', 1);

const [width, height] = parameters.includes('-video_size')
  ? valueOf('-video_size').split('x').map(Number)
  : [Number(valueOf('--width') ?? 64), Number(valueOf('--height') ?? 48)];
const picture = await sharp({
  create: { width: width || 64, height: height || 48, channels: 3, background: '#468' },
})
  .jpeg()
  .toBuffer();
if (name === 'fswebcam') {
  writeFileSync(parameters.at(-1), picture);
} else if (name === 'rpicam-jpeg') {
  process.stdout.write(picture);
} else {
  const interval = 1000 / Number(valueOf('--framerate') ?? valueOf('-framerate') ?? 30);
  for (;;) {
    process.stdout.write(picture);
    await wait(interval);
  }
}
