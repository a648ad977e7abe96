/** What the event loop of this thread tells of itself; all of it only grows. */
export interface LoopFacts {
  /** Time in which it had nothing to do, in ms. */
  readonly idleMs: () => number
  readonly counts: () => LoopCounts
}

/** What an event loop counts. */
export interface LoopCounts {
  /** Turns, this one included. */
  readonly loopCount: number
  /** Events that were there already when it came to look for some; those of one look are counted once it is over. */
  readonly eventsWaiting: number
}

/** For those who do not ask: all reads in one turn, for which nothing waited. */
export const noLoopFacts: LoopFacts = { idleMs: () => 0, counts: () => ({ loopCount: 0, eventsWaiting: 0 }) }

/** Less work than this makes no stamp late. */
const noticeableMs = 0.1

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
 *
 * Not known, and taken as 0: the wait of the first read of a turn for other events of the same look, such as data of a
 * file, messages of a thread, or a connection that was opened. They are told before it in no fixed order, after a rest,
 * and the loop keeps no stamp of the end of that rest.
 *
 * Costs 0.1 us a read and 0.2 us a turn.
 */
export class TurnWatch {
  /** Socket reads so far. */
  reads = 0
  /** Whether the turn is to be ended: what its reads waited for shows then. */
  isOpen = false
  readonly #loop: LoopFacts
  #turn = new Turn(0)
  #loopCount: number
  /** Of the latest stamp. */
  #stampMs: number
  #idleMs: number
  /** Work since the turn before, and what had waited for any by then. */
  #workMs = 0
  #waitingBefore = 0

  constructor(startMs: number, loop: LoopFacts) {
    this.#loop = loop
    this.#loopCount = loop.counts().loopCount
    this.#stampMs = startMs
    this.#idleMs = loop.idleMs()
  }

  /** The turn of a read at `stampMs`. */
  read(stampMs: number): Turn {
    const counts = this.#loop.counts()
    if (counts.loopCount !== this.#loopCount) this.#begin(stampMs, counts)
    this.#stampMs = stampMs
    this.reads++
    return this.#turn
  }

  /** All sockets of the turn are read; to be called before anything is done with what they brought. */
  end(): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (this.#loop.counts().eventsWaiting > this.#waitingBefore) this.#turn.waitedMs = this.#workMs / 2
  }

  #begin(stampMs: number, { loopCount, eventsWaiting }: LoopCounts): void {
    this.end()
    const idleMs = this.#loop.idleMs()
    const [hasIdled, isNext] = [idleMs > this.#idleMs, loopCount === this.#loopCount + 1]
    const workMs = stampMs - this.#stampMs - (idleMs - this.#idleMs)
    this.#turn = new Turn(stampMs)
    this.#loopCount = loopCount
    this.#idleMs = idleMs
    if (workMs < noticeableMs) return
    // Without a rest all was there, or came meanwhile; in the very next turn the rest was the wait for these reads.
    if (!hasIdled) this.#turn.waitedMs = workMs / 2
    else if (!isNext) this.#open(workMs, eventsWaiting)
  }

  /** Some of the work came before a rest, some after: whether anything waited for it is known when all is read. */
  #open(workMs: number, eventsWaiting: number): void {
    this.isOpen = true
    this.#workMs = workMs
    this.#waitingBefore = eventsWaiting
  }
}
