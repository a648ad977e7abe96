/** Tokens per second; undefined where the server counts none. */
export interface TokenRates {
  /** New and cached. */
  readonly totalPrompt: number | undefined
  /** These two only where the server says what it had cached. */
  readonly newPrompt: number | undefined
  readonly cachedPrompt: number | undefined
  readonly completion: number | undefined
}

/**
 * Token throughput of the successes over parts of a run. Output tokens count when their chunk arrived, prompt tokens
 * when the first token did; without streaming both at the end.
 */
export interface WorkloadThroughput {
  /** Successes. */
  readonly samples: number
  /** First sent to last end, as the summary's duration. */
  readonly wallMs: number
  readonly overall: TokenRates
  /** The last 30 s; a shorter run's whole. */
  readonly last30s: TokenRates
  /** Undefined without a steady window that lasts two mean latencies. */
  readonly steady: TokenRates | undefined
  /** Where it is steady, in ms since the first request was sent. */
  readonly steadyWindow: { readonly fromMs: number; readonly toMs: number } | undefined
}

/** What had arrived by a moment of a run, counted as `WorkloadThroughput` counts. */
export interface TimelinePoint {
  /** Since the first request was sent. */
  readonly tMs: number
  readonly completion: number
  readonly newPrompt: number
  readonly cachedPrompt: number
  /** Mean since the point before. */
  readonly meanInFlight: number
}

/** A run over time. */
export interface Timeline {
  /** When the first request was sent, in whole microseconds since the epoch. */
  readonly startUs: number
  /** Evenly spaced, at most 1000 and the end. */
  readonly points: readonly TimelinePoint[]
}
