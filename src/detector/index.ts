export { createDetector, type Detector, type DetectorConfig } from './detector';
export { type VideoFrame, VideoMode, type VideoOptions } from './video-mode';
