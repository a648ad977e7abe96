import type { ComparedMetric, ComparisonRow, ComparisonVerdict } from '../model/comparison.ts'
import type { Estimate, RunEstimates } from './estimates.ts'
import { holm } from './holm.ts'
import { beyondStudentT, studentT } from './student-t.ts'

/** How often at most anything at all is called better or worse where nothing is. */
export const falseAlarmShare = 0.01

/** The smallest change that is told, in percent; of the share of successes in percentage points. */
export const smallestChange = { percent: 3, points: 1 } as const

/** Every metric in the order in which it is shown, and whether more of it is better. */
const metrics: Readonly<Record<ComparedMetric, 'more' | 'less'>> = {
  avg_latency: 'less',
  p50_latency: 'less',
  p99_latency: 'less',
  avg_ttft: 'less',
  p50_ttft: 'less',
  p99_ttft: 'less',
  avg_itl: 'less',
  p50_itl: 'less',
  p99_itl: 'less',
  avg_tpot: 'less',
  p50_tpot: 'less',
  p99_tpot: 'less',
  tps: 'more',
  input_tps: 'more',
  rps: 'more',
  success_rate: 'more',
}

/** What would not show even a factor of two, or half of all requests, is not known well enough to say that nothing is seen. */
const mostReach = { ratio: Math.log(2), points: 50 } as const

/** A baseline, and what is held against it. */
export type EstimatePair = readonly [baseline: RunEstimates, other: RunEstimates]

/**
 * Compares pairs of runs metric by metric. All that is tested is one family for Holm's method, so that the chance of any
 * false alarm in all these rows together is at most 1 %. Metrics that neither run has are left out.
 */
export const comparePairs = (pairs: readonly EstimatePair[]): readonly (readonly ComparisonRow[])[] => {
  const sketches = pairs.map(sketchesOf)
  const tests = sketches.flat().flatMap(({ test }) => (test === undefined ? [] : [test]))
  const outcomes = holm(tests.map(probabilityOf), falseAlarmShare)
  const outcomeOf = new Map(tests.map((test, index) => [test, outcomes[index]] as const))
  return sketches.map(rows =>
    rows.map(({ test, ...row }) => {
      const outcome = test && outcomeOf.get(test)
      if (test === undefined || outcome === undefined)
        return { ...row, interval: undefined, verdict: 'too few samples' }
      if (outcome.isRejected) return { ...row, interval: intervalOf(test, outcome.level), verdict: verdictOf(row) }
      const isVague = reachOf(test, outcome.level) > (test.isRatio ? mostReach.ratio : mostReach.points)
      if (isVague) return { ...row, interval: undefined, verdict: 'too few samples' }
      return { ...row, interval: intervalOf(test, outcome.level), verdict: 'no difference seen' }
    }),
  )
}

/** A difference, on a scale on which it is symmetric, and how exactly it is known. */
interface Test {
  readonly difference: number
  readonly error: number
  readonly freedom: number
  /** The logarithm of a ratio; otherwise percentage points. */
  readonly isRatio: boolean
}

type Sketch = Pick<ComparisonRow, 'metric' | 'baseline' | 'value' | 'change'> & { readonly test: Test | undefined }

const sketchesOf = ([baseline, other]: EstimatePair): readonly Sketch[] =>
  metricNames.flatMap((metric): readonly Sketch[] => {
    const [a, b] = [baseline.byMetric.get(metric), other.byMetric.get(metric)]
    if (a === undefined && b === undefined) return []
    const values = { metric, baseline: a?.value, value: b?.value }
    if (a === undefined || b === undefined) return [{ ...values, change: undefined, test: undefined }]
    const isRatio = metric !== 'success_rate'
    const difference = isRatio ? Math.log(b.value / a.value) : b.value - a.value
    return [{ ...values, change: shownChange(difference, isRatio), test: testOf(a, b, { difference, isRatio }) }]
  })

const metricNames = Object.keys(metrics) as readonly ComparedMetric[]

const testOf = (a: Estimate, b: Estimate, test: Pick<Test, 'difference' | 'isRatio'>): Test | undefined => {
  if (a.error === undefined || b.error === undefined) return undefined
  const [varianceA, varianceB] = [a.error ** 2, b.error ** 2]
  const variance = varianceA + varianceB
  // Welch's: the two runs may differ in how much they vary.
  const parts = varianceA ** 2 / a.freedom + varianceB ** 2 / b.freedom
  const freedom = parts === 0 ? Math.min(a.freedom, b.freedom) : variance ** 2 / parts
  return { ...test, error: Math.sqrt(variance), freedom }
}

const probabilityOf = ({ difference, error, freedom }: Test): number =>
  difference === 0 ? 1 : beyondStudentT(Math.abs(difference) / error, freedom)

const reachOf = ({ error, freedom }: Test, level: number): number => studentT(level, freedom) * error

const intervalOf = (test: Test, level: number): ComparisonRow['interval'] => {
  const { difference, isRatio } = test
  const reach = reachOf(test, level)
  return { from: shownChange(difference - reach, isRatio), to: shownChange(difference + reach, isRatio) }
}

const shownChange = (difference: number, isRatio: boolean): number =>
  isRatio ? 100 * Math.expm1(difference) : difference

const verdictOf = ({ metric, change = 0 }: Pick<ComparisonRow, 'metric' | 'change'>): ComparisonVerdict => {
  const smallest = metric === 'success_rate' ? smallestChange.points : smallestChange.percent
  if (Math.abs(change) < smallest) return 'no difference seen'
  return change > 0 === (metrics[metric] === 'more') ? 'better' : 'worse'
}
