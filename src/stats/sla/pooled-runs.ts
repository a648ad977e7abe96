import type { RunResult, RunSummary, ScheduleSummary } from '../../model/result.ts'
import type { RunPlan } from '../../model/run-plan.ts'
import type { Verdict, VerdictLevel } from '../../model/verdict.ts'
import type { Accumulator } from '../accumulator.ts'
import { conversationTable } from '../conversation-summary.ts'
import { perSecond } from '../metrics.ts'
import { percentileTable, quotedLevels } from '../percentiles.ts'
import { summarize } from '../summary.ts'
import { isOnlyTooShort, tooShortText } from '../verdict.ts'

/**
 * Several runs of one load as if they had been one: their samples are one sample, so that no percentile is averaged, and
 * throughput is what all of them did by the sum of their durations, without the pauses between them. What belongs to a
 * moment of a run, such as its steady window, is left out. `accumulator` has merged those of all runs; `name` is that of
 * the whole.
 */
export const poolRuns = (
  name: string,
  results: readonly [RunResult, ...RunResult[]],
  accumulator: Accumulator,
): RunResult => {
  const [first] = results
  // Time may have ended the runs before all that were planned were sent.
  const plan: RunPlan = { ...first.plan, name, number: sum(results.map(numberOf)) }
  const levels = first.percentiles.levels.filter(level => typeof level === 'number')
  return {
    ...first,
    plan,
    summary: pooledSummary(accumulator, plan, results),
    percentiles: percentileTable(accumulator, plan, levels),
    quoted: percentileTable(accumulator, plan, quotedLevels),
    failures: accumulator.failures.list(),
    conversations: conversationTable(accumulator.conversations),
    throughput: undefined,
    concurrency: undefined,
    timeline: undefined,
    health: undefined,
    tokens: undefined,
    verdict: worstVerdict(results),
    datasetFailed: results.some(({ datasetFailed }) => datasetFailed),
    interrupted: results.some(({ interrupted }) => interrupted),
    notes: [poolNote(results.length)],
  }
}

const numberOf = ({ summary }: RunResult): number => summary.conversations?.begun ?? summary.totalRequests

const poolNote = (count: number): string =>
  count === 1
    ? 'A search measured this value in one run.'
    : `A search measured this value in ${count} runs: their samples are one sample, and rates are sums over the sum of their durations.`

const pooledSummary = (accumulator: Accumulator, plan: RunPlan, results: readonly RunResult[]): RunSummary => {
  const summaries = results.map(({ summary }) => summary)
  const { totals, outputTokens } = accumulator
  const durationUs = sum(summaries.map(({ durationMs }) => durationMs && durationMs * 1000))
  const whole = summarize(accumulator, plan)
  const rate = (count: number | undefined): number | undefined => perSecond(count, durationUs)
  return {
    ...whole,
    expectedRequests: sum(summaries.map(({ expectedRequests }) => expectedRequests)),
    durationMs: durationUs && durationUs / 1000,
    requestsPerSec: rate(whole.requestsPerSec && totals.succeeded),
    outputTokensPerSec: rate(whole.outputTokensPerSec && outputTokens.sum),
    totalTokensPerSec: rate(whole.totalTokensPerSec && totals.totalTokens),
    inputTokensPerSec: rate(whole.inputTokensPerSec && accumulator.inputTokens.sum),
    outputTokensPerSecToLastSuccess: undefined,
    inputTokensPerSecToLastSuccess: undefined,
    schedule: whole.schedule && pooledSchedule(whole.schedule, summaries),
    goodput: accumulator.good?.summarize(totals.succeeded + totals.failed, durationUs),
  }
}

/** Rates between the first and the last moment of each run, not of all of them. */
const pooledSchedule = (schedule: ScheduleSummary, summaries: readonly RunSummary[]): ScheduleSummary => ({
  ...schedule,
  drawnRatePerSec: meanByDuration(summaries, summary => summary.schedule?.drawnRatePerSec),
  realisedRatePerSec: meanByDuration(summaries, summary => summary.schedule?.realisedRatePerSec),
  overdueRequests: sum(summaries.map(summary => summary.schedule?.overdueRequests)),
})

const meanByDuration = (
  summaries: readonly RunSummary[],
  rateOf: (summary: RunSummary) => number | undefined,
): number | undefined => {
  const known = summaries.flatMap(summary => {
    const [ratePerSec, durationMs] = [rateOf(summary), summary.durationMs]
    return ratePerSec === undefined || durationMs === undefined ? [] : [{ ratePerSec, durationMs }]
  })
  const allMs = known.reduce((total, { durationMs }) => total + durationMs, 0)
  if (allMs === 0) return undefined
  return known.reduce((total, { ratePerSec, durationMs }) => total + ratePerSec * durationMs, 0) / allMs
}

/** Undefined where none of them is known. */
const sum = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0)
}

/** A sample is no better than its worst part. One that was over too soon has nothing against it beside others. */
const worstVerdict = (all: readonly RunResult[]): Verdict => {
  const results = all.some(result => !isOnlyTooShort(result))
    ? all.filter(result => result.verdict.level !== undefined || !isOnlyTooShort(result))
    : all
  const verdicts = results.map(({ verdict }) => verdict)
  const reasons = verdicts.flatMap(verdict => verdict.reasons)
  const names = new Set(reasons.map(({ name }) => name))
  return {
    level: byWeight.find(level => verdicts.some(verdict => verdict.level === level)),
    reasons: [...names].flatMap(name => reasons.find(reason => reason.name === name) ?? []),
    statement: pooledStatement(results),
  }
}

const pooledStatement = (results: readonly RunResult[]): string | undefined => {
  const others = results.filter(result => !isOnlyTooShort(result))
  if (others.length > 0) return others.find(({ verdict }) => verdict.statement !== undefined)?.verdict.statement
  const longestMs = Math.max(0, ...results.map(({ summary }) => summary.durationMs ?? 0))
  return results.length === 1 ? results[0]?.verdict.statement : tooShortText('the longest of its runs', longestMs)
}

const byWeight: readonly (VerdictLevel | undefined)[] = ['INVALID', 'SUSPECT', undefined, 'VALID']
