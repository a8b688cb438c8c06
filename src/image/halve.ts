import { halveByKernel } from './kernels/kernels';
import { CHANNELS, type Pixels } from './pixels';

/**
 * Half the image in each direction: every new pixel is the mean of two by two. With an odd side the last pixel is
 * the mean of those that are there, so new pixel `i` always covers old pixels `2i` and `2i + 1`.
 */
export function halve(image: Pixels): Pixels {
  return halveByKernel(image) ?? halvePixels(image);
}

function halvePixels({ data, width, height }: Pixels): Pixels {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  const half = new Uint8Array(halfWidth * halfHeight * CHANNELS);
  const fullPairs = width >> 1;
  for (let y = 0; y < halfHeight; y++) {
    let top = 2 * y * width * CHANNELS;
    let bottom = (2 * y + 1 < height ? 2 * y + 1 : 2 * y) * width * CHANNELS;
    let to = y * halfWidth * CHANNELS;
    for (let x = 0; x < fullPairs; x++) {
      half[to] = (data[top]! + data[top + 3]! + data[bottom]! + data[bottom + 3]! + 2) >> 2;
      half[to + 1] = (data[top + 1]! + data[top + 4]! + data[bottom + 1]! + data[bottom + 4]! + 2) >> 2;
      half[to + 2] = (data[top + 2]! + data[top + 5]! + data[bottom + 2]! + data[bottom + 5]! + 2) >> 2;
      top += 6;
      bottom += 6;
      to += 3;
    }
    if (fullPairs < halfWidth) {
      for (let c = 0; c < CHANNELS; c++) half[to + c] = (data[top + c]! + data[bottom + c]! + 1) >> 1;
    }
  }
  return { data: half, width: halfWidth, height: halfHeight };
}
