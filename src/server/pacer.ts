import { monotonicMs, nap } from './clock.ts'

/** What is driven in real time: `advance` is called at `nextDueMs`, or as soon after as the machine allows. */
export interface Paced {
  readonly nextDueMs: number
  advance(nowMs: number): void
}

/** Timers fire between 0.9 ms early and 0.4 ms late; asked to fire this much before the due time, they are never late. */
const TIMER_MARGIN_MS = 0.75
/** Longest nap: incoming requests are not seen meanwhile. */
const NAP_MS = 0.2
/** Naps end about this late; what is left below it is spun away by turning the event loop. */
const NAP_MARGIN_MS = 0.1

/** Keeps appointments: sleeps to just before the next due time, naps up to it, advances. */
export class Pacer {
  readonly #paced: Paced
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #armedMs = Infinity
  #stopped = false

  constructor(paced: Paced) {
    this.#paced = paced
  }

  /** To be called whenever the next due time may have come nearer. */
  reschedule(): void {
    if (!this.#stopped && this.#paced.nextDueMs < this.#armedMs) this.#arm()
  }

  /** For good. */
  stop(): void {
    this.#stopped = true
    this.#disarm()
  }

  #arm(): void {
    this.#disarm()
    this.#armedMs = this.#paced.nextDueMs
    if (this.#armedMs === Infinity) return
    const sleepMs = Math.floor(this.#armedMs - monotonicMs() - TIMER_MARGIN_MS)
    if (sleepMs >= 1) this.#timer = setTimeout(() => this.#wake(), sleepMs)
    else this.#immediate = setImmediate(() => this.#wake())
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#armedMs = Infinity
  }

  #wake(): void {
    const leftMs = this.#armedMs - monotonicMs()
    if (leftMs > NAP_MARGIN_MS) nap(Math.min(NAP_MS, leftMs - NAP_MARGIN_MS))
    this.#paced.advance(monotonicMs())
    this.#arm()
  }
}
