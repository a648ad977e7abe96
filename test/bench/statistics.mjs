/** The middle one; of an even number the upper of the two. */
export const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** Percentile by nearest rank; undefined of nothing. */
export const percentile = (values, percent) => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))]
}

/** p50, mean and p99. */
export const spreadOf = values => ({
  p50: percentile(values, 50),
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  p99: percentile(values, 99),
})
