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

/** Stop signals that fire with those of the user, or when the load itself cannot go on. */
export interface LinkedStop extends StopSignals {
  /** Fires both, with what is wrong as their reason. */
  end(reason: Error): void
  /** Lets go of the user's signals. */
  unlink(): void
}

/** Links to `outer`. By hand: `AbortSignal.any` keeps its signals alive in Node 20. */
export const linkStop = (outer: StopSignals): LinkedStop => {
  const [draining, cutting] = [new AbortController(), new AbortController()]
  const drain = (): void => draining.abort()
  const cut = (): void => cutting.abort()
  if (outer.draining.aborted) drain()
  if (outer.cutting.aborted) cut()
  outer.draining.addEventListener('abort', drain)
  outer.cutting.addEventListener('abort', cut)
  return {
    draining: draining.signal,
    cutting: cutting.signal,
    end: reason => {
      draining.abort(reason)
      cutting.abort(reason)
    },
    unlink: () => {
      outer.draining.removeEventListener('abort', drain)
      outer.cutting.removeEventListener('abort', cut)
    },
  }
}
