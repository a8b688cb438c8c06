/** What the run and the node inside Node-RED tell each other over the IPC channel. */
import type { Target } from './generators';

/** The run asks for the inputs `from` (included) to `to` (excluded), or for `only` one. */
export interface Task {
  seed: number;
  from: number;
  to: number;
  /** Where the seed pictures are. */
  folder: string;
  /** Inputs that each node works on at a time. */
  lanes: Record<Target, number>;
  /** Longest time for an answer, in ms. */
  deadlinesMs: Record<Target, number>;
}

/** What became of one input. */
export interface Verdict {
  number: number;
  kind: string;
  /** `result`, or the code of the error. */
  outcome: string;
  ms: number;
  faults: string[];
}

/** What the node inside Node-RED tells. */
export type Report =
  | { type: 'sent'; numbers: number[] }
  | { type: 'verdict'; verdict: Verdict }
  /** Something that belongs to no input, or to several. */
  | { type: 'fault'; text: string; numbers: number[] }
  | { type: 'end'; longestBlockMs: number };
