import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
// From dist: the worker is a file of its own there.
import { createDetector, type Detector } from '../../dist/src';
import { headPose, type HeadPose } from '../../src/filter/head-pose';
import { sharpness } from '../../src/filter/sharpness';
import { decodeImage } from '../../src/image/decode';
import { describeWhere, hasShared, SHARED } from '../support/requires';

/** Degrees by which an estimate may miss what is seen in the photograph. */
const TOLERANCE: HeadPose = { roll: 8, yaw: 15, pitch: 20 };

describeWhere(hasShared, 'the photographs are not here')('photographs', () => {
  let detector: Detector;
  beforeAll(async () => {
    detector = await createDetector({ engine: 'wasm' });
  });
  afterAll(() => detector.close());

  const largestIn = async (file: string) => {
    const image = path.join(SHARED, 'photos', file);
    const { faces } = await detector.detect(image);
    const [face] = faces.sort((a, b) => b.box[2] - a.box[2]);
    if (face === undefined) throw new Error(`no face in ${file}`);
    return { face, image };
  };

  it.each([
    { file: 'grace_hopper.jpg', seen: { roll: 0, yaw: 0, pitch: 0 }, reason: 'looks at the camera' },
    { file: 'obama_9mp.jpg', seen: { roll: 0, yaw: 0, pitch: 0 }, reason: 'the same, of nine megapixels' },
    { file: 'guido_portrait.jpg', seen: { roll: 0, yaw: -40, pitch: 0 }, reason: 'turned to the left' },
  ])('$file: $reason', async ({ file, seen }) => {
    const { face } = await largestIn(file);
    const pose = headPose(face.keypoints);
    for (const angle of ['roll', 'yaw', 'pitch'] as const) {
      expect(Math.abs((pose?.[angle] ?? NaN) - seen[angle]), angle).toBeLessThan(TOLERANCE[angle]);
    }
  });

  it('a portrait is sharp, a face in a dark small copy is not', async () => {
    const sharp = await largestIn('grace_hopper.jpg');
    expect(sharpness(await decodeImage(sharp.image), sharp.face.box)).toBeGreaterThan(1000);
    const dark = await largestIn('derived_situation_room_dark.jpg');
    expect(sharpness(await decodeImage(dark.image), dark.face.box)).toBeLessThan(100);
  });
});
