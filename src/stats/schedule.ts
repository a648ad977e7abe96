import type { ScheduleOutcome } from '../model/load-outcome.ts'
import type { ScheduleSummary, Spread } from '../model/result.ts'
import { hasSchedule, type RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { perSecond, toMs } from './metrics.ts'
import type { Tally } from './tally.ts'

/** What became of the schedule of a paced load; undefined where there is none. */
export const scheduleOf = (
  accumulator: Accumulator,
  { load }: RunPlan,
  outcome: ScheduleOutcome | undefined,
): ScheduleSummary | undefined => {
  if (!hasSchedule(load)) return undefined
  const { scheduledSpanUs, sentSpanUs } = accumulator
  const { conversations } = accumulator.totals
  return {
    requestedRatePerSec: load.pacing?.ratePerSec,
    // Between n moments lie n − 1 gaps.
    drawnRatePerSec: outcome?.drawnRatePerSec ?? perSecond(conversations - 1, scheduledSpanUs),
    realisedRatePerSec: perSecond(conversations - 1, sentSpanUs),
    latenessMs: spreadOf(accumulator.latenessUs),
    slotWaitMs: spreadOf(accumulator.slotWaitUs),
    overdueRequests: outcome?.overdueRequests,
    meanLatencyMs: toMs(accumulator.scheduledLatencyUs.mean),
    meanTtftMs: toMs(accumulator.scheduledTtftUs.mean),
  }
}

/** Whether requests that left late waited for a slot more than for us. */
export const waitedForSlots = ({ slotWaitUs, latenessUs }: Accumulator): boolean => slotWaitUs.sum > latenessUs.sum

const spreadOf = (us: Tally): Spread | undefined => {
  const [p50, p99, max] = [us.percentile(50), us.percentile(99), us.max]
  if (p50 === undefined || p99 === undefined || max === undefined) return undefined
  return { p50: p50 / 1000, p99: p99 / 1000, max: max / 1000 }
}
