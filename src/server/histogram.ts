/** Durations counted by the bucket they fall into, as Prometheus has them: an observation costs one addition each. */
export class Histogram {
  /** Upper ends of the buckets, in seconds, ascending. */
  readonly boundsSec: readonly number[]
  /** One more than bounds: the last one has no end. */
  readonly #counts: number[]
  #sumMs = 0

  constructor(boundsSec: readonly number[]) {
    this.boundsSec = boundsSec
    this.#counts = new Array(boundsSec.length + 1).fill(0)
  }

  observe(durationMs: number): void {
    this.#sumMs += durationMs
    const seconds = durationMs / 1000
    let at = 0
    // A bucket holds its upper end.
    while (at < this.boundsSec.length && seconds > (this.boundsSec[at] as number)) at++
    this.#counts[at] = (this.#counts[at] as number) + 1
  }

  get sumSec(): number {
    return this.#sumMs / 1000
  }

  /** Observations up to each bound, and the number of all. */
  cumulative(): readonly number[] {
    let sum = 0
    return this.#counts.map(count => {
      sum += count
      return sum
    })
  }
}
