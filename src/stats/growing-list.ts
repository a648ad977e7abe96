/** A list of doubles that only grows, and is sorted in place when that is asked for. */
export class GrowingList {
  #values = new Float64Array(8)
  #count = 0
  #isSorted = true

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    this.#reserve(this.#count + 1)
    this.#values[this.#count++] = value
    this.#isSorted = false
  }

  merge(other: GrowingList): void {
    this.#reserve(this.#count + other.#count)
    this.#values.set(other.#values.subarray(0, other.#count), this.#count)
    this.#count += other.#count
    this.#isSorted = false
  }

  /** Where they stand: until the next `add` or `merge`. */
  ascending(): Float64Array {
    const used = this.#values.subarray(0, this.#count)
    if (!this.#isSorted) used.sort()
    this.#isSorted = true
    return used
  }

  #reserve(count: number): void {
    if (count <= this.#values.length) return
    const grown = new Float64Array(Math.max(count, 2 * this.#values.length))
    grown.set(this.#values.subarray(0, this.#count))
    this.#values = grown
  }
}
