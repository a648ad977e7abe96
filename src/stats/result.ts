import type { RunResult } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { makeNotes } from './notes.ts'
import { percentileTable, quotedLevels } from './percentiles.ts'
import { summarize } from './summary.ts'

/** What is known about a run beside its records. */
export interface ResultContext {
  /** Percentile levels, 0 < level < 100; without them the usual nine. */
  readonly levels?: readonly number[] | undefined
  readonly interrupted: boolean
}

/** What a run found, from its plan and its folded records. */
export const makeResult = (
  plan: RunPlan,
  accumulator: Accumulator,
  { levels, interrupted }: ResultContext,
): RunResult => {
  const summary = summarize(accumulator, { expectedRequests: plan.number })
  return {
    plan,
    summary,
    percentiles: percentileTable(accumulator, levels),
    quoted: percentileTable(accumulator, quotedLevels),
    failures: accumulator.failures.list(),
    speed: isSpeedBenchmark(plan) ? accumulator.speedRows() : [],
    interrupted,
    notes: makeNotes(summary, interrupted),
  }
}

const isSpeedBenchmark = ({ dataset }: RunPlan): boolean =>
  dataset.prompt === undefined && /^speed_benchmark(_long)?$/.test(dataset.spec)
