import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../../dist/src/geometry/overlap';
import { createDetector, type Detector } from '../../dist/src';
import { actorsAt, LOOP_SECONDS } from '../../src/camera/test-scene/choreography';
import { sceneFaces } from '../../src/camera/test-scene/scene-faces';
import { type Stamp, stamp } from '../../src/camera/test-scene/stamp';
import { createRenderer, testScene } from '../../src/camera/test-scene/test-scene';

describe('stamp', () => {
  const white = (): { data: Uint8Array; width: number; height: number } => ({
    data: new Uint8Array(6 * 12 * 3).fill(255),
    width: 6,
    height: 12,
  });
  const black: Stamp = {
    data: Uint8Array.from({ length: 4 * 12 * 4 }, (_, i) => (i % 4 === 3 ? 255 : 0)),
    width: 4,
    height: 12,
  };
  const at = { x: 3, y: 6, originX: 2, originY: 6, scaleX: 1, scaleY: 1, tilt: 0 };
  const row = ({ data, width }: { data: Uint8Array; width: number }, y: number) =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * 3]);

  it('covers what is below it, and no more', () => {
    const picture = white();
    stamp(picture, black, at);
    expect(row(picture, 2)).toEqual([255, 0, 0, 0, 255, 255]);
  });

  it('leaves what is below a transparent part', () => {
    const picture = white();
    stamp(picture, { ...black, data: new Uint8Array(black.data.length) }, at);
    expect(row(picture, 2)).toEqual([255, 255, 255, 255, 255, 255]);
  });

  it('mixes where it is half transparent', () => {
    const picture = white();
    stamp(picture, { ...black, data: black.data.map((value) => value >> 1) }, at);
    expect(row(picture, 2)[2]).toBe(128);
  });
});

describe('the play', () => {
  it('ends where it began', () => {
    const positions = (seconds: number) =>
      actorsAt(seconds).map(({ id, x, y }) => [id, x.toFixed(3), y.toFixed(3)]);
    expect(positions(LOOP_SECONDS)).toEqual(positions(0));
    expect(positions(-1)).toEqual(positions(LOOP_SECONDS - 1));
  });

  it('two faces or more are visible at any time; one person enters and leaves, one turns away', () => {
    const counts = new Map<string, number>();
    for (let t = 0; t < LOOP_SECONDS; t += 0.1) {
      const visible = sceneFaces(t, 640, 480).filter((face) => face.visible);
      expect(visible.length).toBeGreaterThanOrEqual(2);
      for (const { id } of visible) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['anna', 'ben', 'carla', 'dev']);
    expect(counts.get('carla')).toBeLessThan(150);
    expect(counts.get('dev')).toBeLessThan(210);
  });

  it('nobody jumps: between two frames a face moves by a fraction of its width', () => {
    for (let t = 0; t < LOOP_SECONDS; t += 0.1) {
      const before = sceneFaces(t, 640, 480);
      for (const { id, box } of sceneFaces(t + 0.1, 640, 480)) {
        const last = before.find((face) => face.id === id);
        if (last !== undefined)
          expect(Math.hypot(box[0] - last.box[0], box[1] - last.box[1]), id).toBeLessThan(30);
      }
    }
  });

  it('the faces keep their place in a frame of another size', () => {
    const [small] = sceneFaces(0, 320, 240);
    const [large] = sceneFaces(0, 640, 480);
    expect(large?.box).toEqual(small?.box.map((value) => expect.closeTo(2 * value, 6) as number));
  });
});

describe('the pictures', () => {
  let detector: Detector;
  beforeAll(async () => {
    detector = await createDetector({ engine: 'wasm' });
  });
  afterAll(() => detector.close());

  it('show every visible face where the truth says, and no other', async () => {
    const render = await createRenderer(640, 480);
    for (let t = 0; t < LOOP_SECONDS; t += 0.6) {
      const { faces } = await detector.detect(await render(t));
      const truth = sceneFaces(t, 640, 480);
      for (const { id, box, visible } of truth) {
        const best = Math.max(0, ...faces.map((face) => intersectionOverUnion(face.box, box)));
        if (visible) expect(best, `${id} at ${t.toFixed(1)} s`).toBeGreaterThan(0.6);
      }
      for (const face of faces) {
        const best = Math.max(...truth.map(({ box }) => intersectionOverUnion(face.box, box)));
        expect(best, `nobody at ${face.box.join(' ')}, ${t.toFixed(1)} s`).toBeGreaterThan(0.3);
      }
    }
  });

  it('come as JPEG at the size asked for', async () => {
    const controller = new AbortController();
    for await (const frame of testScene({ kind: 'scene', width: 322, height: 200 })(controller.signal)) {
      expect(frame).toMatchObject({ sequence: 0, width: 322, height: 200, source: 'test scene' });
      expect([...frame.image.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      controller.abort();
    }
  });
});
