import { actorsAt, STAGE } from './choreography';

/** A face that the scene truly shows. */
export interface SceneFace {
  id: string;
  /** Top left corner and size in pixels of the frame. */
  box: [x: number, y: number, width: number, height: number];
  /** Looks at the camera and is inside the frame: a detector should find it. */
  visible: boolean;
}

/**
 * The box of a face in units of the drawing, around its centre: from brow to chin and from cheek to cheek, as MTCNN
 * boxes a face. Measured: the mean of the boxes that the cascade finds on still pictures of the four people.
 */
export const FACE_BOX = { left: -85, top: -104, right: 84, bottom: 116 } as const;

/** Share of a face that must be inside the frame to be called visible. */
const INSIDE = 0.95;

/** How a frame of this size shows the stage: scaled by one number, in the middle. */
export function stageIn(width: number, height: number): { scale: number; x: number; y: number } {
  const scale = Math.min(width / STAGE.width, height / STAGE.height);
  return { scale, x: (width - scale * STAGE.width) / 2, y: (height - scale * STAGE.height) / 2 };
}

/**
 * The faces of the test scene at a moment, also those that are not visible, back to front.
 * @param seconds since the scene began; frame `sequence` of a scene at N frames per second shows `sequence / N`
 * @param width of the frame in pixels, @param height of the frame in pixels
 */
export function sceneFaces(seconds: number, width: number, height: number): SceneFace[] {
  const stage = stageIn(width, height);
  return actorsAt(seconds).map(({ id, x, y, scale, tilt, width: turned, facing }) => {
    const unit = scale * stage.scale;
    // The box stays upright while the head tilts: only its centre turns around the drawing's.
    const middleY = ((FACE_BOX.top + FACE_BOX.bottom) / 2) * unit;
    const centerX = stage.x + x * stage.scale - Math.sin(tilt) * middleY;
    const centerY = stage.y + y * stage.scale + Math.cos(tilt) * middleY;
    const faceWidth = (FACE_BOX.right - FACE_BOX.left) * unit * turned;
    const faceHeight = (FACE_BOX.bottom - FACE_BOX.top) * unit;
    const left = centerX - faceWidth / 2;
    const top = centerY - faceHeight / 2;
    const inside =
      Math.max(0, Math.min(left + faceWidth, width) - Math.max(left, 0)) *
      Math.max(0, Math.min(top + faceHeight, height) - Math.max(top, 0));
    return {
      id,
      box: [left, top, faceWidth, faceHeight],
      visible: facing && inside >= INSIDE * faceWidth * faceHeight,
    };
  });
}
