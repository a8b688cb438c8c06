import type { Detection, EngineName } from '../detection';
import type { FaceErrorParts } from '../errors';
import type { ImageSource } from '../image/read-image';
import type { ResolvedOptions } from '../mtcnn/options';

/** A value, or a typed error as plain data: errors keep their code across the process boundary. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: FaceErrorParts };

/** What a detector process can be asked to do. */
export interface DetectorCalls {
  /** Loads the networks of one engine and runs each of them once. */
  load(engine: EngineName): Promise<Answer<{ pid: number }>>;
  /** Decodes one image and finds the faces in it. */
  detect(source: ImageSource, options: ResolvedOptions): Promise<Answer<Detection>>;
}
