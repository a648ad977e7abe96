/** What a request has to keep to be good: at most so many ms. */
export interface Objective {
  readonly figure: 'latency' | 'ttft' | 'ttfat' | 'tpot'
  readonly limitMs: number
}

/** How often one objective was not met, over successes; a request may miss several. */
export interface ObjectiveOutcome extends Objective {
  readonly missed: number
  /** Without the figure, which therefore nobody can call met. */
  readonly unmeasured: number
}

/** Requests that met all objectives of the plan, and why the others did not. */
export interface GoodputSummary {
  readonly goodRequests: number
  /** Per second of the duration. */
  readonly requestsPerSec: number | undefined
  /** Of all that ended by themselves: a failure meets nothing. */
  readonly percent: number | undefined
  readonly objectives: readonly ObjectiveOutcome[]
}
