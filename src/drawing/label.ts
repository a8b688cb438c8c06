import { loadFont } from 'jimp';
import { SANS_16_WHITE, SANS_32_WHITE, SANS_64_WHITE } from 'jimp/fonts';
import { CHANNELS, type Pixels } from '../image/pixels';
import { type Color, readableOn } from './color';
import { fillRectangle } from './shapes';

type Font = Awaited<ReturnType<typeof loadFont>>;

/** jimp's bitmap fonts by their height in pixels: they need no font of the system. */
const FONTS = new Map([
  [16, SANS_16_WHITE],
  [32, SANS_32_WHITE],
  [64, SANS_64_WHITE],
]);

const loading = new Map<number, Promise<Font>>();

/** The largest font that is not higher than `height` pixels, or the smallest there is. */
export async function fontFor(height: number): Promise<Font> {
  const size = [...FONTS.keys()].findLast((candidate) => candidate <= height) ?? 16;
  const font = loading.get(size) ?? loadFont(FONTS.get(size) ?? SANS_16_WHITE);
  loading.set(size, font);
  return font;
}

/**
 * Writes `text` on a filled plate above (`x`, `y`), or below it where the border leaves no room above; shifted to the
 * left where it would leave the picture. Characters that the font lacks are left out.
 */
export function drawLabel(
  pixels: Pixels,
  text: string,
  x: number,
  y: number,
  color: Color,
  font: Font,
): void {
  const glyphs = Array.from(text).flatMap((character) => font.chars[character] ?? []);
  const height = font.common.lineHeight;
  const width = glyphs.reduce((sum, { xadvance }) => sum + xadvance, 0) + 4;
  const left = Math.round(Math.max(0, Math.min(x, pixels.width - width)));
  const top = Math.round(y - height >= 0 ? y - height : y);
  fillRectangle(pixels, left, top, left + width, top + height, color);
  const ink = readableOn(color);
  let at = left + 2;
  for (const glyph of glyphs) {
    const page = font.pages[glyph.page]?.bitmap;
    if (page !== undefined) drawGlyph(pixels, page, glyph, at + glyph.xoffset, top + glyph.yoffset, ink);
    at += glyph.xadvance;
  }
}

/** Lays the glyph's alpha over the picture. */
function drawGlyph(
  { data, width, height }: Pixels,
  page: { data: Uint8Array; width: number },
  glyph: { x: number; y: number; width: number; height: number },
  left: number,
  top: number,
  ink: Color,
): void {
  for (let row = 0; row < glyph.height; row++) {
    const y = top + row;
    if (y < 0 || y >= height) continue;
    for (let column = 0; column < glyph.width; column++) {
      const x = left + column;
      if (x < 0 || x >= width) continue;
      const alpha = page.data[((glyph.y + row) * page.width + glyph.x + column) * 4 + 3]!;
      const to = (y * width + x) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) {
        data[to + c] = Math.round((data[to + c]! * (255 - alpha) + ink[c]! * alpha) / 255);
      }
    }
  }
}
