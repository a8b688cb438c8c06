import { createDetector, type Detector, type DetectorConfig } from '../../src';
import { closed } from '../../src/detector/detector-process';

/** A detector that several nodes use: started by the first, closed by the last. */
export class SharedDetector {
  readonly #config: () => DetectorConfig;
  #users = 0;
  #started: Promise<Detector> | undefined;

  /** @param config asked at each start */
  constructor(config: () => DetectorConfig) {
    this.#config = config;
  }

  /** Counts a user in, and starts the detector in the background, so that the first image need not wait for it. */
  join(): void {
    this.#users++;
    this.get().catch(() => undefined); // the first request tells
  }

  /**
   * The detector; a start that failed is tried again.
   * @throws FaceError `detector-closed` where nobody uses it: nobody would close it
   */
  get(): Promise<Detector> {
    if (this.#users === 0) return Promise.reject(closed());
    if (this.#started === undefined) {
      const started = createDetector(this.#config());
      this.#started = started;
      started.catch(() => {
        if (this.#started === started) this.#started = undefined;
      });
    }
    return this.#started;
  }

  /** Counts a user out; the last one closes the detector. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return;
    const started = this.#started;
    this.#started = undefined;
    const detector = await started?.catch(() => undefined);
    await detector?.close();
  }
}

let warn: (text: string) => void = () => undefined;

/** The detector of every mtcnn-detect node that names none: twelve nodes never load twelve models. */
export const defaultDetector = new SharedDetector(() => ({ onWarning: (text) => warn(text) }));

/** Where the default detector's warnings go: Node-RED's log. */
export function setWarningLog(log: (text: string) => void): void {
  warn = log;
}
