import { interpolate } from './percentile.ts'

/** Values below this (1.05 s in µs) have a counter each: at most 4 MiB; the few above go into a map. */
const denseLimit = 2 ** 20

/** Counters under one block sum: a percentile then looks at some two thousand numbers, cheap enough for a live line. */
const blockBits = 10

/** Values ascending, and how many samples each and those below it have. */
interface SortedCounts {
  readonly values: Float64Array
  readonly upTo: Float64Array
}

/**
 * Exact counters of whole numbers (microseconds, tokens): sums and percentiles do not depend on the order of arrival,
 * merge without loss, and 10⁸ samples need no more memory than 10⁴.
 */
export class Tally {
  #dense = new Uint32Array(0)
  readonly #blockSums = new Uint32Array(denseLimit >> blockBits)
  readonly #sparse = new Map<number, number>()
  #sparseSorted: SortedCounts | undefined
  #count = 0
  #sum = 0

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count
  }

  get min(): number | undefined {
    return this.percentile(0)
  }

  get max(): number | undefined {
    return this.percentile(100)
  }

  /** Counts a value, once or as often as given; anything but a whole number from 0 is a bug of the caller and throws. */
  add(value: number, times = 1): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`a tally counts whole numbers, got ${value}`)
    this.#addTimes(value, times)
  }

  merge(other: Tally): void {
    for (const [value, times] of other.entries()) this.#addTimes(value, times)
  }

  /** Linear percentile, `percent` from 0 to 100. */
  percentile(percent: number): number | undefined {
    return interpolate(this.#count, percent, rank => this.#valueAt(rank))
  }

  /** How many values are above `limit`. */
  countAbove(limit: number): number {
    let above = 0
    for (const [value, times] of this.entries()) if (value > limit) above += times
    return above
  }

  /** Values with their counts, ascending. */
  *entries(): Generator<readonly [value: number, times: number]> {
    for (let value = 0; value < this.#dense.length; value++) {
      const times = this.#dense[value]
      if (times) yield [value, times]
    }
    for (const value of this.#sortedSparse().values) yield [value, this.#sparse.get(value) ?? 0]
  }

  #addTimes(value: number, times: number): void {
    this.#count += times
    this.#sum += value * times
    if (value < denseLimit) {
      if (value >= this.#dense.length) this.#growDense(value)
      this.#dense[value] = (this.#dense[value] as number) + times
      const block = value >> blockBits
      this.#blockSums[block] = (this.#blockSums[block] as number) + times
      return
    }
    this.#sparseSorted = undefined
    this.#sparse.set(value, (this.#sparse.get(value) ?? 0) + times)
  }

  #growDense(value: number): void {
    let length = Math.max(this.#dense.length, 1 << blockBits)
    while (length <= value) length *= 2
    const grown = new Uint32Array(length)
    grown.set(this.#dense)
    this.#dense = grown
  }

  #valueAt(rank: number): number {
    let seen = 0
    for (const [block, sum] of this.#blockSums.entries()) {
      if (seen + sum > rank) return this.#valueInBlock(block, rank - seen)
      seen += sum
    }
    return this.#sparseValueAt(rank - seen)
  }

  #valueInBlock(block: number, rank: number): number {
    let value = block << blockBits
    let seen = this.#dense[value] as number
    while (seen <= rank) seen += this.#dense[++value] as number
    return value
  }

  /** By halving: a percentile of a million distinct values must not walk over all of them. */
  #sparseValueAt(rank: number): number {
    const { values, upTo } = this.#sortedSparse()
    let [low, high] = [0, values.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) > rank) high = middle
      else low = middle + 1
    }
    return values[low] as number
  }

  #sortedSparse(): SortedCounts {
    this.#sparseSorted ??= this.#sortSparse()
    return this.#sparseSorted
  }

  #sortSparse(): SortedCounts {
    const values = Float64Array.from(this.#sparse.keys()).sort()
    let seen = 0
    const upTo = values.map(value => (seen += this.#sparse.get(value) ?? 0))
    return { values, upTo }
  }
}
