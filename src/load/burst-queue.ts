/** Something with bytes to decode. */
export interface Pending {
  processPending(): void
}

/**
 * Decodes after the burst. Engines emit the tokens of a whole batch at once, so hundreds of sockets become readable in
 * one turn of the event loop; parsing each before the next is read would bill our work to the server's stamps
 * (5–10 us an event). Reads are stamped and kept, and decoded when the turn has read them all.
 */
export class BurstQueue {
  #queue: Pending[] = []
  readonly #drain = (): void => {
    const queue = this.#queue
    this.#queue = []
    for (const pending of queue) this.#process(pending)
  }

  /** A bug that one request meets must be told, but must not strand the others of its burst. */
  #process(pending: Pending): void {
    try {
      pending.processPending()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

  /** Has `pending` processed once in this turn's check phase, after all its reads. Call once per round. */
  add(pending: Pending): void {
    if (this.#queue.push(pending) === 1) setImmediate(this.#drain)
  }
}
