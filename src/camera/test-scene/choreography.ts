/** The stage of the test scene in its own pixels; a frame of another size shows it scaled. */
export const STAGE = { width: 640, height: 480 } as const;

/** After this many seconds the play begins again, where it began. */
export const LOOP_SECONDS = 24;

export type Sprite = 'anna' | 'ben' | 'carla' | 'dev' | 'dev-back';

/** One person at one moment. */
export interface Actor {
  id: string;
  sprite: Sprite;
  /** The face's centre on the stage, in pixels. */
  x: number;
  y: number;
  /** Pixels of the stage for one unit of the drawing, in which a face is 164 wide. */
  scale: number;
  /** Of the head and body, in radians, clockwise. */
  tilt: number;
  /** Width as a share of the frontal width, while a person turns round. */
  width: number;
  /** The face looks at the camera. */
  facing: boolean;
}

/** A swing of a whole number of periods in each loop, -1 to 1. */
function swing(seconds: number, periods: number, phase = 0): number {
  return Math.sin(2 * Math.PI * ((periods * seconds) / LOOP_SECONDS + phase));
}

const DEGREES = Math.PI / 180;

/** When Carla walks through the room, in seconds of the loop, and between which places. */
const WALK = { from: 2, to: 15, start: -70, end: 710 } as const;

/** When Dev turns his back to the camera, in seconds of the loop, and how long turning takes. */
const AWAY = { from: 15.5, to: 20, turning: 0.6 } as const;

/**
 * Who is where, back to front. Anna and Ben stay, sway and lean; Dev turns away for a while; Carla walks through behind
 * them from left to right, and is absent before and after.
 * @param seconds since the play began, any number
 */
export function actorsAt(seconds: number): Actor[] {
  const t = ((seconds % LOOP_SECONDS) + LOOP_SECONDS) % LOOP_SECONDS;
  const actors: Actor[] = [];

  if (t > WALK.from && t < WALK.to) {
    const way = (t - WALK.from) / (WALK.to - WALK.from);
    actors.push({
      id: 'carla',
      sprite: 'carla',
      x: WALK.start + way * (WALK.end - WALK.start),
      y: 138 - 3 * Math.abs(swing(t, 36)), // steps
      scale: 0.4,
      tilt: 2 * DEGREES * swing(t, 18),
      width: 1,
      facing: true,
    });
  }

  const turn = turnAt(t);
  actors.push({
    id: 'dev',
    sprite: turn >= 0 ? 'dev' : 'dev-back',
    x: 328 + 10 * swing(t, 3),
    y: 276 + 4 * swing(t, 5, 0.2),
    scale: 0.48 * (1 + 0.04 * swing(t, 2)),
    tilt: 4 * DEGREES * swing(t, 4, 0.4),
    width: Math.max(0.15, Math.abs(turn)),
    facing: turn > 0.9,
  });

  actors.push({
    id: 'anna',
    sprite: 'anna',
    x: 138 + 16 * swing(t, 2, 0.1),
    y: 304 + 6 * swing(t, 4),
    scale: 0.64 * (1 + 0.06 * swing(t, 1, 0.3)),
    tilt: 7 * DEGREES * swing(t, 3, 0.15),
    width: 1,
    facing: true,
  });

  actors.push({
    id: 'ben',
    sprite: 'ben',
    x: 512 + 14 * swing(t, 3, 0.6),
    y: 308 + 7 * swing(t, 5, 0.3),
    scale: 0.6 * (1 + 0.07 * swing(t, 2, 0.8)),
    tilt: 6 * DEGREES * swing(t, 2, 0.5),
    width: 1,
    facing: true,
  });
  return actors;
}

/** 1 facing the camera, -1 turned away, in between while turning. */
function turnAt(t: number): number {
  const middle = (AWAY.from + AWAY.to) / 2;
  const fromMiddle = Math.abs(t - middle);
  const half = (AWAY.to - AWAY.from) / 2;
  const progress = Math.min(1, Math.max(0, (fromMiddle - half + AWAY.turning) / AWAY.turning));
  return -Math.cos(Math.PI * progress);
}
