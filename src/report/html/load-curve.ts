import type { RunResult } from '../../model/result.ts'
import { samplesNeeded, uncarriedLevels } from '../../stats/sample-rule.ts'
import { loadCells } from '../load-cells.ts'
import { isUsable, lastGrowth } from '../recommendations.ts'
import { percentileAt } from '../series.ts'

/** One run in the curves over all loads; what it does not have is absent. Times in ms, rates per second. */
export interface LoadPoint {
  /** What sets this load apart from the others. */
  readonly load: string
  readonly isUsable: boolean
  /** Its verdict is not VALID. */
  readonly isDoubtful: boolean
  readonly requestsPerSec: number | undefined
  readonly outputTokensPerSec: number | undefined
  readonly totalTokensPerSec: number | undefined
  readonly inputTokensPerSec: number | undefined
  readonly successPercent: number | undefined
  readonly latency: MeanAndTail
  readonly ttft: MeanAndTail
  readonly tpot: MeanAndTail
}

/** The mean of a time over requests, and its 99th percentile, in ms. */
export interface MeanAndTail {
  readonly mean: number | undefined
  readonly p99: number | undefined
  /** Samples that it takes; undefined where there are as many. */
  readonly p99Needs: number | undefined
}

/** The curves over the loads of a sweep. */
export interface LoadCurve {
  readonly axis: 'concurrency' | 'rate' | 'load'
  readonly points: readonly LoadPoint[]
  /** Place of the knee in `points`: the lowest load with at least 95 % of the highest throughput. */
  readonly knee: number | undefined
  /** Why there is none; undefined beside a knee, and where no load has a throughput. */
  readonly noKnee: 'few' | 'growing' | 'flat' | undefined
}

/** A load beyond which throughput grows by no more than this share is the knee. */
const kneeShare = 0.95

/** Runs in the order of `byLoad`. */
export const loadCurveOf = (runs: readonly RunResult[]): LoadCurve => {
  const cells = runs.map(({ plan }) => loadCells(plan, '∞'))
  const differs = (column: 0 | 1): boolean => new Set(cells.map(pair => pair[column])).size > 1
  const axis = differs(0) ? (differs(1) ? 'load' : 'concurrency') : differs(1) ? 'rate' : 'concurrency'
  const names = cells.map(([concurrency, rate]) =>
    axis === 'load' ? `${concurrency} / ${rate}` : axis === 'rate' ? rate : concurrency,
  )
  const points = runs.map((run, at) => pointOf(run, unlike(names, at)))
  const knee = kneeOf(points)
  return { axis, points, knee, noKnee: knee === undefined ? noKneeOf(points, runs) : undefined }
}

/** Tokens may stand where requests still grow, as answers become shorter. */
const noKneeOf = (points: readonly LoadPoint[], runs: readonly RunResult[]): LoadCurve['noKnee'] => {
  const known = points.filter(point => point.isUsable && (point.requestsPerSec ?? 0) > 0)
  if (known.length === 0) return undefined
  if (known.length < 3) return 'few'
  return lastGrowth(runs) === undefined ? 'growing' : 'flat'
}

/** A load that was run again gets a number. */
const unlike = (names: readonly string[], at: number): string => {
  const before = names.slice(0, at).filter(name => name === names[at]).length
  return before === 0 ? (names[at] as string) : `${names[at]} (${before + 1})`
}

/** Below three loads, and where the highest of those to compare is still the best by far, there is none to see. */
const kneeOf = (points: readonly LoadPoint[]): number | undefined => {
  const rates = points.map(point => (point.isUsable ? (point.requestsPerSec ?? 0) : 0))
  const best = Math.max(0, ...rates)
  if (best === 0 || rates.filter(rate => rate > 0).length < 3) return undefined
  const knee = rates.findIndex(rate => rate >= kneeShare * best)
  return knee === rates.findLastIndex(rate => rate > 0) ? undefined : knee
}

const pointOf = (run: RunResult, load: string): LoadPoint => {
  const { summary, quoted } = run
  const uncarried = uncarriedLevels(quoted)
  const timesOf = (series: 'latency' | 'ttft' | 'tpot', mean: number | undefined): MeanAndTail => {
    const p99 = percentileAt(quoted, series, 99)
    const isCarried = p99 === undefined || uncarried.get(series)?.includes(99) !== true
    const inMs = series === 'latency' && p99 !== undefined ? p99 * 1000 : p99
    return { mean, p99: inMs, p99Needs: isCarried ? undefined : samplesNeeded(99) }
  }
  return {
    load,
    isUsable: isUsable(run),
    isDoubtful: run.verdict.level !== 'VALID',
    requestsPerSec: summary.requestsPerSec,
    outputTokensPerSec: summary.outputTokensPerSec,
    totalTokensPerSec: summary.totalTokensPerSec,
    inputTokensPerSec: summary.inputTokensPerSec,
    successPercent: summary.successPercent,
    latency: timesOf('latency', summary.meanLatencyMs),
    ttft: timesOf('ttft', summary.meanTtftMs),
    tpot: timesOf('tpot', summary.meanTpotMs),
  }
}
