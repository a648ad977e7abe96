import type { Arguments } from '../arguments/arguments.ts'
import { unpacedRate } from '../arguments/load-flags.ts'
import type { JsonObject } from '../model/json.ts'
import type { RunPlan } from '../model/run-plan.ts'

/**
 * The flags that make one run of a sweep alone, in place of those that made the sweep: with them it sends the same
 * bodies. Under their names with underscores.
 */
export const pointFlags = ({ load, number, warmupNumber, dataset }: RunPlan, { values }: Arguments): JsonObject => {
  // The warm-up of a trace is among its records.
  const warmup = load.kind === 'trace' ? warmupNumber : 0
  const isSearch = values.slaAutoTune
  return {
    ...(load.kind === 'closed' ? { parallel: [load.concurrency] } : {}),
    ...(values.rate === undefined && !isSearch ? {} : { rate: [load.pacing?.ratePerSec ?? unpacedRate] }),
    ...(number === undefined ? {} : { number: [number + warmup] }),
    dataset_offset: dataset.offset,
    ...(isSearch ? { open_loop: load.kind !== 'closed', sla_auto_tune: false } : {}),
  }
}
