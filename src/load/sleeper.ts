import { nowMs } from './clock.ts'

/**
 * Sleeps to absolute times. Timers have a grain of 1 ms and fire up to 0.9 ms early or 0.4 ms late, so the last millisecond is passed by turning the event loop, which leaves sockets readable,
 * where `maySpin` says that there is CPU to spare; otherwise a timer ends the sleep, up to 1.5 ms late.
 */
export class Sleeper {
  readonly #maySpin: boolean
  #dueMs = 0
  #resolve: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(maySpin: boolean) {
    this.#maySpin = maySpin
  }

  /** Resolves at `dueMs` of the monotonic clock, or when woken; one sleep at a time. */
  until(dueMs: number): Promise<void> {
    this.#dueMs = dueMs
    return new Promise(resolve => {
      this.#resolve = resolve
      this.#arm()
    })
  }

  /** Ends the sleep now. */
  wake(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#resolve?.()
    this.#resolve = undefined
  }

  #arm(): void {
    const leftMs = this.#dueMs - nowMs()
    if (leftMs <= 0) return this.wake()
    const sleepMs = Math.floor(leftMs)
    if (sleepMs >= 1) this.#timer = setTimeout(() => this.#arm(), Math.min(sleepMs, longestTimerMs))
    else if (this.#maySpin) this.#immediate = setImmediate(() => this.#arm())
    else this.#timer = setTimeout(() => this.#arm(), Math.ceil(leftMs))
  }
}

/** A Node timer set to 2^31 ms or more fires at once. */
const longestTimerMs = 2 ** 30
