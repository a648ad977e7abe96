/** Whether the figures of a run can be trusted: as they are, with doubts, or not at all. */
export type VerdictLevel = 'VALID' | 'SUSPECT' | 'INVALID'

/** What speaks against a run. */
export type ReasonName =
  | 'client slow'
  | 'client starved'
  | 'schedule missed'
  | 'concurrency missed'
  | 'dataset too slow'
  | 'requests failed'
  | 'requests cut off'
  | 'not what was asked'
  | 'too few samples'

/** One reason why a run is not VALID. */
export interface VerdictReason {
  readonly name: ReasonName
  readonly level: 'SUSPECT' | 'INVALID'
  /** What was measured, and the bound that it is beyond, in `unit`. */
  readonly measured: number
  readonly bound: number
  readonly unit: '%' | 'ms'
  /** What was found, what it spoils, and what to do. */
  readonly message: string
}

/** Whether the figures of a run can be trusted, and why not. */
export interface Verdict {
  /** Undefined where nothing speaks against a run that nobody can call VALID: `statement` says why. */
  readonly level: VerdictLevel | undefined
  readonly reasons: readonly VerdictReason[]
  /** Why a run cannot be judged as a whole. */
  readonly statement: string | undefined
}
