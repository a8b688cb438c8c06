/** An upright image as raw pixels: `data` holds `height` rows of `width` RGB triples, 8 bits a channel. */
export interface Pixels {
  data: Uint8Array;
  /** pixels */
  width: number;
  /** pixels */
  height: number;
}

/** Channels of a pixel: red, green, blue. */
export const CHANNELS = 3;
