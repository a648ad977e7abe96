import type { GaugeReading } from '../model/result.ts'

/**
 * The load loop's own count of requests in flight: from the moment one is sent until its answer is worked off. Moments
 * are ms of the monotonic clock and never decrease.
 */
export class Gauge {
  #inFlight = 0
  #max = 0
  #firstMs: number | undefined
  #lastMs = 0
  /** ∫ in flight dt. */
  #areaMs = 0

  get inFlight(): number {
    return this.#inFlight
  }

  began(atMs: number): void {
    this.#firstMs ??= atMs
    this.#advance(atMs)
    this.#inFlight++
    if (this.#inFlight > this.#max) this.#max = this.#inFlight
  }

  ended(atMs: number): void {
    this.#advance(atMs)
    this.#inFlight--
  }

  /** What it has shown so far; undefined before any time has passed. */
  read(): GaugeReading | undefined {
    const spanMs = this.#lastMs - (this.#firstMs ?? this.#lastMs)
    return spanMs > 0 ? { mean: this.#areaMs / spanMs, max: this.#max } : undefined
  }

  #advance(atMs: number): void {
    if (this.#inFlight > 0) this.#areaMs += this.#inFlight * (atMs - this.#lastMs)
    this.#lastMs = atMs
  }
}
