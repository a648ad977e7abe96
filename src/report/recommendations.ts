import type { RunResult } from '../model/result.ts'
import type { LoadShape, RunPlan } from '../model/run-plan.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { formatSuccess, formatWithUnit, toSeconds } from './format.ts'
import { givenRateText } from './load-cells.ts'

/** Below this success rate at the highest load, in percent, the load itself is in question. */
const lowSuccessPercent = 95

/** Above this growth of the mean latency from lowest to highest load, queueing dominates. */
const steepLatencyGrowth = 3

/** A run's load in words: `Parallel 10 / Rate 5 rps / Number 100`. */
export const runLabel = ({ load, number, durationMs }: RunPlan): string =>
  [
    ...(load.kind === 'closed' ? [`Parallel ${load.concurrency}`] : []),
    ...(load.kind === 'trace' ? ['Trace'] : []),
    ...(load.pacing === undefined ? [] : [`Rate ${givenRateText(load.pacing.ratePerSec)} rps`]),
    number === undefined ? formatWithUnit('durationSeconds', toSeconds(durationMs), 's') : `Number ${number}`,
  ].join(' / ')

/** Runs from the lowest to the highest load, by concurrency and then by rate; no limit is the highest. */
export const byLoad = (results: readonly RunResult[]): readonly RunResult[] =>
  results.toSorted((a, b) => compareLoads(a.plan.load, b.plan.load))

const compareLoads = (a: LoadShape, b: LoadShape): number =>
  compareLimits(concurrencyOf(a), concurrencyOf(b)) || compareLimits(a.pacing?.ratePerSec, b.pacing?.ratePerSec)

const concurrencyOf = (load: LoadShape): number | undefined => (load.kind === 'closed' ? load.concurrency : undefined)

/** Two limits that are not there are equal, which Infinity − Infinity would not say. */
const compareLimits = (a: number | undefined, b: number | undefined): number =>
  a === b ? 0 : (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY)

/** The runs with the highest throughput and the lowest latency, as names and values; the lower load wins a tie. */
export const bestConfiguration = (results: readonly RunResult[]): readonly (readonly [string, string])[] => {
  const runs = byLoad(results)
  const fastest = bestBy(runs, requestsPerSec)
  const quickest = bestBy(runs, ({ summary }) => negated(summary.meanLatencyMs))
  const latency = toSeconds(quickest?.summary.meanLatencyMs)
  return [
    ...(fastest === undefined ? [] : [valued('Highest RPS', fastest, rateText(fastest))]),
    ...(quickest === undefined
      ? []
      : [valued('Lowest Latency', quickest, formatWithUnit('latencySeconds', latency, 's'))]),
  ]
}

/** What the sweep as a whole suggests; empty unless it has two different loads. */
export const recommendations = (results: readonly RunResult[]): readonly string[] => {
  const runs = byLoad(results)
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) return []
  if (compareLoads(first.plan.load, last.plan.load) === 0) return []
  return [loadAdvice(runs, first, last), successAdvice(last), latencyAdvice(first, last)].filter(
    advice => advice !== undefined,
  )
}

type Advice = string | undefined

const loadAdvice = (runs: readonly RunResult[], first: RunResult, last: RunResult): Advice => {
  const best = bestBy(runs, requestsPerSec)
  if (best === undefined) return undefined
  // More load is no advice where the highest already fails requests.
  if (best === last && hasLowSuccess(last)) return undefined
  if (best === last) {
    return 'The system has not reached its performance bottleneck. Consider testing with higher load levels.'
  }
  if (best === first) return 'Consider lowering the load; it may be too high for the system.'
  return `Optimal configuration appears to be around ${runLabel(best.plan)}.`
}

const successAdvice = (last: RunResult): Advice =>
  hasLowSuccess(last)
    ? `Success rate at highest load (${runLabel(last.plan)}) is ${formatSuccess(last.summary.successPercent)}. Check system resources or reduce the load.`
    : undefined

const hasLowSuccess = ({ summary }: RunResult): boolean =>
  summary.successPercent !== undefined && summary.successPercent < lowSuccessPercent

const latencyAdvice = (first: RunResult, last: RunResult): Advice => {
  const [lowest, highest] = [first.summary.meanLatencyMs, last.summary.meanLatencyMs]
  if (lowest === undefined || highest === undefined || lowest === 0) return undefined
  const growth = highest / lowest
  if (growth <= steepLatencyGrowth) return undefined
  const times = roundHalfUp(growth, 1).toFixed(1)
  return `Latency grew ${times}× from lowest to highest load. The system may be under significant stress.`
}

const requestsPerSec = ({ summary }: RunResult): number | undefined => summary.requestsPerSec

const negated = (value: number | undefined): number | undefined => (value === undefined ? undefined : -value)

const rateText = (run: RunResult): string => formatWithUnit('rate', run.summary.requestsPerSec, 'req/s')

const valued = (name: string, run: RunResult, value: string): readonly [string, string] => [
  name,
  `${runLabel(run.plan)} (${value})`,
]

/** The first run with the highest score; runs without one are passed over. */
const bestBy = (runs: readonly RunResult[], scoreOf: (run: RunResult) => number | undefined): RunResult | undefined => {
  let best: { readonly run: RunResult; readonly score: number } | undefined
  for (const run of runs) {
    const score = scoreOf(run)
    if (score !== undefined && (best === undefined || score > best.score)) best = { run, score }
  }
  return best?.run
}
