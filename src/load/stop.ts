/** The two steps of ending a run early: start nothing new, then cut what is still under way. */
export interface StopSignals {
  readonly draining: AbortSignal
  readonly cutting: AbortSignal
}

/** Signals that never fire: a run that only ends by itself. */
export const neverStops = (): StopSignals => ({
  draining: new AbortController().signal,
  cutting: new AbortController().signal,
})
