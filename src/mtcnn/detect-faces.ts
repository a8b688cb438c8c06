import type { Face, StageCandidates, StageDurations } from '../detection';
import { FaceError } from '../errors';
import { countBoxes } from '../geometry/boxes';
import { placeForKernels } from '../image/kernels/kernels';
import type { Pixels } from '../image/pixels';
import { reductionsOf } from '../image/reductions';
import { PNET_SIDE, type Networks } from '../networks/networks';
import type { ResolvedOptions } from './options';
import { output } from './output';
import { propose } from './proposal';
import { refine } from './refine';
import type { Rejections } from './rejections';

/** Faces of one image, and what each stage took and kept. */
export interface CascadeResult {
  faces: Face[];
  candidates: StageCandidates;
  durationMs: Omit<StageDurations, 'decode' | 'total'>;
}

/**
 * The cascade of Zhang et al. 2016 (arXiv:1604.02878): P-Net proposes, R-Net refines, O-Net decides.
 * @param rejections collects what the thresholds just reject
 * @throws FaceError `image-too-small` if a side is shorter than P-Net's window of 12 pixels
 */
export function detectFaces(
  image: Pixels,
  networks: Networks,
  options: ResolvedOptions,
  rejections?: Rejections,
): CascadeResult {
  if (Math.min(image.width, image.height) < PNET_SIDE) {
    throw new FaceError({
      code: 'image-too-small',
      expected: `an image of at least ${PNET_SIDE} x ${PNET_SIDE} pixels`,
      got: `${image.width} x ${image.height}`,
      hint: 'Send a larger picture.',
    });
  }
  const reductions = reductionsOf(placeForKernels(image));
  const begin = performance.now();
  const proposals = propose(reductions, networks, options);
  const proposed = performance.now();
  const candidates = refine(reductions, proposals, networks, options, rejections);
  const refined = performance.now();
  const faces = output(reductions, candidates, networks, options, rejections);
  const end = performance.now();
  return {
    faces,
    candidates: {
      proposal: countBoxes(proposals),
      refine: countBoxes(candidates),
      output: faces.length,
    },
    durationMs: { proposal: proposed - begin, refine: refined - proposed, output: end - refined },
  };
}
