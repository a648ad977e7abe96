import { percentile } from './percentile.ts'

/**
 * A list of doubles, one per request (rates, TPOT). Summed in sorted order, because floating-point addition depends on
 * order and a figure must not.
 */
export class Samples {
  #values = new Float64Array(8)
  #count = 0
  #sorted: Float64Array | undefined

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#ascending().reduce((sum, value) => sum + value, 0)
  }

  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.sum / this.#count
  }

  add(value: number): void {
    if (this.#count === this.#values.length) this.#reserve(this.#count * 2)
    this.#values[this.#count++] = value
    this.#sorted = undefined
  }

  merge(other: Samples): void {
    this.#reserve(this.#count + other.#count)
    this.#values.set(other.#values.subarray(0, other.#count), this.#count)
    this.#count += other.#count
    this.#sorted = undefined
  }

  /** Linear percentile, `percent` from 0 to 100. */
  percentile(percent: number): number | undefined {
    return percentile(this.#ascending(), percent)
  }

  #reserve(length: number): void {
    if (length <= this.#values.length) return
    const grown = new Float64Array(length)
    grown.set(this.#values.subarray(0, this.#count))
    this.#values = grown
  }

  #ascending(): Float64Array {
    this.#sorted ??= this.#values.slice(0, this.#count).sort()
    return this.#sorted
  }
}
