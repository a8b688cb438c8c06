/** Most directories of a TIFF that are looked at: they may form a circle. */
const MOST_PAGES = 1_000;

/** Tags of TIFF 6.0: ImageWidth and ImageLength. */
const TIFF_WIDTH = 256;
const TIFF_HEIGHT = 257;

/**
 * The pixels that a file says it has, before anything of it is decoded: JPEG (ITU-T T.81, annex B), PNG, GIF, BMP, and
 * the largest page of a TIFF, which are the formats that `jimp` reads.
 * @returns undefined where no size is found
 */
export function headerPixels(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (view.getUint16(0)) {
      case 0xffd8:
        return jpegPixels(view);
      case 0x8950:
        return view.getUint32(16) * view.getUint32(20);
      case 0x4749:
        return view.getUint16(6, true) * view.getUint16(8, true);
      case 0x424d:
        return Math.abs(view.getInt32(18, true) * view.getInt32(22, true));
      case 0x4949:
        return tiffPixels(view, true);
      case 0x4d4d:
        return tiffPixels(view, false);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut off before its size
    throw error;
  }
}

function jpegPixels(view: DataView): number | undefined {
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return view.getUint16(at + 5) * view.getUint16(at + 7);
  }
  return undefined;
}

function tiffPixels(view: DataView, little: boolean): number {
  let most = 0;
  let at = view.getUint32(4, little);
  for (let page = 0; at !== 0 && page < MOST_PAGES; page++) {
    const entries = view.getUint16(at, little);
    const sides = { [TIFF_WIDTH]: 0, [TIFF_HEIGHT]: 0 };
    for (let entry = at + 2; entry < at + 2 + 12 * entries; entry += 12) {
      const tag = view.getUint16(entry, little);
      if (tag !== TIFF_WIDTH && tag !== TIFF_HEIGHT) continue;
      const isShort = view.getUint16(entry + 2, little) === 3;
      sides[tag] = isShort ? view.getUint16(entry + 8, little) : view.getUint32(entry + 8, little);
    }
    most = Math.max(most, sides[TIFF_WIDTH] * sides[TIFF_HEIGHT]);
    at = view.getUint32(at + 2 + 12 * entries, little);
  }
  return most;
}
