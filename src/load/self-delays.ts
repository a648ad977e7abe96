import { Tally } from '../stats/tally.ts'
import { durationUs } from './clock.ts'

/** Counts by how much stamps are late through our own work, once for each chunk that bears one. */
export class SelfDelays {
  #us = new Tally()

  /** `chunks` came in a read of this self-delay. */
  add(delayMs: number, chunks: number): void {
    this.#us.add(durationUs(0, delayMs), chunks)
  }

  /** Those since the last time it was asked, in µs. */
  take(): Tally {
    const taken = this.#us
    this.#us = new Tally()
    return taken
  }
}
