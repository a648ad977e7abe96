import type { ConcurrencySummary, RunSummary } from '../model/result.ts'
import { hasOutputTokens, hasSchedule, type RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import type { Accumulator } from './accumulator.ts'
import { decimalText } from './decimal.ts'
import type { Health, ThreadTotals } from './health.ts'
import { isCarried } from './sample-rule.ts'
import type { Tally } from './tally.ts'

/** What a run is judged by. */
export interface VerdictFacts {
  readonly plan: RunPlan
  readonly summary: RunSummary
  readonly accumulator: Accumulator
  readonly concurrency: ConcurrencySummary | undefined
  readonly health: Health | undefined
  readonly tokens: TokenFindings | undefined
  /** Turns waited before they were sent: slots stood empty because they were meant to. */
  readonly hasThinkTime: boolean
  /** For how long slots stood empty, in all, because the server refused connections. */
  readonly pausedMs: number
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

/** A self-delay below this is that of any read: to stamp and keep it takes 10 us, of ten at once the last 0.1 ms. */
const leastSelfDelayUs = 100

/** Self-delay of the chunks at a percentile, in % of what it falsifies, of the thread where that is worst. */
export const selfDelayPercent =
  (percent: 50 | 99): Measure =>
  facts => {
    const { health } = facts
    const falsified = shortestMedian(facts.accumulator)
    if (health === undefined || falsified === undefined) return undefined
    const all = { who: '', us: health.selfDelayUs }
    const { senders } = health
    const each = senders.map(([thread, { selfDelayUs }]) => ({
      who: senders.length > 1 ? ` of worker thread ${thread}` : '',
      us: selfDelayUs,
    }))
    const [worst] = [all, ...each]
      .flatMap(({ who, us }) => carriedAt(us, percent).map(carried => ({ who, ...carried })))
      .filter(({ us }) => us >= leastSelfDelayUs)
      .sort((a, b) => b.us - a.us)
    if (worst === undefined) return undefined
    const { name, us } = falsified
    const measured = (100 * worst.us) / us
    return {
      measured,
      found: `stamps were ${msText(worst.us)} ms late through this client's own work (p${worst.level}${worst.who}), ${decimalText(measured, 1)}% of the p50 of ${name}, ${msText(us)} ms`,
    }
  }

/** The shortest of the figures that stamps make, by p50; gaps between chunks that shared a read are of no stamp's making. */
const shortestMedian = ({ itlUs, ttftUs, latencyUs }: Accumulator) => {
  const streamed = [
    { name: 'ITL', us: medianAboveZero(itlUs) },
    { name: 'TTFT', us: ttftUs.percentile(50) },
  ]
  const medians = ttftUs.count > 0 ? streamed : [{ name: 'latency', us: latencyUs.percentile(50) }]
  return medians
    .flatMap(({ name, us }) => (us === undefined || us === 0 ? [] : [{ name, us }]))
    .sort((a, b) => a.us - b.us)[0]
}

const medianAboveZero = (us: Tally): number | undefined => {
  const above = us.countAbove(0)
  const rank = us.count - above + (above - 1) / 2
  return above === 0 ? undefined : us.percentile(us.count === 1 ? 100 : (100 * rank) / (us.count - 1))
}

const levels = [99, 95, 90, 75, 50] as const

/** The highest percentile up to `percent` that the samples carry; none above the median where the median is asked for. */
const carriedAt = (us: Tally, percent: 50 | 99): readonly { readonly level: number; readonly us: number }[] => {
  const level = levels.find(
    candidate => candidate <= percent && (percent === 50 || candidate > 50) && isCarried(candidate, us.count),
  )
  const value = level === undefined ? undefined : us.percentile(level)
  return level === undefined || value === undefined ? [] : [{ level, us: value }]
}

/** Time without a core of the thread that sends and had to wait most. */
export const runQueuePercent: Measure = ({ health }) => {
  const worst = worstOf(health, ({ runQueue }) => runQueue.percent)
  if (worst === undefined) return undefined
  const { who, value } = worst
  return { measured: value, found: `${who} was ready to work and had no core ${decimalText(value, 1)}% of the time` }
}

/** Mean wait for a core, in % of what it falsifies, of the thread that sends and had the longest. */
export const coreWaitPercent: Measure = ({ health, accumulator }) => {
  const worst = worstOf(health, totals => totals.meanCoreWaitUs)
  const falsified = shortestMedian(accumulator)
  if (worst === undefined || falsified === undefined || worst.value < leastSelfDelayUs) return undefined
  const measured = (100 * worst.value) / falsified.us
  return {
    measured,
    found: `${worst.who} waited ${msText(worst.value)} ms for a core on average, ${decimalText(measured, 1)}% of the p50 of ${falsified.name}, ${msText(falsified.us)} ms`,
  }
}

/** The highest figure of any thread that sends, and what to call that thread. */
const worstOf = (
  health: Health | undefined,
  figure: (totals: ThreadTotals) => number | undefined,
): { readonly who: string; readonly value: number } | undefined => {
  const { senders = [] } = health ?? {}
  const [worst] = senders
    .flatMap(([thread, totals]) => {
      const value = figure(totals)
      return value === undefined ? [] : [{ thread, value }]
    })
    .sort((a, b) => b.value - a.value)
  if (worst === undefined) return undefined
  const who = senders.length > 1 ? `worker thread ${worst.thread}` : 'the thread that sends'
  return { who, value: worst.value }
}

/** Time in which a CPU quota stopped the process. */
export const throttledPercent: Measure = ({ health }) => {
  const measured = health?.summary?.throttledPercent
  if (measured === undefined) return undefined
  return { measured, found: `a CPU quota stopped this process ${decimalText(measured, 1)}% of the time` }
}

/** Lateness in ms, of a load that has a schedule. */
export const latenessMs: Measure = ({ plan, accumulator }) => {
  const [late] = hasSchedule(plan.load) ? carriedAt(accumulator.latenessUs, 99) : []
  if (late === undefined) return undefined
  return { measured: late.us / 1000, found: `requests left ${msText(late.us)} ms late (p${late.level})` }
}

/** By how many ms the time over which requests left is off that of the schedule, waits for slots counted to this. */
export const offScheduleMs: Measure = ({ plan, accumulator }) => {
  const { possible, onSchedule } = accumulator
  if (!hasSchedule(plan.load) || possible.lengthUs === undefined || onSchedule.lengthUs === undefined) return undefined
  return {
    measured: Math.abs(onSchedule.lengthUs - possible.lengthUs) / 1000,
    found: `requests left over ${secondsText(onSchedule.lengthUs)} where the schedule took ${secondsText(possible.lengthUs)}`,
  }
}

/** Mean in flight of an unpaced closed loop in its steady part, in % of what it is to keep in flight. */
export const inFlightPercent: Measure = ({ plan: { load, number }, summary, concurrency, hasThinkTime, pausedMs }) => {
  const steadyMean = concurrency?.steadyMean
  if (load.kind !== 'closed' || load.pacing !== undefined || hasThinkTime || steadyMean === undefined) return undefined
  // Slots that paused because the server refused them are its doing, and stand in the failures.
  const mean = steadyMean + pausedMs / (summary.durationMs ?? Number.POSITIVE_INFINITY)
  const target = Math.min(load.concurrency, number ?? load.concurrency)
  const measured = (100 * mean) / target
  return {
    measured,
    found: `${decimalText(mean, 2)} of ${target} requests were in flight on average while the load was steady, ${decimalText(measured, 1)}%`,
  }
}

/** Time that requests waited for prompts, in % of the time that they took. */
export const promptWaitPercent: Measure = ({ summary, accumulator }) => {
  const { promptWaiting } = summary
  const tookMs = accumulator.latencyUs.sum / 1000
  if (promptWaiting === undefined || tookMs === 0) return undefined
  const { requests, totalMs, maxMs } = promptWaiting
  const measured = (100 * totalMs) / tookMs
  return {
    measured,
    found: `${requests} requests waited up to ${decimalText(maxMs, 0)} ms for their prompts, in all ${decimalText(measured, 1)}% of all latencies`,
  }
}

/** Successes, in % of what ended by itself. */
export const successPercent: Measure = ({ summary: { successPercent, failedRequests, totalRequests } }) =>
  successPercent === undefined
    ? undefined
    : {
        measured: successPercent,
        found: `${failedRequests} of ${totalRequests} requests failed, ${decimalText(successPercent, 2)}% succeeded`,
      }

/** Mean output, in % of one length that was asked for; only where the server counts all of it. */
export const outputPercent: Measure = ({ plan: { task, request }, summary }) => {
  const asked = request.chosen.maxTokens ?? request.defaults.maxTokens
  const { meanOutputTokens, tokenSources, succeededRequests } = summary
  if (asked === undefined || asked.min !== asked.max || request.chosen.minTokens !== asked.max) return undefined
  if (!hasOutputTokens(task) || meanOutputTokens === undefined) return undefined
  if (tokenSources.usage !== succeededRequests) return undefined
  const measured = (100 * meanOutputTokens) / asked.max
  return {
    measured,
    found: `answers have ${decimalText(meanOutputTokens, 1)} tokens on average, ${decimalText(measured, 1)}% of the ${asked.max} that --min-tokens and --max-tokens ask for`,
  }
}

/** Difference of the server's count of prompts of a given length from the tokenizer's, in % of this. */
export const promptOffPercent: Measure = ({ plan, tokens }) => {
  const input = tokens?.input
  if (!asksForLength(plan) || input?.differencePercent === undefined) return undefined
  const measured = Math.abs(input.differencePercent)
  return {
    measured,
    found: `the server counts ${decimalText(input.meanUsage, 1)} prompt tokens on average where the tokenizer counts ${decimalText(input.meanTokenizer, 1)}, ${decimalText(measured, 1)}% off`,
  }
}

/** Whether prompts have lengths in tokens that somebody asked for. */
const asksForLength = ({ dataset }: RunPlan): boolean =>
  isDrawn(dataset) ||
  dataset.args.target_input_len !== undefined ||
  (dataset.tokenizerPath !== undefined && dataset.minPromptLength === dataset.maxPromptLength)

/** Cached prompt tokens of a run that meant to be cold: of single requests with drawn prompts that share no prefix. */
export const cachedPercent: Measure = ({ plan: { dataset }, summary }) => {
  const isCold = isDrawn(dataset) && dataset.prefixLength === 0 && summary.conversations === undefined
  if (!isCold || summary.cachedPercent === undefined) return undefined
  return {
    measured: summary.cachedPercent,
    found: `the server had ${decimalText(summary.cachedPercent, 1)}% of the prompt tokens in its cache`,
  }
}

/** Whether prompts are drawn token by token, so that no two are alike. */
const isDrawn = ({ spec, prompt }: RunPlan['dataset']): boolean =>
  prompt === undefined && /^random(_[a-z]+)*$/.test(spec)

const msText = (us: number): string => decimalText(us / 1000, 2)

const secondsText = (us: number): string => `${decimalText(us / 1_000_000, 3)} s`
