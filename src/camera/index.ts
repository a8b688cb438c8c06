export { sourceOf } from './address';
export { blockList, BLOCKED_NETWORKS } from './blocked-addresses';
export {
  Camera,
  type CameraState,
  DEFAULT_RUN_OPTIONS,
  RUN_RANGES,
  type RunOptions,
  type StateChange,
} from './camera';
export {
  CAMERA_KINDS,
  CAMERA_RANGES,
  type CameraConfig,
  type CameraKind,
  createFrameSource,
  deviceOf,
} from './create-source';
export { type CameraFrame, type Frame, type FrameSource, newRun } from './frame';
export { formatRate, FrameRate } from './frame-rate';
export { PushedFrames } from './pushed-frames';
export { takeSnapshot } from './snapshot';
export { sceneFaces, type SceneFace } from './test-scene/scene-faces';
export { listWebcams, type Webcam } from './webcam-list';
