import { Tally } from '../stats/tally.ts'
import { durationUs } from './clock.ts'

/** Self-delays in µs, each chunk's once. */
export interface TakenDelays {
  /** Of first chunks, which make TTFT, and of answers in one piece. */
  readonly first: Tally
  readonly later: Tally
}

/** Counts by how much stamps are late through our own work, once for each chunk that bears one. */
export class SelfDelays {
  #first = new Tally()
  #later = new Tally()

  /** `chunks` came in a read of this self-delay; `hasFirst`: one of them is the first of its answer. */
  add(delayMs: number, chunks: number, hasFirst: boolean): void {
    const us = durationUs(0, delayMs)
    if (hasFirst) this.#first.add(us)
    const later = hasFirst ? chunks - 1 : chunks
    if (later > 0) this.#later.add(us, later)
  }

  /** Those since the last time it was asked. */
  take(): TakenDelays {
    const taken = { first: this.#first, later: this.#later }
    this.#first = new Tally()
    this.#later = new Tally()
    return taken
  }
}
