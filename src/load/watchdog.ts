/** A wait that must not last for ever. */
export interface Watched {
  /** Ends the wait if it has lasted too long. */
  checkTime(nowMs: number): void
}

/** How often waits are looked at: often enough that a bound of 1 s is kept within a tenth. */
const tickMs = 50

/**
 * Keeps the bounds of all requests under way with one timer; a timer per request, moved at each chunk, would be work
 * on the token path. A bound is kept to within one tick.
 */
export class Watchdog<T extends Watched> {
  readonly #watched = new Set<T>()
  readonly #nowMs: () => number
  #timer: NodeJS.Timeout | undefined

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  add(watched: T): void {
    this.#watched.add(watched)
    this.#timer ??= setInterval(() => this.#tick(), tickMs)
  }

  remove(watched: T): void {
    this.#watched.delete(watched)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Everything under way at this moment. */
  all(): readonly T[] {
    return [...this.#watched]
  }

  #tick(): void {
    const nowMs = this.#nowMs()
    for (const watched of this.#watched) watched.checkTime(nowMs)
  }
}
