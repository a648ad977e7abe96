/**
 * The percentile of `count` sorted values, by linear interpolation between order statistics (numpy's `linear`):
 * the value at position (count − 1) · percent / 100. `percent` runs from 0 (min) to 100 (max).
 * Undefined without values.
 */
export const interpolate = (count: number, percent: number, valueAt: (rank: number) => number): number | undefined => {
  if (count === 0) return undefined
  // Multiplied first: 29 % of 101 values is then exactly rank 29.
  const position = ((count - 1) * percent) / 100
  const below = Math.floor(position)
  const lower = valueAt(below)
  if (position === below) return lower
  return lower + (valueAt(below + 1) - lower) * (position - below)
}

/** The linear percentile of an array that is sorted ascending. */
export const percentile = (sorted: ArrayLike<number>, percent: number): number | undefined =>
  interpolate(sorted.length, percent, rank => sorted[rank] as number)
