import { nowMs } from './clock.ts'

/** Lets requests start until the run is stopped or its time is over; then it stays closed. */
export class Gate {
  /** No request starts at this moment or later, in ms of the monotonic clock. */
  readonly deadlineMs: number
  readonly #stop: AbortSignal
  readonly #listeners: (() => void)[] = []
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onStop = (): void => this.#tell()

  constructor(stop: AbortSignal, deadlineMs = Number.POSITIVE_INFINITY) {
    this.#stop = stop
    this.deadlineMs = deadlineMs
    stop.addEventListener('abort', this.#onStop)
    if (deadlineMs !== Number.POSITIVE_INFINITY) {
      // Rounded up: a timer that fires before the deadline would find the gate open.
      this.#timer = setTimeout(() => this.#tell(), Math.max(0, Math.ceil(deadlineMs - nowMs()) + 1))
    }
  }

  /** Asked right before each request: a timer may be late. */
  get isClosed(): boolean {
    return this.#stop.aborted || nowMs() >= this.deadlineMs
  }

  /** Has `listener` called when the gate closes: for whoever waits. */
  onClosed(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Forgets its timer and listeners. */
  dispose(): void {
    clearTimeout(this.#timer)
    this.#stop.removeEventListener('abort', this.#onStop)
    this.#listeners.length = 0
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
