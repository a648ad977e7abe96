interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Sending in the place of an answer takes a moment. For those who wait further back these moments would add up to a
 * delay that no one of them is; longer ones are pauses of ours.
 */
const longestRefillMs = 5

/**
 * The places of a paced load: at most `limit` conversations at once, without bound in an open loop. Moments are ms of
 * the monotonic clock.
 */
export class Slots {
  readonly #limit: number
  #taken = 0
  #fullSinceMs = 0
  /** When all were taken, in order; what is over before any future wanted time is dropped. */
  #fullTimes: Interval[] = []
  #wake: (() => void) | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#taken >= this.#limit
  }

  get isEmpty(): boolean {
    return this.#taken === 0
  }

  take(atMs: number): void {
    this.#taken++
    if (this.isFull) this.#fullSinceMs = this.#refilled(atMs)?.fromMs ?? atMs
  }

  /** Gives a place back that has been free since `freeMs`. */
  release(freeMs: number): void {
    if (this.isFull && freeMs > this.#fullSinceMs) this.#fullTimes.push({ fromMs: this.#fullSinceMs, toMs: freeMs })
    this.#taken--
    this.wake()
  }

  /**
   * How long all places have been taken since `dueMs`, up to the last release: the wait that is not ours. Times asked
   * for must not decrease.
   */
  fullSince(dueMs: number): number {
    this.#fullTimes = this.#fullTimes.filter(({ toMs }) => toMs > dueMs)
    return this.#fullTimes.reduce((sumMs, { fromMs, toMs }) => sumMs + toMs - Math.max(fromMs, dueMs), 0)
  }

  /** The time before, when it is as good as not interrupted; it is then no more one of its own. */
  #refilled(atMs: number): Interval | undefined {
    const last = this.#fullTimes.at(-1)
    return last !== undefined && atMs - last.toMs <= longestRefillMs ? this.#fullTimes.pop() : undefined
  }

  /** Resolves at the next release, or when woken; one waits at a time. */
  change(): Promise<void> {
    return new Promise(resolve => (this.#wake = resolve))
  }

  /** Ends the wait now. */
  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
