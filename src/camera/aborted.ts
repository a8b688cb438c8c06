/** A function, since the signal changes while a generator waits, which a plain check would not see. */
export function wasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
