import { CHANNELS, type Pixels } from '../../image/pixels';

/** A drawing with transparency: `data` holds rows of RGBA, colours multiplied by alpha, in memory of its own. */
export interface Stamp {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Where a stamp goes: its point (`originX`, `originY`) to (`x`, `y`), scaled, then turned by `tilt`. */
export interface Placement {
  x: number;
  y: number;
  originX: number;
  originY: number;
  /** Pixels of the picture for one of the stamp, along each of the stamp's sides. */
  scaleX: number;
  scaleY: number;
  /** radians, clockwise */
  tilt: number;
}

/** Last rows of a stamp that are not used: a drawing's soft focus leaves its lower border half transparent. */
const SOFT_ROWS = 8;

/** Positions in the stamp in 1/256 of a pixel: whole numbers keep the loop fast. */
const FRACTION = 256;

/**
 * Lays a stamp over the picture, interpolated between its pixels. Below its last rows it goes on as they are: a
 * person's body reaches the lower border wherever the person stands.
 */
export function stamp(picture: Pixels, { data, width, height }: Stamp, at: Placement): void {
  const cos = Math.cos(at.tilt);
  const sin = Math.sin(at.tilt);
  // Picture to stamp: u = ux * (px - x) + uy * (py - y) + originX, and likewise v.
  const ux = cos / at.scaleX;
  const uy = sin / at.scaleX;
  const vx = -sin / at.scaleY;
  const vy = cos / at.scaleY;
  const [minX, maxX, minY] = bounds(at, width, height, cos, sin);
  const fromX = Math.max(0, minX);
  const toX = Math.min(picture.width, maxX);
  const pixels = new Int32Array(data.buffer, data.byteOffset, width * height);
  const stride = width * 4;
  const out = picture.data;
  const stepU = Math.round(ux * FRACTION);
  const stepV = Math.round(vx * FRACTION);
  const lastRow = height - SOFT_ROWS;
  const lastV = lastRow * FRACTION;
  for (let py = Math.max(0, minY); py < picture.height; py++) {
    const dx = fromX + 0.5 - at.x;
    const dy = py + 0.5 - at.y;
    let u = Math.round((ux * dx + uy * dy + at.originX - 0.5) * FRACTION);
    let v = Math.round((vx * dx + vy * dy + at.originY - 0.5) * FRACTION);
    let to = (py * picture.width + fromX) * CHANNELS;
    for (let px = fromX; px < toX; px++, u += stepU, v += stepV, to += CHANNELS) {
      const column = u >> 8;
      if (column < 0 || column >= width - 1 || v < 0) continue;
      const row = v > lastV ? lastRow : v >> 8;
      const pixel = row * width + column;
      // Where all four are alike, as in most of a drawing, nothing is to be interpolated.
      const rgba = pixels[pixel]!;
      const nextRow = pixel + width;
      if (rgba === pixels[pixel + 1] && rgba === pixels[nextRow] && rgba === pixels[nextRow + 1]) {
        if (rgba === 0) continue;
        if (rgba >>> 24 === 255) {
          out[to] = rgba & 255;
          out[to + 1] = (rgba >>> 8) & 255;
          out[to + 2] = (rgba >>> 16) & 255;
          continue;
        }
      }
      const p = pixel * 4;
      const q = p + stride;
      const right = u & 255;
      const below = v > lastV ? 0 : v & 255;
      // Four weights that add up to 65536.
      const a = (256 - right) * (256 - below);
      const b = right * (256 - below);
      const c = (256 - right) * below;
      const d = right * below;
      const alpha = (a * data[p + 3]! + b * data[p + 7]! + c * data[q + 3]! + d * data[q + 7]!) >>> 16;
      if (alpha === 0) continue;
      // Written out: a loop over the three channels takes half as long again.
      const red = (a * data[p]! + b * data[p + 4]! + c * data[q]! + d * data[q + 4]!) >>> 16;
      const green = (a * data[p + 1]! + b * data[p + 5]! + c * data[q + 1]! + d * data[q + 5]!) >>> 16;
      const blue = (a * data[p + 2]! + b * data[p + 6]! + c * data[q + 2]! + d * data[q + 6]!) >>> 16;
      if (alpha === 255) {
        out[to] = red;
        out[to + 1] = green;
        out[to + 2] = blue;
      } else {
        const clear = 255 - alpha;
        out[to] = red + (((out[to]! * clear + 127) / 255) | 0);
        out[to + 1] = green + (((out[to + 1]! * clear + 127) / 255) | 0);
        out[to + 2] = blue + (((out[to + 2]! * clear + 127) / 255) | 0);
      }
    }
  }
}

/** Columns from and to, and the first row, that the stamp may touch; it has no last row. */
function bounds(
  at: Placement,
  width: number,
  height: number,
  cos: number,
  sin: number,
): [minX: number, maxX: number, minY: number] {
  const below = height * 4; // the body that goes on, tilted with the rest
  const corners = [
    [0, 0],
    [width, 0],
    [0, below],
    [width, below],
  ].map(([u = 0, v = 0]) => {
    const x = (u - at.originX) * at.scaleX;
    const y = (v - at.originY) * at.scaleY;
    return [at.x + cos * x - sin * y, at.y + sin * x + cos * y] as const;
  });
  const xs = corners.map(([x]) => x);
  return [
    Math.floor(Math.min(...xs)),
    Math.ceil(Math.max(...xs)),
    Math.floor(Math.min(...corners.map(([, y]) => y))),
  ];
}
