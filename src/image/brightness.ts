import { decodeImage } from './decode';
import { loadSharp } from './load-sharp';

/** Cells of a picture whose brightness is compared: enough to see a person at the far end of a room. */
export const BRIGHTNESS_GRID = { columns: 32, rows: 24 } as const;

/**
 * Mean brightness, 0 to 255, of the cells of an encoded picture, row by row.
 * @throws FaceError `image-unreadable`
 */
export async function readBrightness(image: Buffer): Promise<Uint8Array> {
  const { columns, rows } = BRIGHTNESS_GRID;
  const sharp = loadSharp();
  if (sharp !== undefined) {
    try {
      return await sharp(image)
        .resize(columns, rows, { fit: 'fill', fastShrinkOnLoad: true })
        .grayscale()
        .raw()
        .toBuffer();
    } catch {
      // The decoder below says what is wrong with it.
    }
  }
  const { data, width, height } = await decodeImage(image);
  const channels = data.length / (width * height);
  const sums = new Float64Array(columns * rows);
  const counts = new Uint32Array(columns * rows);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++, at += channels) {
      const cell = row + Math.floor((x * columns) / width);
      // ITU-R BT.601 luma, in 1/256
      sums[cell]! += (77 * data[at]! + 150 * data[at + 1]! + 29 * data[at + 2]!) / 256;
      counts[cell]!++;
    }
  }
  return Uint8Array.from(sums, (sum, cell) => Math.round(sum / Math.max(1, counts[cell]!)));
}
