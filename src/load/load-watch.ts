import type { ScheduleOutcome } from '../model/load-outcome.ts'
import type { DueCounter } from './arrivals.ts'
import { nowMs } from './clock.ts'
import { Gauge, gaugeMemory } from './gauge.ts'
import { PromptWaits } from './prompt-waits.ts'
import { SlotPauses } from './slot-pauses.ts'

/** Where a schedule stands: in conversations, while `LiveLoad` counts requests. */
export interface LiveSchedule {
  /** Wanted by now. */
  readonly due: number
  readonly left: number
  /** How late the next one already is, or else the last one was. */
  readonly lateMs: number
}

/** Where a load stands at this moment. */
export interface LiveLoad {
  readonly inFlight: number
  /** Of a paced load. */
  readonly schedule: LiveSchedule | undefined
}

/** Where a paced load stands in its schedule. */
export class ScheduleWatch {
  readonly #startMs: number
  readonly #due: DueCounter
  #pendingMs: number | undefined
  #lateMs = 0
  #left = 0
  #outcome: ScheduleOutcome | undefined
  #endMs = Number.POSITIVE_INFINITY

  /** `due` counts what is wanted by a time in ms since `startMs`. */
  constructor(startMs: number, due: DueCounter) {
    this.#startMs = startMs
    this.#due = due
  }

  /** The next request is wanted at `dueMs`. */
  wanted(dueMs: number): void {
    this.#pendingMs = dueMs
  }

  /** What came of it; undefined until it is over. */
  get outcome(): ScheduleOutcome | undefined {
    return this.#outcome
  }

  /** It has left. */
  left(atMs: number): void {
    this.#left++
    this.#lateMs = Math.max(0, atMs - (this.#pendingMs ?? atMs))
    this.#pendingMs = undefined
  }

  /** No more will leave: nothing was to after `endMs`. */
  finished(endMs: number): void {
    this.#endMs = endMs
    this.#pendingMs = undefined
    // To the microsecond: start + duration − start is not always the duration, in binary fractions.
    const wanted = this.#due.before(Math.round((endMs - this.#startMs) * 1000) / 1000)
    // One that left at its very time is not counted as wanted before it.
    this.#outcome = { overdueRequests: Math.max(0, wanted - this.#left), drawnRatePerSec: this.#due.rate() }
  }

  read(): LiveSchedule {
    const timeMs = Math.min(nowMs(), this.#endMs)
    const waitingMs = timeMs - (this.#pendingMs ?? timeMs)
    return {
      // What has left was wanted; of a trace by a plugin that is all one knows.
      due: Math.max(this.#left, this.#due.before(timeMs - this.#startMs)),
      left: this.#left,
      lateMs: waitingMs > 0 ? waitingMs : this.#lateMs,
    }
  }
}

/** What the rest of the program may look at while a load runs. */
export class LoadWatch {
  /** Of the measured requests. */
  readonly gauge: Gauge
  /** Of the measured requests. */
  readonly waits = new PromptWaits()
  schedule: ScheduleWatch | undefined
  /** Of slots that got no connection. */
  readonly pauses = new SlotPauses()

  /** For a load that counts in `threads` threads. */
  constructor(threads = 1) {
    this.gauge = new Gauge(gaugeMemory(threads))
  }

  live(): LiveLoad {
    return { inFlight: this.gauge.inFlight, schedule: this.schedule?.read() }
  }
}
