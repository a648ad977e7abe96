import type { ArgumentValues } from '../../arguments/arguments.ts'
import { leastValues } from '../../arguments/sla-flags.ts'
import type { LoadShape, RunPlan } from '../../model/run-plan.ts'
import type { SlaVariable } from '../../model/sla.ts'
import { twoDigits, wholeNumbers } from '../../stats/sla/scale.ts'
import type { SearchRange } from '../../stats/sla/search.ts'
import type { SweepPoint } from '../points.ts'
import { warmupNumber } from '../warmup.ts'
import { planWorkers } from '../workers.ts'

/** Where a search looks: from the first --parallel or --rate, brought within the bounds. */
export const slaRange = (values: ArgumentValues): SearchRange => {
  const { slaVariable, slaUpperBound: upper } = values
  const lower = values.slaLowerBound ?? leastValues[slaVariable]
  const start = Math.min(upper, Math.max(lower, startOf(values)))
  return { start, lower, upper, scale: slaVariable === 'parallel' ? wholeNumbers : twoDigits }
}

/** A line where the search does not start where the user said. */
export const explainSlaStart = (values: ArgumentValues): readonly string[] => {
  const { start, lower, upper } = slaRange(values)
  const wanted = startOf(values)
  if (start === wanted) return []
  return [
    `--${values.slaVariable} ${wanted} is not within ${lower} to ${upper}, the bounds of the search: it starts at ${start}`,
  ]
}

/** Without a rate, or with that of "not paced", the original starts at 1. */
const startOf = ({ slaVariable, parallel, rate }: ArgumentValues): number => {
  const [first = 1] = slaVariable === 'parallel' ? parallel : (rate ?? [])
  return first > 0 ? first : 1
}

/** The load that a value stands for. */
export const slaLoad = (values: ArgumentValues, value: number): LoadShape => {
  const { slaVariable, slaFixedParallel, arrival } = values
  if (slaVariable === 'parallel') return { kind: 'closed', concurrency: value }
  const pacing = { ratePerSec: value, arrival }
  return slaFixedParallel === undefined
    ? { kind: 'open', pacing }
    : { kind: 'closed', concurrency: slaFixedParallel, pacing }
}

/** Fewest requests of a run at a value. */
export const leastNumber = ({ slaNumberMultiplier }: ArgumentValues, value: number): number =>
  Math.max(1, Math.round(value * slaNumberMultiplier))

/** `sla_parallel_8_run_1`, the directory of a run. */
export const slaRunName = (variable: SlaVariable, value: number, run: number): string =>
  `sla_${variable}_${value}_run_${run}`

/** What one run at a value has of its own. */
export interface SlaRun {
  readonly value: number
  /** From 1 on. */
  readonly run: number
  readonly number: number
  readonly durationMs: number
  /** Conversations that the runs before took from the dataset. */
  readonly taken: number
}

/** The plan of one run at a value; `base` is any plan of the search, with the offset of the first. */
export const planSlaRun = (
  base: RunPlan,
  { values, cores }: { readonly values: ArgumentValues; readonly cores: number },
  { value, run, number, durationMs, taken }: SlaRun,
): RunPlan => {
  const load = slaLoad(values, value)
  return Object.freeze({
    ...base,
    name: slaRunName(values.slaVariable, value, run),
    load,
    number,
    durationMs,
    warmupNumber: warmupNumber(values.warmupNum, number),
    workers: planWorkers(values, { load, number }, cores),
    dataset: Object.freeze({ ...base.dataset, offset: base.dataset.offset + taken }),
  })
}

/** The first run as a sweep of one, for all that is looked at before anything is measured. */
export const firstSlaPoint = (values: ArgumentValues): SweepPoint => {
  const { start } = slaRange(values)
  const number = leastNumber(values, start)
  return {
    name: slaRunName(values.slaVariable, start, 1),
    load: slaLoad(values, start),
    number,
    warmupNumber: warmupNumber(values.warmupNum, number),
  }
}
