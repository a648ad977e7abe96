/** What Holm's method finds of one test of a family. */
export interface HolmOutcome {
  readonly isRejected: boolean
  /** The level that the test was left with: an interval of 1 − level excludes no difference exactly where it is rejected. */
  readonly level: number
}

/**
 * Holm's step-down method over a family of tests: the chance that any true null hypothesis is rejected stays below
 * `level`, however the tests depend on each other.
 */
export const holm = (probabilities: readonly number[], level: number): readonly HolmOutcome[] => {
  const count = probabilities.length
  const order = probabilities.map((_, index) => index).sort((a, b) => at(probabilities, a) - at(probabilities, b))
  const firstKept = order.findIndex((test, rank) => at(probabilities, test) > level / (count - rank))
  const rejected = firstKept === -1 ? count : firstKept
  const outcomes = new Array<HolmOutcome>(count)
  for (const [rank, test] of order.entries()) {
    // Those that are kept are all held against the step at which the method stopped.
    outcomes[test] = { isRejected: rank < rejected, level: level / (count - Math.min(rank, rejected)) }
  }
  return outcomes
}

const at = (values: readonly number[], index: number): number => values[index] as number
