import { FaceError, messageOf } from '../errors';
import { decodeImage } from '../image/decode';
import { loadSharp } from '../image/load-sharp';

/**
 * Size of an encoded picture as a viewer shows it, in pixels; from its header where `sharp` loads.
 * @throws FaceError `image-unreadable`
 */
export async function imageSize(image: Buffer): Promise<{ width: number; height: number }> {
  const sharp = loadSharp();
  if (sharp === undefined) return decodeImage(image);
  try {
    const { autoOrient } = await sharp(image).metadata();
    return autoOrient;
  } catch (error) {
    throw new FaceError(
      {
        code: 'image-unreadable',
        expected: 'a JPEG, PNG, WebP, AVIF, GIF or TIFF image',
        got: `${image.length} bytes that are none (${messageOf(error).split('\n')[0] ?? ''})`,
        hint: 'Check the file, or take it out of the folder.',
      },
      error,
    );
  }
}
