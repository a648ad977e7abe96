import { type LoopFacts, noLoopFacts, type Turn, TurnWatch } from './turn-watch.ts'

/** Something read or ended that is still to be told. */
export interface Deferred {
  /** Tells it; called again only after it was added again. */
  tell(): void
}

/** Telling in one turn of the event loop: sockets that become readable meanwhile are stamped this much late. */
const sliceMs = 0.5
/**
 * What may wait, waits this long. The more chunks are parsed in one go, the more often code and data are still in the
 * caches: a chunk costs 1.36 times what it costs a bare client if none waits, 1.23 with 50 ms (5 chunks), 1.15 with 200,
 * 1.10 with 500 or 1000.
 */
const holdMs = 500
/** How often what may wait is looked at. */
const tickMs = 10

/**
 * Works off reads after the burst that brought them. Engines emit the tokens of a whole batch at once, so hundreds of
 * sockets become readable in one turn of the event loop; parsing each before the next is read would bill our work to
 * the server's stamps (15 us a read, 100 us an end). Sockets stamp and keep, and tell here, in slices between which the
 * loop reads on.
 *
 * Requests that are over are worked off one a turn. Each frees a slot whose next request undici writes a turn later: when
 * 300 streams end together it writes 3 ms after the sent stamps (p50), which a TTFT counts, if a slice frees several
 * slots; so it writes after 0.2.
 */
export class AfterBurst {
  readonly #nowMs: () => number
  readonly #turns: TurnWatch
  readonly #soon = new Fifo()
  readonly #later = new Fifo()
  readonly #over = new Fifo()
  /** Reads have every second turn: what fails without one (refused, reset) may be over as fast as it is told. */
  #isReadsTurn = false
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(nowMs: () => number, loop: LoopFacts = noLoopFacts) {
    this.#nowMs = nowMs
    this.#turns = new TurnWatch(nowMs(), loop)
  }

  /** Socket reads so far. */
  get reads(): number {
    return this.#turns.reads
  }

  /** Hears of every read as it is stamped; gives what tells how late the stamp is, once this turn's sockets are read. */
  read(stampMs: number): Turn {
    const turn = this.#turns.read(stampMs)
    if (this.#turns.isOpen) this.#immediate ??= setImmediate(this.#drain)
    return turn
  }

  /** Has it tell once this turn's sockets are read. */
  soon(item: Deferred): void {
    this.#soon.push(item, 0)
    this.#immediate ??= setImmediate(this.#drain)
  }

  /** Has it tell that it is over, before others are asked, and the only one in its turn. */
  over(item: Deferred): void {
    this.#over.push(item, 0)
    this.#immediate ??= setImmediate(this.#drain)
  }

  /** Has it tell within some 0.5 s, unless it has nothing left to tell by then. */
  later(item: Deferred): void {
    this.#later.push(item, this.#nowMs())
    this.#timer ??= this.#nextTick()
  }

  readonly #tick = (): void => {
    this.#timer = undefined
    const dueMs = this.#nowMs() - holdMs
    while (this.#later.oldestMs <= dueMs) this.soon(this.#later.take() as Deferred)
    if (this.#later.length > 0) this.#timer = this.#nextTick()
  }

  /** Unreferenced: what is left of requests that are over is not to keep a thread that ends. */
  #nextTick(): NodeJS.Timeout {
    return setTimeout(this.#tick, tickMs).unref()
  }

  readonly #drain = (): void => {
    this.#immediate = undefined
    this.#turns.end()
    const { length } = this.#over
    if (length === 0 || this.#isReadsTurn) {
      const endMs = this.#nowMs() + sliceMs
      while (this.#over.length === length && this.#soon.length > 0 && this.#nowMs() < endMs) {
        tellGuarded(this.#soon.take() as Deferred)
      }
    }
    this.#isReadsTurn = length > 0 && !this.#isReadsTurn
    const over = this.#over.take()
    if (over !== undefined) tellGuarded(over)
    if (this.#soon.length + this.#over.length > 0) this.#immediate ??= setImmediate(this.#drain)
  }
}

/** A bug that one request meets must be told, but must not strand the others of its burst. */
const tellGuarded = (item: Deferred): void => {
  try {
    item.tell()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** First in, first out, with the moment of each. */
class Fifo {
  #items: Deferred[] = []
  #sinceMs: number[] = []
  #next = 0

  get length(): number {
    return this.#items.length - this.#next
  }

  /** Infinite when it is empty. */
  get oldestMs(): number {
    return this.#sinceMs[this.#next] ?? Number.POSITIVE_INFINITY
  }

  push(item: Deferred, atMs: number): void {
    this.#items.push(item)
    this.#sinceMs.push(atMs)
  }

  take(): Deferred | undefined {
    if (this.#next === this.#items.length) return undefined
    const item = this.#items[this.#next++]
    // What is taken is let go once in a while: an array that shifts moves all others each time.
    if (this.#next === this.#items.length || this.#next === 1024) {
      this.#items = this.#items.slice(this.#next)
      this.#sinceMs = this.#sinceMs.slice(this.#next)
      this.#next = 0
    }
    return item
  }
}
