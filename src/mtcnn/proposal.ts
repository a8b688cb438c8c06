import { type Boxes, selectBoxes } from '../geometry/boxes';
import { calibrate } from '../geometry/calibrate';
import { suppress } from '../geometry/non-maximum-suppression';
import type { Reductions } from '../image/reductions';
import { CHANNELS } from '../image/pixels';
import { resample } from '../image/resample';
import {
  BOX_VALUES,
  cellsAlong,
  confidenceOf,
  LOGIT,
  logitOf,
  type Networks,
  PNET_SIDE,
  PNET_STRIDE,
} from '../networks/networks';
import type { ResolvedOptions } from './options';
import { type Level, pyramidOf } from './pyramid';
import { type PlacedTile, type Sheet, sheetsOf } from './sheets';

/**
 * Stage 1, the proposal network: every place and size at which a face might be.
 *   1. Build the image pyramid.
 *   2. Run P-Net on its levels, sheet by sheet, and take its cells above the threshold as boxes of the image.
 *   3. Suppress within each level, then across levels.
 *   4. Calibrate what is left.
 */
export function propose(image: Reductions, networks: Networks, options: ResolvedOptions): Boxes {
  const { width, height } = image.full;
  const levels = pyramidOf(width, height, options);
  const found = new Map<Level, Proposals[]>(levels.map((level) => [level, []]));
  for (const sheet of sheetsOf(levels, networks)) {
    const answers = networks.propose(drawSheet(image, sheet), sheet.width, sheet.height);
    for (const tile of sheet.tiles)
      found.get(tile.level)?.push(readCells(answers, sheet, tile, image.full, options.thresholdPnet));
  }
  const perLevel = Array.from(found.values(), (parts) => {
    const level = join(parts);
    return select(level, suppress(level.boxes, options.nmsPnet1, 'union'));
  });
  const all = join(perLevel);
  const { boxes, offsets } = select(all, suppress(all.boxes, options.nmsPnet2, 'union'));
  return calibrate(boxes, offsets, OFFSETS);
}

/** Cells as boxes of the image, and the offsets that would calibrate them: rows of {@link OFFSETS}. */
interface Proposals {
  boxes: Boxes;
  offsets: Float64Array;
}

/** Offsets of one box: its four sides. */
const OFFSETS = 4;

/** Reused between sheets and images, grown when needed. */
let drawn = new Float32Array(0);

/** The tiles of a sheet in their places; between them stands what stood there before, of which no tile has a cell. */
function drawSheet(image: Reductions, sheet: Sheet): Float32Array {
  const length = sheet.width * sheet.height * CHANNELS;
  if (drawn.length < length) drawn = new Float32Array(length);
  for (const tile of sheet.tiles) drawTile(image, sheet, tile);
  return drawn;
}

/**
 * One tile of a level, normalised, resampled from the nearest reduction that is still at least twice as large. Beyond
 * the level stand its outermost pixels.
 */
function drawTile(
  image: Reductions,
  sheet: Sheet,
  { level, left, top, width, height, x, y }: PlacedTile,
): void {
  const pitch = sheet.width * CHANNELS;
  const { full } = image;
  const { pixels, divisor } = image.atLeastTwice(full.width / level.width);
  const ratioX = full.width / level.width / divisor;
  const ratioY = full.height / level.height / divisor;
  const window = { x: left * ratioX, y: top * ratioY, width: width * ratioX, height: height * ratioY };
  resample(pixels, window, width, height, 'edge', drawn, y * pitch + x * CHANNELS, pitch);
}

/**
 * P-Net's cells above `threshold`, of one tile, as boxes of the image. Cell (x, y) sees the level from (2x, 2y) to
 * (2x + 12, 2y + 12); the way back to the image is the real ratio of the sides, since a level's size was rounded
 * (1 / scale instead costs .008 to .011 of average precision, measured on FDDB fold 1 and 840 other photographs).
 */
export function readCells(
  answers: Float32Array,
  sheet: Pick<Sheet, 'width'>,
  tile: PlacedTile,
  image: Level,
  threshold: number,
): Proposals {
  const { level } = tile;
  const stride = cellsAlong(sheet.width) * BOX_VALUES;
  const first = (tile.y / PNET_STRIDE) * stride + (tile.x / PNET_STRIDE) * BOX_VALUES;
  const columns = Math.min(cellsAlong(tile.width), cellsAlong(level.width) - tile.left / PNET_STRIDE);
  const rows = Math.min(cellsAlong(tile.height), cellsAlong(level.height) - tile.top / PNET_STRIDE);
  const leastLogit = logitOf(threshold);
  const ratioX = image.width / level.width;
  const ratioY = image.height / level.height;
  const boxes: number[] = [];
  const offsets: number[] = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0, at = first + y * stride; x < columns; x++, at += BOX_VALUES) {
      const logit = answers[at + LOGIT]!;
      if (!(logit >= leastLogit)) continue;
      const left = PNET_STRIDE * x + tile.left;
      const top = PNET_STRIDE * y + tile.top;
      boxes.push(left * ratioX, top * ratioY, (left + PNET_SIDE) * ratioX, (top + PNET_SIDE) * ratioY);
      boxes.push(confidenceOf(logit));
      offsets.push(answers[at]!, answers[at + 1]!, answers[at + 2]!, answers[at + 3]!);
    }
  }
  return { boxes: Float64Array.from(boxes), offsets: Float64Array.from(offsets) };
}

function select({ boxes, offsets }: Proposals, rows: Int32Array): Proposals {
  const selected = new Float64Array(rows.length * OFFSETS);
  rows.forEach((row, i) => {
    selected.set(offsets.subarray(row * OFFSETS, (row + 1) * OFFSETS), i * OFFSETS);
  });
  return { boxes: selectBoxes(boxes, rows), offsets: selected };
}

function join(parts: Proposals[]): Proposals {
  return {
    boxes: concatenate(parts.map(({ boxes }) => boxes)),
    offsets: concatenate(parts.map(({ offsets }) => offsets)),
  };
}

function concatenate(parts: Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
