import { createRenderer } from '../../src/camera/test-scene/test-scene';
import { encodeImage } from '../../src/image/encode';

export const SIZE = { width: 640, height: 480 } as const;

/** Of the test scene, which plays for 24 s. */
const [PICTURES, SECONDS] = [48, 24];

/** JPEG files of the test scene from its beginning to its end: drawn and encoded before anything is measured. */
export async function encodeScene(): Promise<Buffer[]> {
  const render = await createRenderer(SIZE.width, SIZE.height);
  const pictures: Buffer[] = [];
  for (let i = 0; i < PICTURES; i++) {
    pictures.push(await encodeImage(await render((i * SECONDS) / PICTURES), { quality: 88 }));
  }
  return pictures;
}
