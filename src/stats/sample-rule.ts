import type { PercentileLevel, PercentileTable, SeriesName } from '../model/result.ts'

/** How often, at most, so many samples hold fewer than two values beyond a percentile that they are said to carry. */
const riskOfTooFew = 0.01

/** Beyond this there are no whole numbers to look through, and nobody has so many. */
const mostSamples = 2 ** 53

/**
 * The fewest samples that carry a percentile: with so many, P(Binomial(n, 1 − p) ≤ 1) ≤ 1 %, so that it does not rest
 * on one lucky or unlucky request. Below the median, 1 − p is p. `percent` is above 0 and below 100.
 */
export const samplesNeeded = (percent: number): number => {
  const beyond = Math.min(percent, 100 - percent) / 100
  // More samples make it less likely, so the answer is found by doubling and halving.
  let [tooFew, enough] = [1, 2]
  while (enough < mostSamples && riskAt(enough, beyond) > riskOfTooFew) [tooFew, enough] = [enough, 2 * enough]
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    if (riskAt(middle, beyond) > riskOfTooFew) tooFew = middle
    else enough = middle
  }
  return enough
}

/** P(Binomial(count, share) ≤ 1), by logarithms: (1 − share)^count of a million samples is still exact. */
const riskAt = (count: number, share: number): number =>
  Math.exp((count - 1) * Math.log1p(-share)) * (1 - share + count * share)

/** Whether so many samples carry a level. The ends are what they are, and where nothing was measured nothing is claimed. */
export const isCarried = (level: PercentileLevel, count: number): boolean =>
  typeof level !== 'number' || count === 0 || count >= samplesNeeded(level)

/** What is judged by a p99 goes by the highest of these that the sample carries. */
export const judgedLevels = [99, 95, 90, 75, 50] as const

/** The levels of each series that its samples do not carry; series that carry all theirs are left out. */
export const uncarriedLevels = ({ levels, rows }: PercentileTable): ReadonlyMap<SeriesName, readonly number[]> =>
  new Map(
    rows.flatMap(({ series, count }) => {
      const missing = levels.filter(level => typeof level === 'number').filter(level => !isCarried(level, count))
      return missing.length === 0 ? [] : [[series, missing] as const]
    }),
  )
