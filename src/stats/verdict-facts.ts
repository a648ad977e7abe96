import type { PausedSecond } from '../model/load-outcome.ts'
import type { NamedReading } from '../model/named-figure.ts'
import type { RunSummary } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import type { Accumulator } from './accumulator.ts'
import type { Health } from './health.ts'

/** What a run is judged by. */
export interface VerdictFacts {
  readonly plan: RunPlan
  readonly summary: RunSummary
  readonly accumulator: Accumulator
  readonly health: Health | undefined
  readonly tokens: TokenFindings | undefined
  /** Turns waited before they were sent: slots stood empty because they were meant to. */
  readonly hasThinkTime: boolean
  /** When, and for how long, slots stood empty because the server refused connections. */
  readonly pauses: readonly PausedSecond[]
  /** What gates rest on. */
  readonly figures?: readonly NamedReading[] | undefined
  readonly interrupted: boolean
  readonly datasetFailed: boolean
  /** Why nobody can judge the run as a whole, where more is known of that than the rest tells. */
  readonly statement?: string | undefined
}

/** What was measured: a figure in the unit of its rule, and a sentence about it without its end. */
export interface Measurement {
  readonly measured: number
  readonly found: string
}

/** Measures for a rule; undefined where it has nothing to measure, or too little. */
export type Measure = (facts: VerdictFacts) => Measurement | undefined
