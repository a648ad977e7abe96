import { GrowingList } from './growing-list.ts'
import { percentile } from './percentile.ts'

/**
 * A list of doubles, one per request (rates, TPOT). Summed in sorted order, because floating-point addition depends on
 * order and a figure must not.
 */
export class Samples {
  readonly #values = new GrowingList()

  get count(): number {
    return this.#values.count
  }

  get sum(): number {
    return this.#values.ascending().reduce((sum, value) => sum + value, 0)
  }

  get mean(): number | undefined {
    return this.count === 0 ? undefined : this.sum / this.count
  }

  add(value: number): void {
    this.#values.add(value)
  }

  merge(other: Samples): void {
    this.#values.merge(other.#values)
  }

  /** Linear percentile, `percent` from 0 to 100. */
  percentile(percent: number): number | undefined {
    return percentile(this.#values.ascending(), percent)
  }
}
