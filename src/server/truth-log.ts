import { Tally } from '../stats/tally.ts'

/** How a request ended, or that it has not yet. */
export type Outcome = 'running' | 'done' | 'failed' | 'aborted'

/**
 * What the server knows of one request. All times in ms on the machine's monotonic clock; scheduled and written times
 * pair up, one of each per write (per token of a stream, one for an answer in one piece).
 */
export interface Truth {
  readonly requestId: string
  /** When the request had been read to its end. */
  readonly receivedMs: number
  readonly promptTokens: number
  /** Tokens that the answer has in all, when it comes to its end. */
  readonly outputTokens: number
  readonly outcome: Outcome
  readonly scheduledMs: readonly number[]
  readonly writtenMs: readonly number[]
}

/** A request in the log; filled by the log only. */
export interface TruthEntry extends Omit<Truth, 'outcome' | 'scheduledMs' | 'writtenMs'> {
  outcome: Outcome
  /** Scheduled and written time in turn; packed once the request is over. */
  stamps: number[] | Float64Array
}

/** What the server knows of all requests. */
export interface TruthSummary {
  readonly requests: number
  readonly inFlight: number
  readonly maxInFlight: number
  readonly writes: number
  /** Actual − scheduled write time; `undefined` before the first write. */
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number } | undefined
}

/** How much is kept; the oldest requests go first. */
export interface TruthLimits {
  readonly requests: number
  readonly writes: number
}

/** The scheduled and actual write times of the last requests, and how late the server itself is. */
export class TruthLog {
  readonly #limits: TruthLimits
  readonly #entries = new Map<string, TruthEntry>()
  /** In whole microseconds. */
  readonly #latenessUs = new Tally()
  #keptStamps = 0
  #requests = 0
  #inFlight = 0
  #maxInFlight = 0

  /** By default 20 000 requests and a million writes (16 MB). */
  constructor(limits: TruthLimits = { requests: 20_000, writes: 1_000_000 }) {
    this.#limits = limits
  }

  /** Starts the entry of a request; a repeated id replaces the older one. */
  open(request: Pick<Truth, 'requestId' | 'receivedMs' | 'promptTokens' | 'outputTokens'>): TruthEntry {
    const entry: TruthEntry = { ...request, outcome: 'running', stamps: [] }
    this.#forget(request.requestId)
    this.#entries.set(request.requestId, entry)
    this.#requests++
    this.#inFlight++
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight)
    return entry
  }

  addWrite(entry: TruthEntry, scheduledMs: number, writtenMs: number): void {
    if (Array.isArray(entry.stamps)) entry.stamps.push(scheduledMs, writtenMs)
    this.#latenessUs.add(Math.max(0, Math.round((writtenMs - scheduledMs) * 1000)))
  }

  /** Ends the entry; what exceeds the limits is forgotten. */
  close(entry: TruthEntry, outcome: Exclude<Outcome, 'running'>): void {
    entry.outcome = outcome
    entry.stamps = Float64Array.from(entry.stamps)
    this.#inFlight--
    if (this.#entries.get(entry.requestId) === entry) this.#keptStamps += entry.stamps.length
    for (const requestId of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.requests && this.#keptStamps <= 2 * this.#limits.writes) return
      this.#forget(requestId)
    }
  }

  find(requestId: string): Truth | undefined {
    const entry = this.#entries.get(requestId)
    if (entry === undefined) return undefined
    const stamps = Array.from(entry.stamps, toMicrosecond)
    return {
      requestId,
      receivedMs: toMicrosecond(entry.receivedMs),
      promptTokens: entry.promptTokens,
      outputTokens: entry.outputTokens,
      outcome: entry.outcome,
      scheduledMs: stamps.filter((_, index) => index % 2 === 0),
      writtenMs: stamps.filter((_, index) => index % 2 === 1),
    }
  }

  summary(): TruthSummary {
    const lateMs = (percent: number): number => toMicrosecond((this.#latenessUs.percentile(percent) ?? 0) / 1000)
    const isEmpty = this.#latenessUs.count === 0
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      writes: this.#latenessUs.count,
      latenessMs: isEmpty ? undefined : { p50: lateMs(50), p99: lateMs(99), max: lateMs(100) },
    }
  }

  #forget(requestId: string): void {
    const entry = this.#entries.get(requestId)
    if (entry === undefined) return
    this.#entries.delete(requestId)
    if (entry.outcome !== 'running') this.#keptStamps -= entry.stamps.length
  }
}

const toMicrosecond = (timeMs: number): number => Math.round(timeMs * 1000) / 1000
