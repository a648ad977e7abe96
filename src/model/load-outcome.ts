/** What the load loop knows of a run and its records do not; there is none of it on replay. */
export interface LoadOutcome {
  /** Of a paced load. */
  readonly schedule?: ScheduleOutcome | undefined
  readonly promptWaiting?: PromptWaiting | undefined
  /** When slots of a closed loop paused because they had got no connection; undefined where none did. */
  readonly pauses?: readonly PausedSecond[] | undefined
}

/** A second since the epoch, and for how long slots paused in it, summed over the slots; in µs. */
export type PausedSecond = readonly [second: number, us: number]

/** What the load loop knows of a schedule and the records do not: those that were wanted but never sent have none. */
export interface ScheduleOutcome {
  readonly overdueRequests: number
  /** (requests − 1) / (last − first wanted), over all that were wanted before the end. */
  readonly drawnRatePerSec: number | undefined
}

/** How long requests waited for their prompts, in ms: a slot was free, or their time had come. */
export interface PromptWaiting {
  readonly requests: number
  readonly totalMs: number
  readonly maxMs: number
}
