import { describe, expect, it } from 'vitest';
import { toSquares } from '../../src/geometry/square';
import type { Pixels } from '../../src/image/pixels';
import { reductionsOf } from '../../src/image/reductions';
import { detectFaces } from '../../src/mtcnn/detect-faces';
import { unmirror } from '../../src/mtcnn/mirror';
import { DEFAULT_OPTIONS } from '../../src/mtcnn/options';
import { output } from '../../src/mtcnn/output';
import { cropPatches, mirrorPatches } from '../../src/mtcnn/patches';
import { propose, readCells } from '../../src/mtcnn/proposal';
import { pyramidOf } from '../../src/mtcnn/pyramid';
import { refine } from '../../src/mtcnn/refine';
import {
  BOX_VALUES,
  cellsAlong,
  confidenceOf,
  FACE_VALUES,
  logitOf,
  type Networks,
  PNET_SIDE,
  PNET_STRIDE,
} from '../../src/networks/networks';
import { boxesOf, rowsOf } from '../geometry/support';

/** Networks that answer what a test tells them. */
function networksOf(answers: Partial<Networks>): Networks {
  const unexpected = () => {
    throw new Error('this network was not expected to run');
  };
  return {
    engine: 'wasm',
    grain: 1,
    shared: 0,
    propose: unexpected,
    refine: unexpected,
    output: unexpected,
    close: () => undefined,
    ...answers,
  };
}

function imageOf(width: number, height: number, value = 128): Pixels {
  return { data: new Uint8Array(width * height * 3).fill(value), width, height };
}

describe('pyramid', () => {
  it('shrinks the image until P-Net’s window no longer fits, sizes rounded up', () => {
    expect(pyramidOf(100, 50, { ...DEFAULT_OPTIONS, scaleFactor: 0.5 })).toEqual([
      { width: 60, height: 30 },
      { width: 30, height: 15 },
    ]);
    expect(pyramidOf(101, 50, { ...DEFAULT_OPTIONS, scaleFactor: 0.5 })[0]).toEqual({
      width: 61,
      height: 30,
    });
  });

  it('has no level for an image smaller than the smallest face', () => {
    expect(pyramidOf(19, 200, DEFAULT_OPTIONS)).toEqual([]);
    expect(pyramidOf(20, 200, DEFAULT_OPTIONS)).toHaveLength(1);
  });

  it('begins smaller for a larger smallest face, and for a limit on the image’s side', () => {
    expect(pyramidOf(400, 400, { ...DEFAULT_OPTIONS, minFaceSize: 40 })[0]).toEqual({
      width: 120,
      height: 120,
    });
    expect(pyramidOf(400, 400, { ...DEFAULT_OPTIONS, maxImageSide: 200 })[0]).toEqual({
      width: 120,
      height: 120,
    });
    expect(pyramidOf(400, 400, { ...DEFAULT_OPTIONS, maxImageSide: 800 })[0]).toEqual({
      width: 240,
      height: 240,
    });
  });
});

describe('P-Net cells', () => {
  const level = { width: 16, height: 14 };
  const columns = cellsAlong(level.width);

  it('become boxes of the image where they are above the threshold', () => {
    const answers = new Float32Array(columns * cellsAlong(level.height) * BOX_VALUES).fill(logitOf(0.1));
    // Cell (1, 0): sees the level from (2, 0) to (14, 12).
    answers.set([0.1, 0.2, 0.3, 0.4, logitOf(0.9)], BOX_VALUES);
    const tile = { ...level, left: 0, top: 0, level, x: 0, y: 0 };
    const { boxes, offsets } = readCells(answers, level, tile, { width: 32, height: 56 }, 0.6);
    expect(rowsOf(boxes)).toEqual([[4, 0, 28, 48, expect.closeTo(0.9, 6)]]);
    expect([...offsets].map((offset) => Number(offset.toFixed(3)))).toEqual([0.1, 0.2, 0.3, 0.4]);
  });

  it('of a level too small for one cell are none', () => {
    const tiny = { width: 11, height: 11 };
    const tile = { ...tiny, left: 0, top: 0, level: tiny, x: 0, y: 0 };
    const { boxes } = readCells(new Float32Array(0), tiny, tile, { width: 20, height: 20 }, 0.6);
    expect(boxes).toHaveLength(0);
  });

  it('of a tile lie where the tile lies; those beyond the level are no cells', () => {
    const tile = { left: 2, top: 2, width: 16, height: 16, level, x: 0, y: 0 };
    const answers = new Float32Array(cellsAlong(16) * cellsAlong(16) * BOX_VALUES).fill(logitOf(0.9));
    const { boxes } = readCells(answers, tile, tile, level, 0.6);
    expect(rowsOf(boxes).map((row) => row.slice(0, 4))).toEqual([2, 4].map((x) => [x, 2, x + 12, 14]));
  });
});

/** Stands for P-Net: what it answers for a cell depends on every pixel that the cell sees, and on its place. */
function proposeBySums(level: Float32Array, width: number, height: number): Float32Array {
  const [columns, rows] = [cellsAlong(width), cellsAlong(height)];
  const answers = new Float32Array(columns * rows * BOX_VALUES);
  for (let cell = 0; cell < columns * rows; cell++) {
    const [left, top] = [PNET_STRIDE * (cell % columns), PNET_STRIDE * Math.floor(cell / columns)];
    const sums = [0, 0, 0];
    for (let y = 0; y < PNET_SIDE; y++) {
      for (let i = 0; i < PNET_SIDE * 3; i++)
        sums[i % 3]! += level[((top + y) * width + left) * 3 + i]! * (y + i + 1);
    }
    const [red = 0, green = 0, blue = 0] = sums;
    answers.set([red / 1e4, green / 1e4, blue / 1e4, 0, (red - green) / 10], cell * BOX_VALUES);
  }
  return answers;
}

it('proposals are the same whether small levels share a call of P-Net or not', () => {
  const image = imageOf(97, 71);
  image.data.forEach((_, i) => (image.data[i] = (i * i * 31 + (i >> 5) * 97) % 256));
  const proposalsFor = (shared: number) => {
    let calls = 0;
    const networks = networksOf({
      grain: 8,
      shared,
      propose: (...level) => {
        calls++;
        return proposeBySums(...level);
      },
    });
    return { boxes: rowsOf(propose(reductionsOf(image), networks, DEFAULT_OPTIONS)), calls: () => calls };
  };
  const alone = proposalsFor(0);
  const together = proposalsFor(2000);
  expect(alone.boxes.length).toBeGreaterThan(20);
  expect(together.boxes).toEqual(alone.boxes);
  expect([alone.calls(), together.calls()]).toEqual([4, 2]);
});

describe('patches', () => {
  it('are cut out at the asked size, grey beyond the border', () => {
    const image = imageOf(8, 8, 255);
    const patches = cropPatches(reductionsOf(image), boxesOf([4, 0, 12, 8, 1]), 2);
    const white = (255 - 127.5) / 128;
    expect([...patches.slice(0, 12)]).toEqual(
      [white, white, white, 0, 0, 0, white, white, white, 0, 0, 0].map(
        (value) => expect.closeTo(value, 3) as number,
      ),
    );
  });

  it('are mirrored left to right, each pixel’s channels in their order', () => {
    const patches = Float32Array.of(...new Array<number>(12).fill(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect([...mirrorPatches(patches, [1], 2)]).toEqual([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
  });
});

it('unmirror: sides and paired keypoints change places', () => {
  const answers = Float32Array.of(0.1, 0.2, 0.3, 0.4, 9, 0.25, 0.75, 0.5, 0.375, 0.625, 1, 2, 3, 4, 5);
  unmirror(answers, 0);
  expect([...answers].map((value) => Number(value.toFixed(3)))).toEqual([
    -0.3, 0.2, -0.1, 0.4, 9, 0.25, 0.75, 0.5, 0.375, 0.625, 2, 1, 3, 5, 4,
  ]);
});

describe('refine', () => {
  it('drops what R-Net rejects, moves the rest, and keeps the best of those that meet', () => {
    const answers = [
      [0, 0, 0, 0, logitOf(0.8)],
      [-1, 0, -1, 0, logitOf(0.9)], // moves onto the first
      [0, 0, 0, 0, logitOf(0.3)],
    ];
    const networks = networksOf({ refine: () => Float32Array.from(answers.flat()) });
    const proposals = boxesOf([0, 0, 20, 20, 0.7], [20, 0, 40, 20, 0.7], [60, 60, 80, 80, 0.7]);
    const refined = refine(reductionsOf(imageOf(100, 100)), proposals, networks, DEFAULT_OPTIONS);
    expect(rowsOf(refined)).toEqual([[0, 0, 20, 20, expect.closeTo(0.9, 6)]]);
  });

  it('runs no network for no proposal', () => {
    expect(refine(reductionsOf(imageOf(100, 100)), boxesOf(), networksOf({}), DEFAULT_OPTIONS)).toHaveLength(
      0,
    );
  });
});

describe('output', () => {
  /** One answer of O-Net: no offsets, all keypoints in the middle but the left eye. */
  const answer = (confidence: number, leftEye: number) => {
    const row = new Float32Array(FACE_VALUES).fill(0.5);
    row.fill(0, 0, 4);
    row[4] = logitOf(confidence);
    row[5] = leftEye;
    return row;
  };
  const candidates = boxesOf([10, 10, 50, 50, 0.9]);

  it('looks a second time at what is promising, mirrored, and averages', () => {
    let calls = 0;
    const networks = networksOf({
      output: () => {
        calls++;
        if (calls === 1) return answer(0.9, 0.25);
        const second = answer(0.7, 0.5);
        second[6] = 0.75; // the mirrored right eye is the left eye, at 1 - 0.75
        return second;
      },
    });
    const [face] = output(reductionsOf(imageOf(100, 100)), candidates, networks, DEFAULT_OPTIONS);
    expect(calls).toBe(2);
    expect(face?.confidence).toBeCloseTo(0.8, 6);
    expect(face?.box.map((value) => Number(value.toFixed(4)))).toEqual([10, 10, 40, 40]);
    expect(face?.keypoints?.left_eye.map((value) => Number(value.toFixed(4)))).toEqual([20, 30]);
  });

  it('looks once at what is not', () => {
    let calls = 0;
    const networks = networksOf({
      output: () => {
        calls++;
        return answer(0.39, 0.25);
      },
    });
    expect(output(reductionsOf(imageOf(100, 100)), candidates, networks, DEFAULT_OPTIONS)).toEqual([]);
    expect(calls).toBe(1);
  });

  it('leaves keypoints out, and cuts boxes and keypoints at the border, when asked to', () => {
    const networks = networksOf({
      output: (_, count) => (count === 1 ? answer(0.9, -0.5) : new Float32Array(0)),
    });
    const atTheBorder = boxesOf([-20, 0, 20, 40, 0.9]);
    const image = reductionsOf(imageOf(100, 30));
    const [bare] = output(image, atTheBorder, networks, {
      ...DEFAULT_OPTIONS,
      landmarks: false,
      fitToImage: true,
    });
    expect(bare).toEqual({
      box: [0, 0, 20, 30].map((v) => expect.closeTo(v, 4) as number),
      confidence: expect.closeTo(0.9, 6) as number,
    });
    const [kept] = output(image, atTheBorder, networks, DEFAULT_OPTIONS);
    expect(kept?.box[0]).toBeCloseTo(-20, 4);
    const [limited] = output(image, atTheBorder, networks, {
      ...DEFAULT_OPTIONS,
      limitBoundariesLandmarks: true,
    });
    expect(limited?.keypoints?.left_eye[0]).toBe(0);
  });
});

describe('detectFaces', () => {
  it('refuses an image smaller than P-Net’s window', () => {
    expect(() => detectFaces(imageOf(11, 400), networksOf({}), DEFAULT_OPTIONS)).toThrow(
      expect.objectContaining({ code: 'image-too-small' }) as Error,
    );
  });

  it('finds nothing in an image between the window and the smallest face, without running a network', () => {
    expect(detectFaces(imageOf(15, 15), networksOf({}), DEFAULT_OPTIONS).faces).toEqual([]);
  });

  it('stops after P-Net when there is nothing to refine', () => {
    const networks = networksOf({
      propose: (_, width, height) =>
        new Float32Array(cellsAlong(width) * cellsAlong(height) * BOX_VALUES).fill(-9),
    });
    const result = detectFaces(imageOf(64, 64), networks, DEFAULT_OPTIONS);
    expect(result.candidates).toEqual({ proposal: 0, refine: 0, output: 0 });
    expect(confidenceOf(-9)).toBeLessThan(DEFAULT_OPTIONS.thresholdPnet);
  });
});

it('squares are what R-Net and O-Net see', () => {
  expect(rowsOf(toSquares(boxesOf([0, 0, 10, 20, 1])))).toEqual([[-5, 0, 15, 20, 1]]);
});
