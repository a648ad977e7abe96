/** The places of a paced load: at most `limit` conversations at once, without bound in an open loop. */
export class Slots {
  readonly #limit: number
  #taken = 0
  #fullUntilMs = Number.NEGATIVE_INFINITY
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

  /** When a place last became free after all were taken, in ms of the monotonic clock. */
  get fullUntilMs(): number {
    return this.#fullUntilMs
  }

  take(): void {
    this.#taken++
  }

  /** Gives a place back that has been free since `freeMs`. */
  release(freeMs: number): void {
    if (this.isFull) this.#fullUntilMs = freeMs
    this.#taken--
    this.wake()
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
