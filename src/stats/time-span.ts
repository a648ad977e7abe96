/** From the earliest to the latest of some moments, in µs. */
export class TimeSpan {
  #firstUs = Number.POSITIVE_INFINITY
  #lastUs = Number.NEGATIVE_INFINITY

  get firstUs(): number | undefined {
    return this.#isEmpty ? undefined : this.#firstUs
  }

  get lastUs(): number | undefined {
    return this.#isEmpty ? undefined : this.#lastUs
  }

  get lengthUs(): number | undefined {
    return this.#isEmpty ? undefined : this.#lastUs - this.#firstUs
  }

  add(us: number): void {
    this.#firstUs = Math.min(this.#firstUs, us)
    this.#lastUs = Math.max(this.#lastUs, us)
  }

  merge(other: TimeSpan): void {
    this.#firstUs = Math.min(this.#firstUs, other.#firstUs)
    this.#lastUs = Math.max(this.#lastUs, other.#lastUs)
  }

  get #isEmpty(): boolean {
    return this.#lastUs < this.#firstUs
  }
}
