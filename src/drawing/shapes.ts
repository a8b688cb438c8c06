import { CHANNELS, type Pixels } from '../image/pixels';
import type { Color } from './color';

/** Fills a rectangle, cut at the border; sides in whole pixels. */
export function fillRectangle(
  { data, width, height }: Pixels,
  left: number,
  top: number,
  right: number,
  bottom: number,
  [red, green, blue]: Color,
): void {
  const fromX = Math.max(0, Math.round(left));
  const toX = Math.min(width, Math.round(right));
  const toY = Math.min(height, Math.round(bottom));
  for (let y = Math.max(0, Math.round(top)); y < toY; y++) {
    let at = (y * width + fromX) * CHANNELS;
    for (let x = fromX; x < toX; x++) {
      data[at++] = red;
      data[at++] = green;
      data[at++] = blue;
    }
  }
}

/** Draws the outline of a box, half of the line inside it and half outside. */
export function drawBox(
  pixels: Pixels,
  [x, y, width, height]: readonly [number, number, number, number],
  lineWidth: number,
  color: Color,
): void {
  const out = lineWidth / 2;
  const into = lineWidth - out;
  fillRectangle(pixels, x - out, y - out, x + width + out, y + into, color);
  fillRectangle(pixels, x - out, y + height - into, x + width + out, y + height + out, color);
  fillRectangle(pixels, x - out, y + into, x + into, y + height - into, color);
  fillRectangle(pixels, x + width - into, y + into, x + width + out, y + height - into, color);
}

/** Draws a straight line with round ends. */
export function drawLine(
  pixels: Pixels,
  from: readonly [number, number],
  to: readonly [number, number],
  lineWidth: number,
  color: Color,
): void {
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / (lineWidth / 2)));
  // No longer than any picture: points may lie far outside.
  for (let i = 0; i <= Math.min(steps, 100_000); i++) {
    const share = i / steps;
    const point = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])] as const;
    drawDot(pixels, point, lineWidth / 2, color);
  }
}

/** Fills a disc around a point. */
export function drawDot(
  { data, width, height }: Pixels,
  [centerX, centerY]: readonly [number, number],
  radius: number,
  [red, green, blue]: Color,
): void {
  const fromX = Math.max(0, Math.floor(centerX - radius));
  const toX = Math.min(width - 1, Math.ceil(centerX + radius));
  const toY = Math.min(height - 1, Math.ceil(centerY + radius));
  for (let y = Math.max(0, Math.floor(centerY - radius)); y <= toY; y++) {
    for (let x = fromX; x <= toX; x++) {
      const dx = x + 0.5 - centerX;
      const dy = y + 0.5 - centerY;
      if (dx * dx + dy * dy > radius * radius) continue;
      const at = (y * width + x) * CHANNELS;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
    }
  }
}
