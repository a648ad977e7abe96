// What the samples of a soak say: whether anything grows.

/** Slope of `values` over `minutes`, per minute, by least squares; undefined below three points. */
export const slopePerMinute = (minutes, values) => {
  const { length } = values
  if (length < 3) return undefined
  const mean = list => list.reduce((sum, value) => sum + value, 0) / length
  const [meanMinute, meanValue] = [mean(minutes), mean(values)]
  let [covariance, variance] = [0, 0]
  for (const [i, value] of values.entries()) {
    covariance += (minutes[i] - meanMinute) * (value - meanValue)
    variance += (minutes[i] - meanMinute) ** 2
  }
  return variance === 0 ? undefined : covariance / variance
}

/** The least of every `size` values, with the moment of each: what a collector leaves, without its saw teeth. */
export const lows = (minutes, values, size) => {
  const found = { minutes: [], values: [] }
  for (let from = 0; from + size <= values.length; from += size) {
    const window = values.slice(from, from + size)
    const at = window.indexOf(Math.min(...window))
    found.minutes.push(minutes[from + at])
    found.values.push(window[at])
  }
  return found
}

/** From so many samples in the half that is judged on, the least of every six counts. */
const enoughForLows = 24

/**
 * One line of the table: the mean over the first and the last quarter, and the slope over the second half against the
 * most that it may be, in units of the figure a minute. `samples` have `minute` and the figure under `key`.
 */
export const judge = (samples, { key, label, unit, most, hasTeeth = false }) => {
  const known = samples.filter(sample => sample[key] !== undefined)
  const half = known.slice(Math.floor(known.length / 2))
  const points = { minutes: half.map(({ minute }) => minute), values: half.map(sample => sample[key]) }
  const seen = hasTeeth && half.length >= enoughForLows ? lows(points.minutes, points.values, 6) : points
  const slope = slopePerMinute(seen.minutes, seen.values)
  const quarter = Math.max(1, Math.floor(known.length / 4))
  const mean = list => list.reduce((sum, sample) => sum + sample[key], 0) / list.length
  return {
    label,
    unit,
    first: known.length === 0 ? undefined : mean(known.slice(0, quarter)),
    last: known.length === 0 ? undefined : mean(known.slice(-quarter)),
    slope,
    most,
    isFlat: slope === undefined || slope <= most,
  }
}
