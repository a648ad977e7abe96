import type { PromptWaiting } from '../model/load-outcome.ts'

/** Below this, in ms, a prompt was there in the next turns of the event loop. */
const shortestWaitMs = 1

/** How long requests that could have left waited for their prompts. */
export class PromptWaits {
  #requests = 0
  #totalMs = 0
  #maxMs = 0

  /** One waited so long, or not at all. */
  add(waitMs: number): void {
    if (waitMs < shortestWaitMs) return
    this.#requests++
    this.#totalMs += waitMs
    this.#maxMs = Math.max(this.#maxMs, waitMs)
  }

  read(): PromptWaiting {
    return { requests: this.#requests, totalMs: this.#totalMs, maxMs: this.#maxMs }
  }
}
