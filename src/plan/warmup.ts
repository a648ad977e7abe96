/**
 * Requests before the measured ones, from `--warmup-num`: from 1 on a count, cut to a whole one; between 0 and 1 a
 * share of the run's `number`, at least one request; else none. Same rule as evalscope.
 */
export const warmupNumber = (given: number, number: number | undefined): number => {
  if (given <= 0) return 0
  if (given >= 1) return Math.trunc(given)
  // A share of a run without a number is refused with the arguments.
  return Math.max(1, Math.trunc(given * (number ?? 0)))
}
