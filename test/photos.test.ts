import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { intersectionOverUnion } from '../dist/src/geometry/overlap';
import { createDetector, type Detector, type EngineName } from '../dist/src';
import { isNativeInstalled } from '../dist/src/networks/native';
import { describeWhere, hasShared, SHARED } from './support/requires';

type Box = [number, number, number, number];

/** What Python mtcnn 1.0.0 finds with its defaults. */
type Reference = Record<string, { faces: { box: Box; confidence: number }[] }>;

/** Least confidence of a reference face that must be found, and least overlap with it. */
const SURE = 0.95;
const OVERLAP = 0.6;

/** Reference faces that are none, each looked at. */
const NO_FACES: Record<string, Box[]> = {
  // The neck ring and the white collar of a space suit.
  'apollo11_crew.jpg': [[1759, 790, 21, 25]],
};

const photos = path.join(SHARED, 'photos');
const referenceFile = path.join(SHARED, 'reference/python-mtcnn-1.0.0.photos.json');
// A file of the shape above, made from the published package.
const reference = (
  existsSync(referenceFile) ? JSON.parse(readFileSync(referenceFile, 'utf8')) : {}
) as Reference;

const engines: { engine: EngineName; here: boolean }[] = [
  { engine: 'wasm', here: true },
  { engine: 'native', here: isNativeInstalled() },
];

for (const { engine, here } of engines) {
  describeWhere(hasShared && here, `the photographs are not here, or the ${engine} engine is not installed`)(
    `photographs, ${engine}`,
    () => {
      let detector: Detector;
      beforeAll(async () => {
        detector = await createDetector({ engine });
      });
      afterAll(() => detector.close());

      const detect = async (file: string) => (await detector.detect(path.join(photos, file))).faces;

      it.each(Object.keys(reference))('%s: every face that Python mtcnn is sure of', async (file) => {
        const faces = await detect(file);
        const expected = (reference[file]?.faces ?? []).filter(
          ({ box, confidence }) =>
            confidence >= SURE &&
            !(NO_FACES[file] ?? []).some((none) => intersectionOverUnion(none, box) > 0.9),
        );
        const missed = expected.filter(
          ({ box }) => !faces.some((face) => intersectionOverUnion(face.box, box) >= OVERLAP),
        );
        expect(missed).toEqual([]);
      });

      it.each(['no-faces.jpg', 'dog_4k_no_face.jpg'])('%s: nothing', async (file) => {
        expect(await detect(file)).toEqual([]);
      });

      it('guido_portrait.jpg: the face that Python mtcnn misses', async () => {
        const faces = await detect('guido_portrait.jpg');
        expect(faces).toHaveLength(1);
        expect(faces[0]?.confidence).toBeGreaterThan(0.99);
      });

      it.each([
        { file: 'solvay1927_gray_660x478.jpg', visible: 29, reason: 'small gray faces' },
        { file: 'nasa_group_510x403.jpg', visible: 23, reason: 'a group' },
        { file: 'situation_room.jpg', visible: 13, reason: 'profiles and a covered mouth' },
        { file: 'derived_grace_hopper_exif6.jpg', visible: 1, reason: 'stored lying on its side' },
      ])('$file: all $visible faces ($reason), and nothing else', async ({ file, visible }) => {
        expect(await detect(file)).toHaveLength(visible);
      });
    },
  );
}
