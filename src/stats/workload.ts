import type { ConcurrencySummary, GaugeReading, RunResult, TokenRates, WorkloadThroughput } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Accumulator } from './accumulator.ts'
import { perSecond, toMs } from './metrics.ts'
import { steadyWindow, type Window } from './steady-window.ts'
import { timelineOf } from './timeline.ts'
import type { TokenAmounts, TokenTimeline } from './token-timeline.ts'

/** Length of the window at the end of a run that has a throughput of its own, in s. */
export const lastWindowSec = 30

/** How the work of a run was spread over its time; `gauge` is what the load loop counted itself. */
export const workloadOf = (
  accumulator: Accumulator,
  plan: RunPlan,
  gauge: GaugeReading | undefined,
): Pick<RunResult, 'throughput' | 'concurrency' | 'timeline'> => {
  const steady = steadyWindow(accumulator, plan)
  return {
    throughput: throughputOf(accumulator, steady),
    concurrency: concurrencyOf(accumulator, steady, gauge),
    timeline: timelineOf(accumulator),
  }
}

const throughputOf = (accumulator: Accumulator, steady: Window | undefined): WorkloadThroughput | undefined => {
  const { durationUs, firstSentUs = 0, tokens, totals } = accumulator
  const wallMs = toMs(durationUs)
  if (totals.succeeded === 0 || wallMs === undefined) return undefined
  // From the totals, not from the window: this is the summary's output throughput, to the last digit.
  const overall = ratesOf(tokens, tokens.totals, durationUs)
  return {
    samples: totals.succeeded,
    wallMs,
    overall,
    last30s: lastRates(accumulator) ?? overall,
    steady: steady && ratesWithin(tokens, steady),
    steadyWindow: steady && { fromMs: (steady.fromUs - firstSentUs) / 1000, toMs: (steady.toUs - firstSentUs) / 1000 },
  }
}

/** Undefined for a run that is not longer than the window. */
const lastRates = ({ ended, tokens }: Accumulator): TokenRates | undefined => {
  const { lengthUs = 0, lastUs = 0 } = ended
  const windowUs = lastWindowSec * 1_000_000
  return lengthUs <= windowUs ? undefined : ratesWithin(tokens, { fromUs: lastUs - windowUs, toUs: lastUs })
}

const ratesWithin = (tokens: TokenTimeline, { fromUs, toUs }: Window): TokenRates =>
  ratesOf(tokens, tokens.tokensBetween(fromUs, toUs), toUs - fromUs)

const ratesOf = (
  { inputCounts, outputCounts, cachedCounts }: TokenTimeline,
  { completion, newPrompt, cachedPrompt }: TokenAmounts,
  spanUs: number | undefined,
): TokenRates => {
  const rateOf = (amount: number, counts: number): number | undefined =>
    counts > 0 ? perSecond(amount, spanUs) : undefined
  return {
    totalPrompt: rateOf(newPrompt + cachedPrompt, inputCounts),
    // A server that says nothing of its cache may well have one.
    newPrompt: rateOf(newPrompt, cachedCounts),
    cachedPrompt: rateOf(cachedPrompt, cachedCounts),
    completion: rateOf(completion, outputCounts),
  }
}

const concurrencyOf = (
  { inFlight }: Accumulator,
  steady: Window | undefined,
  gauge: GaugeReading | undefined,
): ConcurrencySummary | undefined => {
  const { mean, max } = inFlight
  if (mean === undefined) return undefined
  return { mean, max, steadyMean: steady && inFlight.meanBetween(steady.fromUs, steady.toUs), gauge }
}
