/** A request under way that has something to work off. */
export interface Pending {
  /** Decodes what was read; tells whether the request is over. */
  decodePending(): boolean
  /** Makes its record and frees its slot. */
  settlePending(): void
}

/**
 * Decodes after the burst. Engines emit the tokens of a whole batch at once, so hundreds of sockets become readable in
 * one turn of the event loop; parsing each before the next is read would bill our work to the server's stamps
 * (5–10 us an event). Reads are stamped and kept, and decoded when the turn has read them all.
 *
 * Requests that are over are settled one a turn. Each frees a slot whose next request undici writes a turn later: when
 * 300 streams ended in one turn, it wrote 5 ms after the sent stamps (p50), which a TTFT counts; so it writes after 0.1.
 */
export class BurstQueue {
  #unread: Pending[] = []
  readonly #over: Pending[] = []
  #isScheduled = false

  /** Has `pending` worked off after this turn's reads. Call once per round. */
  add(pending: Pending): void {
    this.#unread.push(pending)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#drain())
  }

  #drain(): void {
    this.#isScheduled = false
    const unread = this.#unread
    this.#unread = []
    for (const pending of unread) {
      if (guarded(() => pending.decodePending())) this.#over.push(pending)
    }
    const over = this.#over.shift()
    if (over !== undefined) guarded(() => over.settlePending())
    if (this.#over.length > 0) this.#schedule()
  }
}

/** A bug that one request meets must be told, but must not strand the others of its burst. */
const guarded = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
    return undefined
  }
}
