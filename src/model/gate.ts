/** What became of one condition of `--fail-if`, or of one figure held against a baseline, in one run. */
export interface GateCheck {
  /** Name of the run: `parallel_10_number_100`. */
  readonly run: string
  readonly kind: 'fail-if' | 'baseline'
  /** The condition as it is shown: `p99_ttft > 500`, `p50_ttft worse by more than 10 % and 5 ms`. */
  readonly condition: string
  /** Name of the figure: `p99_ttft`. */
  readonly figure: string
  /** Unit of `value` and `baseline`: `ms`, `s`, `%`, `req/s`, `tok/s`. */
  readonly unit: string
  /** Undefined where the run has no such figure. */
  readonly value: number | undefined
  /** The same figure of the baseline; undefined for `fail-if`, and where that has none. */
  readonly baseline: number | undefined
  readonly verdict: 'passed' | 'failed' | 'unmeasurable'
  /** One plain sentence: what was found, and what it would take where nothing could be found. */
  readonly reason: string
}

/** What became of all gates of a benchmark. */
export interface GateOutcome {
  readonly checks: readonly GateCheck[]
  /** `--advisory`: told, without an effect on the exit code. */
  readonly isAdvisory: boolean
  /** Every check passed. */
  readonly hasPassed: boolean
  /** Names of the runs that passed a gate and are INVALID: what passed there means nothing. */
  readonly invalidRuns: readonly string[]
  /** What is to be said of the baseline; undefined without one. */
  readonly baseline: BaselineFacts | undefined
}

/** What is to be said of the baseline that runs were held against. */
export interface BaselineFacts {
  /** Its directory, as given. */
  readonly path: string
  /** What makes the comparison a doubtful one, such as another model; none where nothing does. */
  readonly doubts: readonly string[]
  /** Of several runs at one load, which one is taken. */
  readonly pairs: readonly string[]
}

/** A condition of `--fail-if`: a run fails where it holds. */
export interface GateCondition {
  /** Name of the figure. */
  readonly figure: string
  readonly operator: '>' | '>=' | '<' | '<='
  /** In the unit of the figure. */
  readonly bound: number
}

/** By how much a figure may be worse than that of the baseline; only beyond both is too much. */
export interface Tolerance {
  /** Name of the figure. */
  readonly figure: string
  readonly percent: number
  /** In the unit of the figure. */
  readonly difference: number
}

/** What the baseline's run at the same load has for a figure, and by how much a run may be worse. */
export interface BaselineFigure extends Tolerance {
  readonly value?: number | undefined
  /** Samples that it rests on. */
  readonly count: number
}

/** All that one run is held against; kept with its plan, so that a stored run is judged as it was. */
export interface RunGates {
  readonly conditions: readonly GateCondition[]
  readonly baseline: readonly BaselineFigure[]
  /** Why there is no baseline to hold it against, although there was to be one. */
  readonly unpaired?: string | undefined
  /** What is to be said of it. */
  readonly heldAgainst?: BaselineFacts | undefined
  /** `--advisory`. */
  readonly isAdvisory: boolean
}
