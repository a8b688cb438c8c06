import type Sharp from 'sharp';

type SharpModule = typeof Sharp;

let loaded: { sharp: SharpModule | undefined; reason: string } | undefined;

/**
 * `sharp`, or undefined where its native part cannot load (then `jimp` decodes and encodes, slower). libvips' cache is
 * switched off: every frame is new, and the cache would only grow the process.
 */
export function loadSharp(): SharpModule | undefined {
  return tryLoad().sharp;
}

/** Why `sharp` did not load; empty where it did. */
export function whySharpIsMissing(): string {
  return tryLoad().reason;
}

function tryLoad(): { sharp: SharpModule | undefined; reason: string } {
  if (loaded === undefined) {
    try {
      // Required at run time, so that a machine where it cannot load still detects faces.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const sharp = require('sharp') as SharpModule;
      sharp.cache(false);
      loaded = { sharp, reason: '' };
    } catch (error) {
      loaded = {
        sharp: undefined,
        reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : '',
      };
    }
  }
  return loaded;
}
