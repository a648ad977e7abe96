import type { RunSummary } from '../model/result.ts'
import { hasSchedule, type RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import { waitedForSlots } from './schedule.ts'
import {
  differsNoticeably,
  isChance,
  isLate,
  isOffRate,
  isOffSchedule,
  isSlowBeside,
  scheduled,
} from './worth-showing.ts'

type Note = string | undefined

/**
 * What is to be said of a paced load's schedule; `undefined` stands for nothing to say. That this machine missed it is
 * left out where the verdict says so.
 */
export const scheduleNotes = (
  plan: RunPlan,
  summary: RunSummary,
  accumulator: Accumulator,
  isMissSaid: boolean,
): readonly Note[] => {
  if (!hasSchedule(plan.load)) return []
  return [
    overdueNote(plan, summary, accumulator),
    clocksNote(summary, accumulator),
    isMissSaid ? undefined : latenessNote(accumulator),
    drawnRateNote(plan, summary, accumulator),
    heldDownNote(plan, summary, accumulator),
  ]
}

/** Those who would have waited longest have no record: what the figures leave out must be said. */
const overdueNote = ({ load }: RunPlan, summary: RunSummary, { totals }: Accumulator): Note => {
  const overdue = summary.schedule?.overdueRequests ?? 0
  // The last one before a deadline may just miss it.
  if (overdue === 0 || (load.kind !== 'closed' && isChance(overdue, totals.conversations))) return undefined
  const [were, they] = overdue === 1 ? [' was', 'it'] : ['s were', 'them']
  return `${overdue} ${scheduled(summary).noun}${were} wanted before the run ended but never sent: figures from the schedule do not know ${they} and are too low.`
}

const comparedLevels = [50, 90, 99] as const

/**
 * Latency on both clocks. Counting from sending leaves out how long a request could not be sent, and so hides just the
 * worst moments of a server: coordinated omission.
 */
const clocksNote = ({ schedule, cutOffRequests }: RunSummary, accumulator: Accumulator): Note => {
  const { scheduledLatencyUs, latencyUs, longestDelayUs } = accumulator
  const pairs = comparedLevels.map(
    level => [scheduledLatencyUs.percentile(level), latencyUs.percentile(level)] as const,
  )
  const known = pairs.filter(
    (pair): pair is readonly [number, number] => pair[0] !== undefined && pair[1] !== undefined,
  )
  if (known.length === 0) return undefined
  if (known.some(([scheduledUs, sentUs]) => differsNoticeably(scheduledUs, sentUs))) {
    const hidden = Math.max(...known.map(([scheduledUs, sentUs]) => scheduledUs - sentUs))
    const cause = waitedForSlots(accumulator) ? 'of waiting for a slot' : 'by which this machine sent too late'
    const [scheduled, sent] = [0, 1].map(clock => known.map(pair => secondsText(pair[clock] as number)).join(' / '))
    return `Counted from the schedule, p50 / p90 / p99 of latency are ${scheduled}; counted from sending they would read ${sent} and hide up to ${secondsText(hidden)} ${cause}.`
  }
  // What was cut off or never sent might have told otherwise.
  if (cutOffRequests > 0 || (schedule?.overdueRequests ?? 0) > 0 || !hasSlowMoments(accumulator)) return undefined
  return `Latency is the same from the schedule and from sending (p50, p90 and p99), which hides nothing: no request waited longer than ${msText(longestDelayUs)} ms before it was sent.`
}

/** Whether some waited much longer for an answer than others, so that one may ask what was not even sent then. */
const hasSlowMoments = ({ ttftUs, latencyUs }: Accumulator): boolean => {
  const us = ttftUs.count > 0 ? ttftUs : latencyUs
  return isSlowBeside(us.percentile(99), us.percentile(10))
}

/** Our own delay, apart from any wait for a slot, against what it falsifies. */
const latenessNote = ({ latenessUs, ttftUs }: Accumulator): Note => {
  const p99Us = latenessUs.percentile(99)
  if (p99Us === undefined || !isLate(p99Us, ttftUs.percentile(50))) return undefined
  return `This machine sent late: p99 of the lateness is ${msText(p99Us)} ms. It was too busy, or stood still; what it measured meanwhile is its own time, too.`
}

const msText = (us: number): string => decimalText(us / 1000, 2)

const drawnRateNote = ({ load, rampUpMs }: RunPlan, summary: RunSummary, { totals }: Accumulator): Note => {
  const drawn = summary.schedule?.drawnRatePerSec
  // While the rate grows, the mean rate is below the one that was asked for.
  if (drawn === undefined || load.pacing?.arrival !== 'poisson' || rampUpMs > 0) return undefined
  const { ratePerSec } = load.pacing
  if (!isOffRate(drawn, ratePerSec)) return undefined
  const chancePercent = decimalText(100 / Math.sqrt(totals.conversations), 0)
  return `The drawn schedule's rate is ${rateText(drawn)} ${scheduled(summary).unit}, requested were ${rateText(ratePerSec)}: chance, about ±${chancePercent}% with ${totals.conversations} arrivals; more requests narrow it.`
}

/** What the cap on requests in flight made of the rate; that this machine did not keep to it, the verdict says. */
const heldDownNote = ({ load }: RunPlan, summary: RunSummary, accumulator: Accumulator): Note => {
  const { scheduledSpanUs, sentSpanUs } = accumulator
  if (scheduledSpanUs === undefined || sentSpanUs === undefined) return undefined
  if (load.kind !== 'closed' || !waitedForSlots(accumulator)) return undefined
  if (!isOffSchedule(sentSpanUs, scheduledSpanUs)) return undefined
  const { noun, unit } = scheduled(summary)
  const realised = `${rateText(summary.schedule?.realisedRatePerSec ?? 0)} ${unit}`
  return `${noun === 'request' ? 'Requests left' : 'Conversations began'} over ${secondsText(sentSpanUs)} where the schedule took ${secondsText(scheduledSpanUs)}: the cap of ${load.concurrency} in flight held the rate down to ${realised}.`
}

// A request in three minutes is a rate, too, and 2 % of it must show.
const rateText = (perSec: number): string => decimalText(perSec, perSec < 1 ? 5 : 2)

const secondsText = (us: number): string => `${decimalText(us / 1_000_000, 3)} s`
