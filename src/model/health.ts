/**
 * What one thread observed of itself for some time, usually a second, while requests were measured. Times are whole
 * microseconds and nothing is a ratio, so samples add up to exactly the figures of the whole. `undefined` is what the
 * system does not tell, and what is of the whole process in all samples but those of one thread.
 */
export interface HealthSample {
  /** From 1 on, those that send; 0 is the thread of the load loops where others send. */
  readonly thread: number
  /** When it begins, since the epoch. */
  readonly startUs: number
  readonly durationUs: number
  /** Time on a core. */
  readonly cpuUs: number | undefined
  /** Time in which the thread could have run and had no core. */
  readonly runQueueUs: number | undefined
  /** How often it was given a core, at once or after such a time. */
  readonly coresGiven: number | undefined
  readonly gcCount: number
  /** The thread stood still for garbage collection: in all, and the longest time. */
  readonly gcUs: number
  readonly gcMaxUs: number
  /** Socket reads. */
  readonly reads: number
  /** Chunks of streams and answers in one piece that were worked off, each with the self-delay of its stamp. */
  readonly chunks: number
  /** How often there was each self-delay, in µs, ascending: of first chunks, which make TTFT, and of whole answers. */
  readonly firstSelfDelays: readonly ValueCount[]
  /** The same of all further chunks, which make ITL. */
  readonly laterSelfDelays: readonly ValueCount[]
  readonly connectionsOpened: number
  /** File descriptors of the process, at the end. */
  readonly openFiles: number | undefined
  /** Periods of the cgroup whose CPU quota stopped the process in most of them; 0 without a quota. */
  readonly quotaPeriods: number | undefined
  /** Those in which it did, and for how long, summed over the cores. */
  readonly throttledCount: number | undefined
  readonly throttledUs: number | undefined
}

/** A whole number, and how often it was met. */
export type ValueCount = readonly [value: number, count: number]

/** By how much stamps were late through our own work, chunk by chunk, in ms; undefined without chunks. */
export interface SelfDelay {
  readonly p50: number | undefined
  readonly p99: number | undefined
}

/** What a thread that sends observed of itself in a whole run. */
export interface ThreadHealth {
  /** From 1 on. */
  readonly thread: number
  readonly selfDelayMs: SelfDelay
  /** Of first chunks and whole answers alone. */
  readonly firstSelfDelayMs: SelfDelay
  /** Share of the time on a core, and share waited for one, in percent. */
  readonly cpuPercent: number | undefined
  readonly runQueuePercent: number | undefined
  /** Wait for a core, mean over all times that it was given one. */
  readonly meanCoreWaitMs: number | undefined
}

/** What the client observed of itself in a whole run: each thread that sends, and all of them together. */
export interface HealthSummary {
  readonly threads: readonly ThreadHealth[]
  readonly selfDelayMs: SelfDelay
  readonly firstSelfDelayMs: SelfDelay
  readonly readsPerChunk: number | undefined
  readonly gcCount: number
  readonly gcMs: number
  readonly gcMaxMs: number
  readonly connectionsOpened: number
  /** The most there were at the end of any sample. */
  readonly openFiles: number | undefined
  /** Share of its periods in which a CPU quota stopped the process, in percent; undefined without a quota, too. */
  readonly throttledPercent: number | undefined
}
