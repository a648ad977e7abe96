import type { LoadShape } from './run-plan.ts'
import type { Verdict } from './verdict.ts'

/** What is compared of two runs, under the names that gates know them by. */
export type ComparedMetric =
  | 'avg_latency'
  | 'p50_latency'
  | 'p99_latency'
  | 'avg_ttft'
  | 'p50_ttft'
  | 'p99_ttft'
  | 'avg_itl'
  | 'p50_itl'
  | 'p99_itl'
  | 'avg_tpot'
  | 'p50_tpot'
  | 'p99_tpot'
  | 'tps'
  | 'input_tps'
  | 'rps'
  | 'success_rate'

/** What is found of a metric: of the run that is held against the baseline. */
export type ComparisonVerdict = 'better' | 'worse' | 'no difference seen' | 'too few samples'

/** One metric of two runs. Durations in ms, rates per second, shares in percent. */
export interface ComparisonRow {
  readonly metric: ComparedMetric
  /** Of the baseline; undefined where it has no such figure. */
  readonly baseline: number | undefined
  readonly value: number | undefined
  /** `value` − `baseline` in percent of it; for a share in percentage points. Undefined where either is. */
  readonly change: number | undefined
  /** Where the change is, at the level that Holm's method leaves to this row; undefined where the sample cannot say. */
  readonly interval: { readonly from: number; readonly to: number } | undefined
  readonly verdict: ComparisonVerdict
}

/** What counts as a first token: output, or evalscope's first event with `choices`. */
export type FirstToken = 'output' | 'chunk'

/** A benchmark that is compared. */
export interface ComparedFacts {
  /** `A` is the baseline. */
  readonly letter: string
  /** As it was given. */
  readonly path: string
  /** Short, and not that of another one. */
  readonly name: string
  readonly model: string
  /** Python's evalscope made it. */
  readonly isOriginal: boolean
}

/** One run of a pair. */
export interface ComparedSide {
  /** Of its directory. */
  readonly name: string
  /** That ended by themselves. */
  readonly requests: number
  /** Undefined for runs of the original, which judges none. */
  readonly verdict: Verdict | undefined
}

/** Two runs of the same load. */
export interface RunComparison {
  readonly load: LoadShape
  readonly baseline: ComparedSide
  readonly other: ComparedSide
  readonly rows: readonly ComparisonRow[]
  /** Requests that it would take to compare anything; undefined where both have as many. */
  readonly requestsNeeded: number | undefined
}

/** What is not the same in the arguments, versions, files … of two benchmarks. */
export interface Difference {
  readonly what: string
  readonly before: string
  readonly after: string
}

/** One benchmark held against the baseline. */
export interface BenchmarkComparison {
  readonly other: ComparedFacts
  /** Undefined where the arguments of one of them are lost. */
  readonly differences: readonly Difference[] | undefined
  /** Flags of load and length that are not the same, which are no difference of the pairs: `--parallel`, `--number`. */
  readonly unlikeLoads: readonly string[]
  readonly isSameDirectory: boolean
  readonly runs: readonly RunComparison[]
  /** Runs whose load the other one has not, by its letter: `A parallel_50_number_500`. */
  readonly unpaired: readonly string[]
}

/** One run in a picture. */
export interface ComparedPoint {
  readonly load: LoadShape
  /** As in rows; what the run has no figure for is not there. */
  readonly values: ReadonlyMap<ComparedMetric, number>
  readonly failed: number
  readonly verdict: Verdict | undefined
}

/** All runs of a benchmark, with a partner or without. */
export interface ComparedCurve {
  readonly facts: ComparedFacts
  readonly points: readonly ComparedPoint[]
}

/** All benchmarks held against the first. */
export interface Comparison {
  readonly baseline: ComparedFacts
  readonly others: readonly BenchmarkComparison[]
  /** Of all benchmarks, the baseline first. */
  readonly curves: readonly ComparedCurve[]
  readonly firstToken: FirstToken
}
