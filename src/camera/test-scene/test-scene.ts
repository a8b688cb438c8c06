import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeImage } from '../../image/encode';
import { CHANNELS, type Pixels } from '../../image/pixels';
import type { Frame, FrameSource } from '../frame';
import { pace } from '../pace';
import { actorsAt, type Sprite, STAGE } from './choreography';
import { loadDrawing } from './load-drawing';
import { stageIn } from './scene-faces';
import { type Stamp, stamp } from './stamp';

/** A drawn room with four people: no camera, no network and no program is needed. */
export interface SceneConfig {
  kind: 'scene';
  /** @default 10 */
  framesPerSecond?: number;
  /** pixels @default 640 */
  width?: number;
  /** pixels @default 480 */
  height?: number;
}

/** The drawings' geometry, as `scripts/draw-scene.mjs` has it: pixels a unit, and the face's centre in units. */
const DRAWING = { scale: 0.75, left: 170, top: 190 } as const;

const JPEG_QUALITY = 88;

/** Frames of the test scene. Never queues: a frame that is due while the consumer is busy is skipped. */
export function testScene({ framesPerSecond = 10, width = 640, height = 480 }: SceneConfig): FrameSource {
  return async function* scene(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const render = await createRenderer(width, height);
    for await (const sequence of pace(framesPerSecond, signal)) {
      const image = await encodeImage(await render(sequence / framesPerSecond), { quality: JPEG_QUALITY });
      yield { image, sequence, timestamp: Date.now(), width, height, source: 'test scene' };
    }
  };
}

/** Loads the drawings; the function returned draws the scene at a moment, into pixels valid until its next call. */
export async function createRenderer(
  width: number,
  height: number,
): Promise<(seconds: number) => Promise<Pixels>> {
  const names: Sprite[] = ['anna', 'ben', 'carla', 'dev', 'dev-back'];
  const people = new Map(
    await Promise.all(names.map(async (name) => [name, await loadDrawing(name)] as const)),
  );
  const stage = stageIn(width, height);
  const room = drawRoom(await loadDrawing('room'), width, height);
  const picture: Pixels = { data: new Uint8Array(room.length), width, height };
  return async (seconds) => {
    picture.data.set(room);
    for (const actor of actorsAt(seconds)) {
      const drawing = people.get(actor.sprite);
      if (drawing === undefined) continue;
      const scale = (actor.scale * stage.scale) / DRAWING.scale;
      stamp(picture, drawing, {
        x: stage.x + actor.x * stage.scale,
        y: stage.y + actor.y * stage.scale,
        originX: DRAWING.left * DRAWING.scale,
        originY: DRAWING.top * DRAWING.scale,
        scaleX: scale * actor.width,
        scaleY: scale,
        tilt: actor.tilt,
      });
      await nextTurn(); // a person at a time: the process stays responsive
    }
    return picture;
  };
}

/** The room fills the whole frame, whatever its shape. */
function drawRoom(drawing: Stamp, width: number, height: number): Uint8Array {
  const room: Pixels = { data: new Uint8Array(width * height * CHANNELS), width, height };
  const scale = Math.max(width / STAGE.width, height / STAGE.height);
  // One pixel more on each side: the outermost half pixel has no neighbour to interpolate with.
  const margin = 1 + 4 / Math.min(STAGE.width, STAGE.height);
  stamp(room, drawing, {
    x: width / 2,
    y: height / 2,
    originX: drawing.width / 2,
    originY: drawing.height / 2,
    scaleX: scale * margin,
    scaleY: scale * margin,
    tilt: 0,
  });
  return room.data;
}
