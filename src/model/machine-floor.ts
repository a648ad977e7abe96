import type { IntegerRange } from './run-plan.ts'

/** Of the doctor's document. Raised when a key changes its meaning: a kept file of another format is as good as none. */
export const doctorFormat = 1

/** How the streams of a load emit: each on a beat of its own, or all at once, as engines emit a batch. */
export type Beat = 'own' | 'common'

/** A median and what few exceed, over so many samples. */
export interface Floor {
  readonly p50: number
  readonly p99: number
  readonly count: number
}

/** What this client added, on this machine, to what so many streams showed. */
export interface MeasuredRung {
  readonly kind: 'measured'
  readonly streams: number
  readonly chunksPerSec: number
  /**
   * TTFT as measured, less the time from the server's receipt of the request to its first write: the way there and back.
   */
  readonly addedTtftMs: Floor
  /** How far a gap is off the one between the server's two writes, either way. */
  readonly addedItlMs: Floor
  /** Medians as measured here. */
  readonly ttftMs: number
  readonly itlMs: number
  /** Median of the time from the server's receipt of a request to its first write. */
  readonly serverTtftMs: number
  /** CPU time of this process over time: 1 is a core. */
  readonly cpuCores: number
  /** Actual − scheduled write time of the server. */
  readonly serverLatenessMs: Floor
}

/** A load that the simulated server itself could not give in time: there is no figure of the client. */
export interface ServerLimitedRung {
  readonly kind: 'server-limited'
  readonly streams: number
  readonly serverLatenessMs: Floor
}

/** A load that came to nothing. */
export interface FailedRung {
  readonly kind: 'failed'
  readonly streams: number
  readonly reason: string
}

/** One load. */
export type Rung = MeasuredRung | ServerLimitedRung | FailedRung

/** Why no more streams were tried: the last rung did not hold, time was up, or there was no higher one. */
export type LadderEnd = 'server' | 'client' | 'failed' | 'time' | 'top'

/** Rising loads of one kind; all rungs but perhaps the last held. */
export interface Ladder {
  readonly beat: Beat
  readonly rungs: readonly Rung[]
  readonly end: LadderEnd
}

/** How exactly this machine tells and keeps times. */
export interface TimerFigures {
  /** Least difference between two readings of the clock. */
  readonly clockGrainUs: number
  readonly clockReadUs: number
  /** What a timer set to 1 ms takes. */
  readonly timerMs: Floor
  /** By how much a sleep to an absolute time ends late, in the way in which requests are sent. */
  readonly sleepLateMs: Floor
  /** A turn of the event loop with nothing to do. */
  readonly loopTurnUs: Floor
}

/** What a machine is, and what it allows; `undefined` where that cannot be read or is without limit. */
export interface MachineFacts {
  readonly hostname: string
  readonly cpuModel: string
  readonly cores: number
  readonly cpuQuotaCores: number | undefined
  /** Processes that wanted to run, over the minute before; 0 on Windows. */
  readonly loadAverage: number
  readonly openFiles: number | undefined
  readonly openFilesInUse: number | undefined
  readonly localPorts: IntegerRange | undefined
  readonly closedPortReuse: 'none' | 'loopback' | 'all' | undefined
  /** Of evalscope, Node and V8, the platform, and the driver of the database. */
  readonly versions: Readonly<Record<string, string>>
}

/** The engine that was simulated. */
export interface SimulatedTimes {
  readonly ttftMs: number
  readonly itlMs: number
}

/** What `evalscope doctor` finds. */
export interface DoctorReport {
  /** ISO 8601. */
  readonly examinedAt: string
  readonly isQuick: boolean
  readonly machine: MachineFacts
  readonly timers: TimerFigures
  readonly engine: SimulatedTimes
  readonly ladders: readonly Ladder[]
}
