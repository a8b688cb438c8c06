/** A point in pixels of the upright image, from its top left corner. */
export type Point = [x: number, y: number];

/** The five points of a face. `left` is the image's left, as in Python `mtcnn`. */
export interface Keypoints {
  left_eye: Point;
  right_eye: Point;
  nose: Point;
  mouth_left: Point;
  mouth_right: Point;
}

/** One face, in pixels of the upright image. */
export interface Face {
  /** Top left corner and size in pixels. */
  box: [x: number, y: number, width: number, height: number];
  /** 0 to 1, from O-Net. */
  confidence: number;
  /** Absent when `landmarks` is off. */
  keypoints?: Keypoints;
}

export type EngineName = 'wasm' | 'native';

/** Milliseconds spent in each step of one detection. */
export interface StageDurations {
  decode: number;
  proposal: number;
  refine: number;
  output: number;
  total: number;
}

/** Boxes that entered each stage's end: proposals after P-Net, those R-Net kept, those O-Net kept. */
export interface StageCandidates {
  proposal: number;
  refine: number;
  output: number;
}

/** What one image yields. Faces are best first, in fractions of a pixel. */
export interface Detection {
  faces: Face[];
  /** Size of the upright image in pixels. */
  width: number;
  height: number;
  engine: EngineName;
  /** `scan`: the whole image was searched. */
  mode: 'scan' | 'track';
  durationMs: StageDurations;
  candidates: StageCandidates;
}
