import type { RunSummary } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import { toMs } from './metrics.ts'
import { waitedForSlots } from './schedule.ts'
import { differsNoticeably, isOffRate, isOffSchedule } from './worth-showing.ts'

type Note = string | undefined

/** What is to be said of a paced load's schedule; `undefined` stands for nothing to say. */
export const scheduleNotes = (plan: RunPlan, summary: RunSummary, accumulator: Accumulator): readonly Note[] => {
  if (plan.load.pacing === undefined) return []
  return [
    overdueNote(summary),
    waitingNote(accumulator),
    drawnRateNote(plan, summary, accumulator),
    realisedNote(plan, summary, accumulator),
  ]
}

/** Those who would have waited longest have no record: what the figures leave out must be said. */
const overdueNote = ({ schedule }: RunSummary): Note => {
  const overdue = schedule?.overdueRequests ?? 0
  if (overdue === 0) return undefined
  const [were, they] = overdue === 1 ? ['request was', 'it'] : ['requests were', 'them']
  return `${overdue} ${were} wanted before the run ended but never sent: figures from the schedule do not know ${they} and are too low.`
}

/**
 * The same p99 on both clocks. Counting from sending leaves out how long a request could not be sent, and so hides
 * just the worst moments of a server: coordinated omission.
 */
const waitingNote = (accumulator: Accumulator): Note => {
  const [scheduledUs, sentUs] = [accumulator.scheduledLatencyUs.percentile(99), accumulator.latencyUs.percentile(99)]
  if (scheduledUs === undefined || sentUs === undefined) return undefined
  const [scheduled, sent] = [secondsText(scheduledUs), secondsText(sentUs)]
  if (differsNoticeably(scheduledUs, sentUs)) {
    const hidden = secondsText(scheduledUs - sentUs)
    const cause = waitedForSlots(accumulator) ? 'of waiting for a slot' : 'by which this machine sent too late'
    return `Counted from the schedule, p99 latency is ${scheduled}; counted from sending it would read ${sent} and hide ${hidden} ${cause}.`
  }
  const both =
    scheduled === sent
      ? `the same from the schedule (${scheduled}) and from sending, which hides nothing`
      : `nearly the same from the schedule (${scheduled}) and from sending (${sent}), which hides little`
  return `p99 latency is ${both}: no request waited longer than ${longestWaitText(accumulator)} ms before it was sent.`
}

/** An upper bound: nobody's wait for a slot and delay by us add up to more than the longest of each. */
const longestWaitText = ({ slotWaitUs, latenessUs }: Accumulator): string =>
  decimalText(toMs((slotWaitUs.max ?? 0) + (latenessUs.max ?? 0)) ?? 0, 2)

const drawnRateNote = ({ load, rampUpMs }: RunPlan, { schedule }: RunSummary, { totals }: Accumulator): Note => {
  const drawn = schedule?.drawnRatePerSec
  // While the rate grows, the mean rate is below the one that was asked for.
  if (drawn === undefined || load.pacing?.arrival !== 'poisson' || rampUpMs > 0) return undefined
  const { ratePerSec } = load.pacing
  if (!isOffRate(drawn, ratePerSec)) return undefined
  const chancePercent = decimalText(100 / Math.sqrt(totals.conversations), 0)
  return `The drawn schedule's rate is ${rateText(drawn)} req/s, requested were ${rateText(ratePerSec)}: chance, about ±${chancePercent}% with ${totals.conversations} arrivals; more requests narrow it.`
}

const realisedNote = ({ load }: RunPlan, { schedule }: RunSummary, accumulator: Accumulator): Note => {
  const { scheduledSpanUs, sentSpanUs } = accumulator
  if (scheduledSpanUs === undefined || sentSpanUs === undefined) return undefined
  if (!isOffSchedule(sentSpanUs, scheduledSpanUs)) return undefined
  const realised = rateText(schedule?.realisedRatePerSec ?? 0)
  const why =
    load.kind === 'closed' && waitedForSlots(accumulator)
      ? `the cap of ${load.concurrency} in flight held the rate down to ${realised} req/s`
      : 'this machine did not keep to it'
  return `Requests left over ${secondsText(sentSpanUs)} where the schedule took ${secondsText(scheduledSpanUs)}: ${why}.`
}

// A request in three minutes is a rate, too, and 2 % of it must show.
const rateText = (perSec: number): string => decimalText(perSec, perSec < 1 ? 5 : 2)

const secondsText = (us: number): string => `${decimalText(us / 1_000_000, 3)} s`
