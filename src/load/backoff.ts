import { nowMs } from './clock.ts'
import type { Gate } from './gate.ts'
import { Sleeper } from './sleeper.ts'

/** The first pause, in ms: long enough that a server that is gone does not eat a run's prompts by the thousand. */
const shortestMs = 10
/** The longest, in ms: a server that is up again is met within it. */
const longestMs = 1000

/**
 * The pauses of one slot whose requests get no connection: 10 ms, then twice as long each time up to 1 s. No request
 * waits in one: the next is wanted when it is over.
 */
export class Backoff {
  readonly #gate: Gate
  readonly #sleeper = new Sleeper(false)
  #pauseMs = shortestMs

  constructor(gate: Gate) {
    this.#gate = gate
    gate.onClosed(() => this.#sleeper.wake())
  }

  /** Resolves with the moment, on the monotonic clock, at which the pause is over: its end, or that of the gate. */
  async pause(): Promise<number> {
    const dueMs = nowMs() + this.#pauseMs
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestMs)
    if (!this.#gate.isClosed) await this.#sleeper.until(dueMs)
    return dueMs
  }

  /** The server has answered: the next pause is a short one again. */
  reset(): void {
    this.#pauseMs = shortestMs
  }
}
