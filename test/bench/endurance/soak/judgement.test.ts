import { describe, expect, it } from 'vitest';
import { CAMERAS, type CameraCounts, type Counts } from '../../../../bench/endurance/soak/flow';
import { judge } from '../../../../bench/endurance/soak/judgement';
import type { Sample } from '../../../../bench/endurance/soak/sampling';

/** A sample every five seconds of a run in which nothing happens but what a test says. */
function samplesOf(minutes: number, change: (sample: Sample) => void = () => undefined): Sample[] {
  return Array.from({ length: minutes * 12 + 1 }, (_, i) => {
    const sample: Sample = {
      hours: i / 720,
      processes: [
        { pid: 1, name: 'node-red', residentMb: 200 + (i % 3), handles: 36 },
        { pid: 2, name: 'detector', residentMb: 150 + (i % 2), handles: 20 },
      ],
      inside: { heapMb: 44 + (i % 2) / 10, externalMb: 12, resources: { Timeout: 8 + (i % 4) } },
      temporaryFiles: 0,
    };
    change(sample);
    return sample;
  });
}

/** Of ten pictures of each camera one was lost, three were dropped, and six are shown. */
function countsOf(change: Partial<CameraCounts> = {}): Counts {
  const counts: CameraCounts = {
    ...{ numbered: 10, sent: 9, lost: 1, detected: 6, detectDropped: 3, faces: 0 },
    ...{ annotated: 6, annotateDone: 6, shown: 6, failed: 0 },
  };
  const [scene, rtsp, mjpeg, folder] = CAMERAS.map(() => ({ ...counts }));
  return {
    cameras: { scene: { ...scene!, ...change }, rtsp: rtsp!, mjpeg: mjpeg!, folder: folder! },
    errors: [],
  };
}

const detectorOf = ({ processes }: Sample) => processes[1]!;

describe.each([5, 60])('a run of %d minutes', (minutes) => {
  it('in which nothing grows and all is counted does not fail', () => {
    expect(judge(samplesOf(minutes), countsOf(), { mjpeg: 10, folder: 10 }).failures).toEqual([]);
  });

  it.each<[string, (sample: Sample) => void, string]>([
    ['a leak of the detector', (s) => (detectorOf(s).residentMb += 1000 * s.hours), 'detector 2, resident'],
    ['a leak of the heap', (s) => (s.inside.heapMb += 200 * s.hours), 'node-red, heap'],
    [
      'three timers a minute',
      (s) => (s.inside.resources['Timeout']! += Math.floor(s.hours * 180)),
      'Timeout',
    ],
    [
      'a handle a minute',
      (s) => (detectorOf(s).handles += Math.floor(s.hours * 60)),
      'handles of detector 2',
    ],
    ['a file a minute', (s) => (s.temporaryFiles = Math.floor(s.hours * 60)), 'temporary files'],
    ['another detector', (s) => (detectorOf(s).pid = s.hours < minutes / 100 ? 2 : 3), 'detector 2 ended'],
  ])('fails for %s', (_, change, says) => {
    const { failures } = judge(samplesOf(minutes, change), countsOf(), {});
    expect(failures.join('\n')).toContain(says);
  });
});

it.each<[string, Partial<CameraCounts>, string]>([
  ['a picture without a number', { numbered: 9 }, 'camera input'],
  ['a drop that nobody told of', { detectDropped: 2 }, 'mtcnn detect'],
  ['a message that face annotate was never done with', { annotateDone: 5 }, 'face annotate'],
  ['a message that never reached the view', { shown: 5 }, 'face view'],
])('fails for %s', (_, change, says) => {
  expect(judge(samplesOf(5), countsOf(change), {}).failures).toEqual([expect.stringContaining(says)]);
});

it('a picture that the source sent and the camera never numbered is missed', () => {
  expect(judge(samplesOf(5), countsOf(), { mjpeg: 11 }).failures).toEqual([
    'Camera mjpeg: from the source to the camera: 11 went in, 10 are accounted for.',
  ]);
});
