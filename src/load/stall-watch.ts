import { StalledError } from '../errors.ts'

/** What a stall watch goes by; times are ms. */
export interface StallWatchParts {
  readonly nowMs: () => number
  /** Requests that are under way at this moment. */
  readonly underWay: () => number
  /** Nothing can be silent for longer, since each request has its time limits. */
  readonly limitMs: () => number
  /** Whether all that is under way is the last of the run. */
  readonly isLast: () => boolean
  /** Hears, once, that only these last ones are left, and nothing has ended for a while. */
  readonly onLinger: (underWay: number) => void
  /** Hears, once, that the load stands still. */
  readonly onStall: (error: StalledError) => void
}

/** How often it looks. */
const tickMs = 1000
/** After so long without any end the user is told what is still waited for. */
const lingerMs = 60_000

/**
 * Notices that a load stands still: requests are under way, and nothing is heard of any for longer than the limits of
 * requests allow. Whatever the reason, a run must come to its end.
 */
export class StallWatch {
  readonly #parts: StallWatchParts
  readonly #timer: NodeJS.Timeout
  #lookedMs: number
  #silentMs = 0
  #noneEndedMs = 0
  #isTold = false

  constructor(parts: StallWatchParts) {
    this.#parts = parts
    this.#lookedMs = parts.nowMs()
    this.#timer = setInterval(() => this.look(), tickMs).unref()
  }

  /** A request was sent, or some bytes came. */
  heard(): void {
    this.#silentMs = 0
  }

  /** A request has ended. */
  ended(): void {
    this.#silentMs = 0
    this.#noneEndedMs = 0
  }

  /** What the timer does each second. */
  look(): void {
    const { nowMs, underWay, limitMs, onStall } = this.#parts
    const timeMs = nowMs()
    // A machine that slept has not listened: of a long pause between two looks only two seconds count.
    const passedMs = Math.min(timeMs - this.#lookedMs, 2 * tickMs)
    this.#lookedMs = timeMs
    const count = underWay()
    this.#silentMs = count === 0 ? 0 : this.#silentMs + passedMs
    this.#noneEndedMs = count === 0 ? 0 : this.#noneEndedMs + passedMs
    this.#tellLinger(count)
    if (this.#silentMs <= limitMs()) return
    this.close()
    onStall(new StalledError(stallText(count, this.#silentMs)))
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #tellLinger(count: number): void {
    if (this.#isTold || this.#noneEndedMs < lingerMs || !this.#parts.isLast()) return
    this.#isTold = true
    this.#parts.onLinger(count)
  }
}

const stallText = (count: number, silentMs: number): string => {
  const requests = count === 1 ? '1 request is' : `${count} requests are`
  return `nothing has happened for ${Math.round(silentMs / 1000)} s though ${requests} under way, and their time limits are over: a bug in evalscope or a plugin; the run was ended`
}
