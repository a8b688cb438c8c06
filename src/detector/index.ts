export { createDetector, type Detector, type DetectorConfig } from './detector';
export {
  DEFAULT_VIDEO_OPTIONS,
  type VideoFrame,
  VideoMode,
  type VideoOptions,
  VIDEO_RANGES,
} from './video-mode';
