export { createDetector, type Detector, type DetectorConfig } from './detector';
