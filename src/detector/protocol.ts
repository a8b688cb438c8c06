import type { Detection, EngineName, Face } from '../detection';
import type { FaceErrorParts } from '../errors';
import type { ImageSource } from '../image/read-image';
import type { ResolvedOptions } from '../mtcnn/options';
import type { Rejection } from '../mtcnn/rejections';

/** A value, or a typed error as plain data: errors keep their code across the process boundary. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: FaceErrorParts };

/** What is known of the frame before. */
export interface VideoHint {
  /** Where its faces are expected now. */
  faces: Face[];
  /** Its size in pixels. */
  width: number;
  height: number;
  /** As {@link DetectAnswer.brightness}. */
  brightness: Uint8Array;
}

/** Video mode; without a hint the whole picture is searched. */
export interface VideoRequest {
  hint?: VideoHint;
}

export interface DetectAnswer {
  detection: Detection;
  /** What the thresholds just reject; only where it is asked for. */
  rejected?: Rejection[];
  /** Brightness of a grid of cells, to tell how much the next picture has changed; only in video mode. */
  brightness?: Uint8Array;
}

/** What a detector process can be asked to do. */
export interface DetectorCalls {
  /** Loads the networks of one engine and runs each of them once. */
  load(engine: EngineName): Promise<Answer<{ pid: number }>>;
  /** Decodes one image and finds the faces in it: all of them, or those of the frame before. */
  detect(
    source: ImageSource,
    options: ResolvedOptions,
    video?: VideoRequest,
    explain?: boolean,
  ): Promise<Answer<DetectAnswer>>;
}
