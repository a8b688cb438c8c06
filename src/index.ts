/** The library behind the nodes: finds faces in images, in processes of its own. */
export { createDetector, type Detector, type DetectorConfig, VideoMode, type VideoOptions } from './detector';
export type {
  Detection,
  EngineName,
  Face,
  Keypoints,
  Point,
  StageCandidates,
  StageDurations,
} from './detection';
export { ERROR_CODES, type ErrorCode, FaceError, type FaceErrorParts } from './errors';
export { DEFAULT_OPTIONS, type DetectOptions, OPTION_RANGES } from './mtcnn/options';
