import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRenderer } from '../../src/camera/test-scene/test-scene';
import { sceneFaces } from '../../src/camera/test-scene/scene-faces';
// The compiled package: detector processes are programs of their own.
import { createDetector, type Detector, VideoMode } from '../../dist/src/detector';
import type { Pixels } from '../../src/image/pixels';
import { intersectionOverUnion } from '../../src/geometry/overlap';

const [WIDTH, HEIGHT] = [320, 240];

/** Anna, Ben and Dev look at the camera, and nobody walks, in these seconds of the scene. */
const QUIET = 20.5;

let detector: Detector;
let render: (seconds: number) => Promise<Pixels>;

beforeAll(async () => {
  detector = await createDetector({ engine: 'wasm' });
  render = await createRenderer(WIDTH, HEIGHT);
});
afterAll(() => detector.close());

/** The scene at a moment, copied, since the renderer draws into the same pixels. */
async function picture(seconds: number): Promise<Pixels> {
  const { data, width, height } = await render(seconds);
  return { data: data.slice(), width, height };
}
const grey = (width: number, height: number): Pixels => ({
  data: new Uint8Array(width * height * 3).fill(128),
  width,
  height,
});

describe('video mode', () => {
  it('scans the first picture, then follows its faces where they truly are', async () => {
    const video = new VideoMode();
    for (let i = 0; i < 9; i++) {
      const seconds = QUIET + i / 10;
      const { mode, faces, candidates } = await detector.detect(
        await picture(seconds),
        {},
        video.at(i * 100),
      );
      expect(mode).toBe(i === 0 ? 'scan' : 'track');
      const truth = sceneFaces(seconds, WIDTH, HEIGHT).filter(({ visible }) => visible);
      expect(faces).toHaveLength(truth.length);
      for (const { box } of truth) {
        expect(Math.max(...faces.map((face) => intersectionOverUnion(face.box, box)))).toBeGreaterThan(0.5);
      }
      if (mode === 'track') expect(candidates.proposal).toBe(3 * truth.length);
    }
  });

  it('scans again after so many pictures', async () => {
    const video = new VideoMode({ scanEvery: 3 });
    const modes: string[] = [];
    for (let i = 0; i < 7; i++) {
      modes.push((await detector.detect(await picture(QUIET + i / 10), {}, video.at(i * 100))).mode);
    }
    expect(modes).toEqual(['scan', 'track', 'track', 'scan', 'track', 'track', 'scan']);
  });

  it.each([
    { reason: 'a face is lost', next: () => picture(QUIET - 3) },
    { reason: 'the picture is another one', next: () => Promise.resolve(grey(WIDTH, HEIGHT)) },
    { reason: 'the picture has another size', next: () => Promise.resolve(grey(200, 100)) },
  ])('scans at once when $reason', async ({ next }) => {
    const video = new VideoMode();
    await detector.detect(await picture(QUIET), {}, video.at(0));
    expect((await detector.detect(await next(), {}, video.at(100))).mode).toBe('scan');
  });

  it('looks at an empty picture now and then', async () => {
    const video = new VideoMode();
    const modes: string[] = [];
    for (let i = 0; i < 6; i++) {
      modes.push((await detector.detect(grey(WIDTH, HEIGHT), {}, video.at(i * 100))).mode);
    }
    expect(modes).toEqual(['scan', 'track', 'track', 'track', 'track', 'scan']);
  });

  it('does not mind answers that come in another order', async () => {
    const video = new VideoMode();
    await detector.detect(await picture(QUIET), {}, video.at(0));
    const [earlier, later] = [video.at(100), video.at(200)];
    await detector.detect(await picture(QUIET + 0.2), {}, later);
    await detector.detect(grey(WIDTH, HEIGHT), {}, earlier);
    expect((await detector.detect(await picture(QUIET + 0.3), {}, video.at(300))).mode).toBe('track');
  });

  it('a picture that cannot be read leaves the memory as it was', async () => {
    const video = new VideoMode();
    await detector.detect(await picture(QUIET), {}, video.at(0));
    await expect(detector.detect(Buffer.from('no image'), {}, video.at(100))).rejects.toThrow();
    expect((await detector.detect(await picture(QUIET + 0.2), {}, video.at(200))).mode).toBe('track');
  });

  it('without it every picture is scanned, and no memory is kept', async () => {
    for (let i = 0; i < 2; i++) expect((await detector.detect(await picture(QUIET))).mode).toBe('scan');
  });

  it('refuses options out of range', () => {
    expect(() => new VideoMode({ scanEvery: 0 })).toThrow(
      expect.objectContaining({ code: 'option-invalid' }) as Error,
    );
  });
});

it('a time that is none is refused before anything is searched', () => {
  const timestamp = 'now' as unknown as number; // of a message
  expect(() => new VideoMode().at(timestamp)).toThrow(
    expect.objectContaining({ code: 'faces-invalid' }) as Error,
  );
});
