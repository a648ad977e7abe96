import { type Blocks, spread } from './block-bootstrap.ts'
import type { RequestValues } from './request-columns.ts'

/** On each side of the percentile; dense near it, so that a standard error spans several. */
const gridSteps = 40

/**
 * Standard error of a percentile of all values, of which a request may have any number. Replicates only count how many of
 * their values are up to each of some 80 values around it: that takes no time, however many there are.
 * `sorted` are all values, ascending.
 */
export const quantileError = (
  blocks: Blocks,
  { values, ends }: RequestValues,
  { percent, sorted }: { readonly percent: number; readonly sorted: ArrayLike<number> },
): number => {
  const grid = gridAround(percent / 100, sorted)
  const counts = runningCounts({ values, ends }, grid)
  const width = grid.length
  return spread(blocks, (starts, length) => {
    const countUpTo = (place: number): number => {
      let count = 0
      for (const start of starts) {
        count += (counts[(start + length) * width + place] as number) - (counts[start * width + place] as number)
      }
      return count
    }
    const wanted = (percent / 100) * countUpTo(width - 1)
    return wanted === 0 ? Number.NaN : crossing(grid, wanted, countUpTo)
  })
}

/** Values at levels around `level`, ascending, each once; the last is the largest. */
const gridAround = (level: number, sorted: ArrayLike<number>): Float64Array => {
  // Of a high percentile the far side would take all the values.
  const [below, above] = [Math.min(level, 12 * (1 - level)), Math.min(1 - level, 12 * level)]
  const levels = [0, 1, level]
  for (let step = 1; step <= gridSteps; step++) {
    const part = (step / gridSteps) ** 2
    levels.push(level - below * part, level + above * part)
  }
  const last = sorted.length - 1
  const found = levels.map(share => sorted[Math.round(Math.min(1, Math.max(0, share)) * last)] as number)
  return Float64Array.from([...new Set(found)].sort((a, b) => a - b))
}

/** For each request, and each value of the grid, how many values of those before it are up to that. */
const runningCounts = ({ values, ends }: RequestValues, grid: Float64Array): Uint32Array => {
  const width = grid.length
  const counts = new Uint32Array((ends.length + 1) * width)
  let at = 0
  for (const [request, end] of ends.entries()) {
    const row = (request + 1) * width
    for (; at < end; at++) {
      const place = row + placeOf(grid, values[at] as number)
      counts[place] = (counts[place] as number) + 1
    }
    let inRow = 0
    for (let place = 0; place < width; place++) {
      inRow += counts[row + place] as number
      counts[row + place] = (counts[row - width + place] as number) + inRow
    }
  }
  return counts
}

/** The first value of the grid that is not below this one. */
const placeOf = (grid: Float64Array, value: number): number => {
  let [low, high] = [0, grid.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((grid[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Where the count reaches what is wanted, interpolated between two values of the grid. */
const crossing = (grid: Float64Array, wanted: number, countAt: (place: number) => number): number => {
  let [low, high] = [0, grid.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (countAt(middle) < wanted) low = middle + 1
    else high = middle
  }
  const value = grid[low] as number
  if (low === 0) return value
  const [before, upTo] = [countAt(low - 1), countAt(low)]
  const from = grid[low - 1] as number
  return from + ((value - from) * (wanted - before)) / (upTo - before)
}
