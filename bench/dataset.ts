/** Photographs with known faces, as files that every program of the speed table decodes to the same pixels. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { Judged } from './average-precision';
import { averagePrecision } from './average-precision';
import { ROOT } from './root';

type Box = [x: number, y: number, width: number, height: number];

/** A row of `ground-truth.json`. */
export interface Entry {
  file: string;
  boxes_xywh: Box[];
  ignore_xywh?: Box[];
}

/** What a program found: `{file: [[x, y, width, height, confidence], …]}`. */
export type Predictions = Record<string, [...box: Box, confidence: number][]>;

/** The folder of photographs that lies beside the project, where it does. */
const SHARED = process.env['SHARED'] ?? path.resolve(ROOT, '../shared');

export const FDDB_FOLD_01 = path.join(SHARED, 'eval/fddb-fold-01');

const PHOTOS = path.join(SHARED, 'photos');

/** @throws Error if the folder holds no `ground-truth.json` */
export function readEntries(dataset: string): Entry[] {
  const file = path.join(dataset, 'ground-truth.json');
  if (!existsSync(file)) {
    throw new Error(
      `No ground-truth.json in ${path.basename(dataset)}: give a folder of photographs with --dataset DIR`,
    );
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Entry[]; // its format is checked where it is used
}

/** Average precision at an overlap of 0.5 of what a program wrote to a file. */
export function precisionOf(entries: readonly Entry[], predictionsFile: string): number {
  const predictions = JSON.parse(readFileSync(predictionsFile, 'utf8')) as Predictions;
  const judged: Judged[] = entries.map(({ file, boxes_xywh: truth, ignore_xywh: ignored = [] }) => ({
    truth,
    ignored,
    predictions: (predictions[file] ?? []).map(([x, y, width, height, confidence]) => ({
      box: [x, y, width, height],
      confidence,
    })),
  }));
  return averagePrecision(judged);
}

/** A copy of a dataset's first pictures without loss: decoders of JPEG differ, those of PNG do not. */
export async function decodeOnce(source: string, target: string, entries: readonly Entry[]): Promise<void> {
  const decoded = entries.map((entry) => ({ ...entry, file: `${entry.file}.png` }));
  for (const [i, { file }] of entries.entries()) {
    const picture = path.join(target, decoded[i]!.file);
    mkdirSync(path.dirname(picture), { recursive: true });
    const upright = sharp(path.join(source, file)).autoOrient().removeAlpha().toColourspace('srgb');
    await upright.png({ compressionLevel: 1 }).toFile(picture);
  }
  writeFileSync(path.join(target, 'ground-truth.json'), JSON.stringify(decoded));
}

/** Photographs of 9 to 15 megapixels, without known faces: only the time counts. */
export function largePhotos(): { dataset: string; entries: Entry[] } | undefined {
  const manifest = path.join(PHOTOS, 'manifest.json');
  if (!existsSync(manifest)) return undefined;
  const photos = JSON.parse(readFileSync(manifest, 'utf8')) as {
    file: string;
    width: number;
    height: number;
  }[];
  const large = photos.filter(({ width, height }) => width * height >= 8.9e6 && width * height <= 15.5e6);
  return { dataset: PHOTOS, entries: large.map(({ file }) => ({ file, boxes_xywh: [] })) };
}
