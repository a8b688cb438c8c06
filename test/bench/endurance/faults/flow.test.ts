import { expect, it } from 'vitest';
import {
  changed,
  DETECTS,
  makeFlow,
  PROCESSES,
  programsOf,
  without,
} from '../../../../bench/endurance/faults/flow';

const flow = makeFlow({ rtsp: 'rtsp://127.0.0.1:1/camera', mjpeg: 'http://127.0.0.1:2/' });

it.each([
  { removed: [], detectors: PROCESSES, ffmpeg: 1, fswebcam: 1, reason: 'all of it' },
  { removed: ['rtsp'], detectors: PROCESSES, ffmpeg: 0, fswebcam: 1, reason: 'ffmpeg is RTSP’s' },
  { removed: ['webcam'], detectors: PROCESSES, ffmpeg: 1, fswebcam: 0, reason: 'fswebcam is the webcam’s' },
  {
    removed: [DETECTS[0]],
    detectors: PROCESSES,
    ffmpeg: 1,
    fswebcam: 1,
    reason: 'the other node has them, too',
  },
  { removed: [...DETECTS], detectors: 0, ffmpeg: 1, fswebcam: 1, reason: 'nobody has them' },
])('a flow without $removed has these programs: $reason', ({ removed, detectors, ffmpeg, fswebcam }) => {
  expect(programsOf(without(flow, removed))).toEqual({
    detector: [detectors, detectors],
    ffmpeg: [ffmpeg, ffmpeg],
    fswebcam: [0, fswebcam],
  });
});

it('a changed node is another one, and the rest is the same', () => {
  const other = changed(flow, ['rtsp'], 1);
  expect(other.filter((node, i) => node !== flow[i]).map(({ id }) => id)).toEqual(['rtsp']);
});
