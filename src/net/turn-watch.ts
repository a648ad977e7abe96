/** What the event loop of this thread tells of its waiting; both only grow. */
export interface LoopFacts {
  /** Time in which it had nothing to do, in ms. */
  readonly idleMs: () => number
  /** Events that were there already when it came to look for some; those of one look are counted once it is over. */
  readonly eventsWaiting: () => number
}

/** For those who do not ask: a loop that nothing ever waited for. */
export const noLoopFacts: LoopFacts = { idleMs: () => 0, eventsWaiting: () => 0 }

/** One look of the event loop for what can be read. */
export class Turn {
  readonly #firstMs: number
  /** How long its reads had waited by the first stamp; known once they are all read. */
  waitedMs = 0

  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  /** The self-delay of a stamp: by how much it is late through our own work. */
  delayMs(stampMs: number): number {
    return stampMs - this.#firstMs + this.waitedMs
  }
}

/**
 * Knows by how much stamps are late through our own work. Of all that can be read in one turn of the event loop, each
 * stamp but the first waits for the reads before it: that is certain. What came while the thread was busy before, with
 * parsing, garbage or a plugin, waited from some moment of that work on; nobody knows from which, so half of it counts.
 *
 *   self-delay = stamp − first stamp of the turn + half of the work before it, if something waited by then
 */
export class TurnWatch {
  /** Socket reads so far. */
  reads = 0
  readonly #nowMs: () => number
  readonly #loop: LoopFacts
  #turn: Turn | undefined
  /** Work since the turn before, and what had waited by then. */
  #workMs = 0
  #waitingBefore = 0
  #endMs: number
  #idleAtEndMs: number

  constructor(nowMs: () => number, loop: LoopFacts) {
    this.#nowMs = nowMs
    this.#loop = loop
    this.#endMs = nowMs()
    this.#idleAtEndMs = loop.idleMs()
  }

  /** The turn of a read at `stampMs`. */
  read(stampMs: number): Turn {
    this.reads++
    return this.#turn ?? this.#begin(stampMs)
  }

  /** All sockets of the turn are read; to be called before anything is done with what they brought. */
  end(): void {
    const turn = this.#turn
    if (turn === undefined) return
    this.#turn = undefined
    if (this.#loop.eventsWaiting() > this.#waitingBefore) turn.waitedMs = this.#workMs / 2
    this.#endMs = this.#nowMs()
    this.#idleAtEndMs = this.#loop.idleMs()
  }

  #begin(stampMs: number): Turn {
    const idleMs = this.#loop.idleMs() - this.#idleAtEndMs
    this.#workMs = Math.max(0, stampMs - this.#endMs - idleMs)
    this.#waitingBefore = this.#loop.eventsWaiting()
    this.#turn = new Turn(stampMs)
    return this.#turn
  }
}
