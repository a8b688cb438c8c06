import type { Face } from '../src/detection';
import { assign } from '../src/tracking/assignment';
import { intersectionOverUnion } from '../src/geometry/overlap';

type Box = Face['box'];

/** A box with the identity that it truly has, or that a tracker gave it. */
export interface Identified {
  id: string;
  box: Box;
}

export interface IdentityFigures {
  /** Ristani et al. 2016, arXiv:1609.01775: `2 IDTP / (2 IDTP + IDFP + IDFN)`. */
  idf1: number;
  idPrecision: number;
  idRecall: number;
  /** CLEAR MOT (Bernardin and Stiefelhagen 2008, doi:10.1155/2008/246309): changes of a person's identity. */
  switches: number;
  frames: number;
}

/** Least overlap of a true box and a tracked one that show the same face. */
const SAME = 0.5;

/** Compares identities over frames. */
export class IdentityScore {
  /** Frames in which a true and a tracked identity have the same box. */
  readonly #together = new Map<string, Map<string, number>>();
  readonly #tracked = new Set<string>();
  /** The tracked identity that each person had last. */
  readonly #last = new Map<string, string>();
  #trueBoxes = 0;
  #trackedBoxes = 0;
  #switches = 0;
  #frames = 0;

  /** Takes one frame. */
  add(truth: readonly Identified[], tracked: readonly Identified[]): void {
    this.#frames++;
    this.#trueBoxes += truth.length;
    this.#trackedBoxes += tracked.length;
    for (const { id } of tracked) this.#tracked.add(id);
    for (const person of truth) {
      const row = this.#together.get(person.id) ?? new Map<string, number>();
      this.#together.set(person.id, row);
      for (const { id, box } of tracked) {
        if (intersectionOverUnion(person.box, box) >= SAME) row.set(id, (row.get(id) ?? 0) + 1);
      }
    }
    this.#countSwitches(truth, tracked);
  }

  /** What held in the frame before is kept where it still can be; the rest is matched with the greatest overlap. */
  #countSwitches(truth: readonly Identified[], tracked: readonly Identified[]): void {
    const costs = truth.map((person) =>
      tracked.map(({ id, box }) => {
        const overlap = intersectionOverUnion(person.box, box);
        if (overlap < SAME) return Infinity;
        return this.#last.get(person.id) === id ? 0 : 2 - overlap;
      }),
    );
    for (const [row, column] of assign(costs).entries()) {
      const id = tracked[column]?.id;
      const person = truth[row];
      if (id === undefined || person === undefined) continue;
      const last = this.#last.get(person.id);
      if (last !== undefined && last !== id) this.#switches++;
      this.#last.set(person.id, id);
    }
  }

  figures(): IdentityFigures {
    const ids = [...this.#tracked];
    const rows = [...this.#together.values()];
    const most = Math.max(1, ...rows.flatMap((row) => [...row.values()]));
    const matched = assign(rows.map((row) => ids.map((id) => most - (row.get(id) ?? 0))));
    const together = rows.reduce((sum, row, i) => sum + (row.get(ids[matched[i] ?? -1] ?? '') ?? 0), 0);
    const round = (value: number) => Number(value.toFixed(4));
    return {
      idf1: round((2 * together) / (this.#trueBoxes + this.#trackedBoxes)),
      idPrecision: round(together / this.#trackedBoxes),
      idRecall: round(together / this.#trueBoxes),
      switches: this.#switches,
      frames: this.#frames,
    };
  }
}
