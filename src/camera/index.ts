export { CAMERA_RANGES, type CameraConfig, createFrameSource, takeSnapshot } from './create-source';
export type { Frame, FrameSource } from './frame';
export { formatRate, FrameRate } from './frame-rate';
export { sceneFaces, type SceneFace } from './test-scene/scene-faces';
