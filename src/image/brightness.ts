import { decodeImage } from './decode';
import { loadSharp } from './load-sharp';
import { CHANNELS, type Pixels } from './pixels';

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
  return brightnessOf(await decodeImage(image));
}

/** Pixels looked at along each side of a cell: more would tell the same. */
const SAMPLES = 4;

/** The same of decoded pixels, from a few of each cell: 0.2 ms whatever the size. */
export function brightnessOf({ data, width, height }: Pixels): Uint8Array {
  const { columns, rows } = BRIGHTNESS_GRID;
  const cells = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < SAMPLES * SAMPLES; i++) {
        const x = Math.floor(((column + ((i % SAMPLES) + 0.5) / SAMPLES) * width) / columns);
        const y = Math.floor(((row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) * height) / rows);
        const at = (y * width + x) * CHANNELS;
        // ITU-R BT.601 luma, in 1/256
        sum += (77 * data[at]! + 150 * data[at + 1]! + 29 * data[at + 2]!) / 256;
      }
      cells[row * columns + column] = Math.round(sum / SAMPLES ** 2);
    }
  }
  return cells;
}

/**
 * Share of the cells, 0 to 1, whose brightness changed.
 * @param least change, of 255, that counts
 */
export function changedShare(before: Uint8Array, after: Uint8Array, least: number): number {
  let changed = 0;
  for (let cell = 0; cell < after.length; cell++) {
    if (Math.abs(after[cell]! - before[cell]!) > least) changed++;
  }
  return changed / after.length;
}
