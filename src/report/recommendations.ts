import type { RunResult } from '../model/result.ts'
import type { LoadShape, RunPlan } from '../model/run-plan.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { formatSuccess, formatWithUnit, toSeconds } from './format.ts'
import { givenRateText } from './load-cells.ts'

/** Below this success rate at the highest load, in percent, the load itself is in question. */
const lowSuccessPercent = 95

/** Above this growth of the mean latency, or TTFT, from lowest to highest load, queueing dominates. */
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

/**
 * The runs with the highest throughput and the lowest latency, as names and values; the lower load wins a tie. Figures
 * of an INVALID run recommend nothing, nor do those of one that was interrupted.
 */
export const bestConfiguration = (results: readonly RunResult[]): readonly (readonly [string, string])[] => {
  const runs = byLoad(results).filter(run => isUsable(run) && !run.interrupted)
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

/** Whether the figures of a run may be compared: those of an INVALID one may not. */
export const isUsable = ({ verdict }: RunResult): boolean => verdict.level !== 'INVALID'

/** What the sweep as a whole suggests, as far as its runs are not INVALID; empty unless it has two different loads. */
export const recommendations = (results: readonly RunResult[]): readonly string[] => {
  const runs = byLoad(results).filter(({ interrupted }) => !interrupted)
  const [first, last] = [runs[0], runs.at(-1)]
  if (first === undefined || last === undefined) return []
  if (compareLoads(first.plan.load, last.plan.load) === 0) return []
  const latency = latencyAdvice(runs)
  return [loadAdvice(runs, { isLatencySteep: latency !== undefined }), successAdvice(runs, last), latency].filter(
    advice => advice !== undefined,
  )
}

/** What has this share of a throughput has the same. */
const sameShare = 0.95

/**
 * The load beyond which throughput no longer grows, of runs in the order of `byLoad`: the last but one, where its
 * requests or its output tokens per second are hardly below those of the last. Undefined where both are, or nothing tells.
 */
export const lastGrowth = (runs: readonly RunResult[]): RunResult | undefined => {
  const known = runs.filter(run => isUsable(run) && run.summary.requestsPerSec !== undefined)
  const last = known.at(-1)
  const earlier = known.findLast(({ plan }) => last !== undefined && compareLoads(plan.load, last.plan.load) < 0)
  if (earlier === undefined || last === undefined) return undefined
  const isSame = (rateOf: (run: RunResult) => number | undefined): boolean => {
    const [before, after] = [rateOf(earlier), rateOf(last)]
    return before !== undefined && after !== undefined && after > 0 && before >= sameShare * after
  }
  return isSame(requestsPerSec) || isSame(({ summary }) => summary.outputTokensPerSec) ? earlier : undefined
}

type Advice = string | undefined

const loadAdvice = (runs: readonly RunResult[], { isLatencySteep }: { isLatencySteep: boolean }): Advice => {
  const usable = runs.filter(isUsable)
  const [best, last] = [bestBy(usable, requestsPerSec), runs.at(-1)]
  if (best === undefined || last === undefined) return undefined
  const isBelow = compareLoads(best.plan.load, last.plan.load) < 0
  if (best === usable.at(-1) && isBelow && !hasLowSuccess(last)) {
    return `Throughput was highest at ${markedLabel(best)}, the highest load that is not INVALID; what the system does above it is not known.`
  }
  // More load is no advice where the highest already fails requests.
  if (best === last && hasLowSuccess(last)) return undefined
  if (best === last) return highestIsBest(runs, isLatencySteep)
  if (best === usable[0] && usable.length > 1) return 'Consider lowering the load; it may be too high for the system.'
  return `Optimal configuration appears to be around ${markedLabel(best)}.`
}

/** How many times as much it is at the highest load as at the lowest, where that is steep. */
const steepGrowth = (lowest: number | undefined, highest: number | undefined): string | undefined => {
  if (lowest === undefined || highest === undefined || lowest === 0) return undefined
  const growth = highest / lowest
  return growth > steepLatencyGrowth ? `${roundHalfUp(growth, 1).toFixed(1)}×` : undefined
}

const highestIsBest = (runs: readonly RunResult[], isLatencySteep: boolean): string => {
  const growthEnd = lastGrowth(runs)
  if (growthEnd !== undefined) {
    return `Throughput no longer grows beyond ${markedLabel(growthEnd)}, which has at least 95 % of that at the highest load.`
  }
  if (isLatencySteep) return 'Throughput was highest at the highest load, at the cost of latency.'
  const usable = runs.filter(isUsable)
  const ttftGrowth = steepGrowth(usable[0]?.summary.meanTtftMs, usable.at(-1)?.summary.meanTtftMs)
  if (ttftGrowth !== undefined) {
    return `Throughput was highest at the highest load, while TTFT grew ${ttftGrowth}: requests may be queueing.`
  }
  return 'The system has not reached its performance bottleneck. Consider testing with higher load levels.'
}

const successAdvice = (runs: readonly RunResult[], last: RunResult): Advice => {
  if (!hasLowSuccess(last)) return undefined
  const successOf = ({ summary }: RunResult): number => summary.successPercent ?? 0
  const isBetterBelow = runs.some(run => successOf(run) > successOf(last))
  const found = `Success rate at highest load (${runLabel(last.plan)}) is ${formatSuccess(last.summary.successPercent)}`
  return isBetterBelow
    ? `${found}. Check system resources or reduce the load.`
    : `${found}, and no better at lower ones: look at the failures.`
}

const hasLowSuccess = ({ summary }: RunResult): boolean =>
  summary.successPercent !== undefined && summary.successPercent < lowSuccessPercent

const latencyAdvice = (runs: readonly RunResult[]): Advice => {
  const usable = runs.filter(isUsable)
  const [first, last] = [usable[0], usable.at(-1)]
  const growth = steepGrowth(first?.summary.meanLatencyMs, last?.summary.meanLatencyMs)
  if (growth === undefined) return undefined
  const which = first === runs[0] && last === runs.at(-1) ? '' : ' that is not INVALID'
  return `Latency grew ${growth} from lowest to highest load${which}. The system may be under significant stress.`
}

const requestsPerSec = ({ summary }: RunResult): number | undefined => summary.requestsPerSec

const negated = (value: number | undefined): number | undefined => (value === undefined ? undefined : -value)

const rateText = (run: RunResult): string => formatWithUnit('rate', run.summary.requestsPerSec, 'req/s')

const valued = (name: string, run: RunResult, value: string): readonly [string, string] => [
  name,
  `${runLabel(run.plan)} (${[value, ...marks(run)].join(', ')})`,
]

/** What a run's figures are to be taken with. */
const marks = ({ verdict }: RunResult): readonly string[] =>
  verdict.level === undefined ? ['no verdict'] : verdict.level === 'SUSPECT' ? ['SUSPECT'] : []

const markedLabel = (run: RunResult): string => [runLabel(run.plan), ...marks(run).map(mark => `(${mark})`)].join(' ')

/** The first run with the highest score; runs without one are passed over. */
const bestBy = (runs: readonly RunResult[], scoreOf: (run: RunResult) => number | undefined): RunResult | undefined => {
  let best: { readonly run: RunResult; readonly score: number } | undefined
  for (const run of runs) {
    const score = scoreOf(run)
    if (score !== undefined && (best === undefined || score > best.score)) best = { run, score }
  }
  return best?.run
}
