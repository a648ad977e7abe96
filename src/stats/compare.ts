import type { ComparedMetric, ComparisonRow, ComparisonVerdict } from '../model/comparison.ts'
import type { Estimate, RunEstimates } from './estimates.ts'
import { holm } from './holm.ts'
import { differenceProbability, type KnownShare, shareDifference } from './share-difference.ts'
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

/** What would not show even a factor of two, or a third of all requests, is not known well enough to say that nothing is seen. */
const mostReach = { ratio: Math.log(2), points: 100 / 3 } as const

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
      const found = intervalOf(test, outcome.level)
      if (outcome.isRejected) return { ...row, interval: found.shown, verdict: verdictOf(row) }
      if (found.isVague) return { ...row, interval: undefined, verdict: 'too few samples' }
      return { ...row, interval: found.shown, verdict: 'no difference seen' }
    }),
  )
}

/** What is tested of a metric: a ratio, or the difference of two shares. */
type Test = RatioTest | ShareTest

/** The logarithm of a ratio, a scale on which it is symmetric, and how exactly it is known. */
interface RatioTest {
  readonly difference: number
  readonly error: number
  readonly freedom: number
}

interface ShareTest {
  readonly shares: readonly [baseline: KnownShare, other: KnownShare]
}

type Sketch = Pick<ComparisonRow, 'metric' | 'baseline' | 'value' | 'change'> & { readonly test: Test | undefined }

const sketchesOf = ([baseline, other]: EstimatePair): readonly Sketch[] =>
  metricNames.flatMap((metric): readonly Sketch[] => {
    const [a, b] = [baseline.byMetric.get(metric), other.byMetric.get(metric)]
    if (a === undefined && b === undefined) return []
    const values = { metric, baseline: a?.value, value: b?.value }
    if (a === undefined || b === undefined) return [{ ...values, change: undefined, test: undefined }]
    if (metric === 'success_rate') return [{ ...values, change: b.value - a.value, test: shareTestOf(a, b) }]
    const difference = Math.log(b.value / a.value)
    return [{ ...values, change: inPercent(difference), test: ratioTestOf(a, b, difference) }]
  })

const metricNames = Object.keys(metrics) as readonly ComparedMetric[]

const shareTestOf = (a: Estimate, b: Estimate): ShareTest | undefined => {
  const [shareA, shareB] = [knownShareOf(a), knownShareOf(b)]
  return shareA === undefined || shareB === undefined ? undefined : { shares: [shareA, shareB] }
}

const knownShareOf = ({ value, independentRequests }: Estimate): KnownShare | undefined =>
  independentRequests === undefined ? undefined : { share: value / 100, requests: independentRequests }

const ratioTestOf = (a: Estimate, b: Estimate, difference: number): RatioTest | undefined => {
  if (a.error === undefined || b.error === undefined) return undefined
  const [varianceA, varianceB] = [a.error ** 2, b.error ** 2]
  const variance = varianceA + varianceB
  // Welch's: the two runs may differ in how much they vary.
  const parts = varianceA ** 2 / a.freedom + varianceB ** 2 / b.freedom
  const freedom = parts === 0 ? Math.min(a.freedom, b.freedom) : variance ** 2 / parts
  return { difference, error: Math.sqrt(variance), freedom }
}

const probabilityOf = (test: Test): number => {
  if ('shares' in test) return differenceProbability(...test.shares)
  const { difference, error, freedom } = test
  return difference === 0 ? 1 : beyondStudentT(Math.abs(difference) / error, freedom)
}

interface FoundInterval {
  readonly shown: NonNullable<ComparisonRow['interval']>
  readonly isVague: boolean
}

const intervalOf = (test: Test, level: number): FoundInterval =>
  'shares' in test ? shareInterval(test, level) : ratioInterval(test, level)

const ratioInterval = ({ difference, error, freedom }: RatioTest, level: number): FoundInterval => {
  const reach = studentT(level, freedom) * error
  const shown = { from: inPercent(difference - reach), to: inPercent(difference + reach) }
  return { shown, isVague: reach > mostReach.ratio }
}

const shareInterval = ({ shares }: ShareTest, level: number): FoundInterval => {
  const { from, to } = shareDifference(...shares, level)
  return { shown: { from: 100 * from, to: 100 * to }, isVague: 50 * (to - from) > mostReach.points }
}

const inPercent = (difference: number): number => 100 * Math.expm1(difference)

const verdictOf = ({ metric, change = 0 }: Pick<ComparisonRow, 'metric' | 'change'>): ComparisonVerdict => {
  const smallest = metric === 'success_rate' ? smallestChange.points : smallestChange.percent
  if (Math.abs(change) < smallest) return 'no difference seen'
  return change > 0 === (metrics[metric] === 'more') ? 'better' : 'worse'
}
