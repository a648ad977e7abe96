import type { Tally } from '../../stats/tally.ts'

/** How often values fell into even steps; the few far above all others stand in `above`. */
export interface Histogram {
  readonly fromMs: number
  readonly stepMs: number
  readonly counts: readonly number[]
  /** How many lie beyond the last step, and the highest of them. */
  readonly above: number
  readonly maxMs: number
}

const [fewestSteps, mostSteps] = [24, 60]

/** More steps than samples can fill would show their gaps alone. */
const stepsFor = (count: number): number => Math.min(mostSteps, Math.max(fewestSteps, Math.ceil(3 * Math.sqrt(count))))

/** The distribution of values in µs; undefined without any. Its range ends at p99.5: one straggler must not flatten it. */
export const histogramOf = (values: Tally): Histogram | undefined => {
  const [minUs, endUs, maxUs] = [values.min, values.percentile(99.5), values.max]
  if (minUs === undefined || endUs === undefined || maxUs === undefined) return undefined
  const stepUs = roundStep(Math.max(endUs - minUs, 1) / stepsFor(values.count))
  const fromUs = Math.floor(minUs / stepUs) * stepUs
  const steps = Math.floor((endUs - fromUs) / stepUs) + 1
  const counts: number[] = Array(steps).fill(0)
  let above = 0
  for (const [us, times] of values.entries()) {
    const step = Math.floor((us - fromUs) / stepUs)
    if (step >= steps) above += times
    else counts[step] = (counts[step] as number) + times
  }
  return { fromMs: fromUs / 1000, stepMs: stepUs / 1000, counts, above, maxMs: maxUs / 1000 }
}

/** The next of 1, 2, 5, 10, 20, … */
const roundStep = (step: number): number => {
  const decade = 10 ** Math.floor(Math.log10(Math.max(step, 1)))
  return ([1, 2, 5, 10].find(factor => factor * decade >= step) as number) * decade
}
