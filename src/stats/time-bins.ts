const finestBinUs = 10_000

/** At three counters a bin, 3 MiB. */
const maxBins = 2 ** 17

/**
 * Whole-number counters over time, in bins of 10 ms aligned to the epoch. Bins double their width whenever more than
 * 2^17 would be needed: a run of 22 minutes has bins of 20 ms, one of 44 minutes bins of 40 ms. Any order and any split
 * with `merge` gives the same.
 */
export class TimeBins {
  #ring: Ring
  #firstUs = Number.POSITIVE_INFINITY
  #lastUs = Number.NEGATIVE_INFINITY

  constructor(counters: number) {
    this.#ring = new Ring({ counters, bins: 64, binUs: finestBinUs })
  }

  /** Takes this time into what is counted; `add` may then be called for any moment of it. */
  cover(fromUs: number, toUs: number): void {
    const [firstUs, lastUs] = [Math.min(fromUs, this.#firstUs), Math.max(toUs, this.#lastUs)]
    const { counters } = this.#ring
    let { bins, binUs } = this.#ring
    while (binCount(firstUs, lastUs, binUs) > maxBins) binUs *= 2
    while (binCount(firstUs, lastUs, binUs) > bins) bins *= 2
    if (bins > this.#ring.bins || binUs > this.#ring.binUs) {
      const grown = new Ring({ counters, bins, binUs })
      this.#pourInto(grown)
      this.#ring = grown
    }
    this.#firstUs = firstUs
    this.#lastUs = lastUs
  }

  /** Adds to one counter at a moment that is covered. */
  add(counter: number, atUs: number, amount: number): void {
    const { values } = this.#ring
    const slot = this.#ring.slotOf(Math.floor(atUs / this.#ring.binUs)) + counter
    values[slot] = (values[slot] as number) + amount
  }

  merge(other: TimeBins): void {
    if (other.#isEmpty) return
    // What covers both has bins at least as wide as either.
    this.cover(other.#firstUs, other.#lastUs)
    other.#pourInto(this.#ring)
  }

  /**
   * What each counter gained from one moment to another: after the first, up to the second. A bin's content counts as
   * spread evenly over it; the sum over all that is covered is exact.
   */
  sumsBetween(fromUs: number, toUs: number): readonly number[] {
    const { counters, binUs, values } = this.#ring
    const sums: number[] = Array(counters).fill(0)
    if (this.#isEmpty) return sums
    const last = Math.floor(Math.min(toUs, this.#lastUs) / binUs)
    for (let bin = Math.floor(Math.max(fromUs, this.#firstUs) / binUs); bin <= last; bin++) {
      const part = this.#partOfBin(bin, fromUs, toUs)
      const slot = this.#ring.slotOf(bin)
      for (let counter = 0; counter < counters; counter++) {
        sums[counter] = (sums[counter] as number) + (values[slot + counter] as number) * part
      }
    }
    return sums
  }

  get #isEmpty(): boolean {
    return this.#lastUs < this.#firstUs
  }

  /** How much of a bin lies between two moments, 0 to 1. Outside of what is covered there is nothing of it. */
  #partOfBin(bin: number, fromUs: number, toUs: number): number {
    const startUs = Math.max(bin * this.#ring.binUs, this.#firstUs)
    const endUs = Math.min((bin + 1) * this.#ring.binUs, this.#lastUs)
    if (fromUs <= startUs && toUs >= endUs && fromUs < endUs) return 1
    const overlapUs = Math.min(toUs, endUs) - Math.max(fromUs, startUs)
    return overlapUs <= 0 ? 0 : overlapUs / (endUs - startUs)
  }

  #pourInto(ring: Ring): void {
    if (this.#isEmpty) return
    const { counters, binUs, values } = this.#ring
    const last = Math.floor(this.#lastUs / binUs)
    for (let bin = Math.floor(this.#firstUs / binUs); bin <= last; bin++) {
      const [from, to] = [this.#ring.slotOf(bin), ring.slotOf(Math.floor((bin * binUs) / ring.binUs))]
      for (let counter = 0; counter < counters; counter++) {
        ring.values[to + counter] = (ring.values[to + counter] as number) + (values[from + counter] as number)
      }
    }
  }
}

interface RingSize {
  readonly counters: number
  /** A power of two. */
  readonly bins: number
  readonly binUs: number
}

/** Room for that many bins in a row, wherever they lie: growing toward earlier times costs what growing on does. */
class Ring {
  readonly counters: number
  readonly bins: number
  readonly binUs: number
  readonly values: Float64Array

  constructor({ counters, bins, binUs }: RingSize) {
    this.counters = counters
    this.bins = bins
    this.binUs = binUs
    this.values = new Float64Array(bins * counters)
  }

  /** Where the counters of a bin begin. */
  slotOf(bin: number): number {
    return (bin & (this.bins - 1)) * this.counters
  }
}

const binCount = (firstUs: number, lastUs: number, binUs: number): number =>
  Math.floor(lastUs / binUs) - Math.floor(firstUs / binUs) + 1
