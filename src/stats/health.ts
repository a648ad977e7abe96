import type { HealthSample, HealthSummary, SelfDelay, ThreadHealth } from '../model/health.ts'
import { share, toMs } from './metrics.ts'
import { Tally } from './tally.ts'

/** A sum over the samples that tell it, and what it is a part of: times in µs, or counts. */
class Share {
  part = 0
  whole = 0

  add(part: number | undefined, whole: number): void {
    if (part === undefined) return
    this.part += part
    this.whole += whole
  }

  merge(other: Share): void {
    this.add(other.part, other.whole)
  }

  get percent(): number | undefined {
    return share(this.part, this.whole)
  }
}

/** What one thread has observed of itself. */
export class ThreadTotals {
  /** Of first chunks and whole answers. */
  readonly firstSelfDelayUs = new Tally()
  /** Of all further chunks. */
  readonly laterSelfDelayUs = new Tally()
  readonly cpu = new Share()
  readonly runQueue = new Share()
  reads = 0
  coresGiven = 0

  add(sample: HealthSample): void {
    for (const [us, count] of sample.firstSelfDelays) this.firstSelfDelayUs.add(us, count)
    for (const [us, count] of sample.laterSelfDelays) this.laterSelfDelayUs.add(us, count)
    this.cpu.add(sample.cpuUs, sample.durationUs)
    this.runQueue.add(sample.runQueueUs, sample.durationUs)
    this.coresGiven += sample.coresGiven ?? 0
    this.reads += sample.reads
  }

  merge(other: ThreadTotals): void {
    this.firstSelfDelayUs.merge(other.firstSelfDelayUs)
    this.laterSelfDelayUs.merge(other.laterSelfDelayUs)
    this.cpu.merge(other.cpu)
    this.runQueue.merge(other.runQueue)
    this.coresGiven += other.coresGiven
    this.reads += other.reads
  }

  /** Undefined where the system does not tell. */
  get meanCoreWaitUs(): number | undefined {
    return this.coresGiven === 0 ? undefined : this.runQueue.part / this.coresGiven
  }
}

/**
 * Folds what the threads of a run observe of themselves. Samples are whole numbers, so any order and any split with
 * `merge` gives the same.
 */
export class Health {
  /** Of all threads; number 0 sends nothing. */
  readonly #threads = new Map<number, ThreadTotals>()
  readonly #throttled = new Share()
  #gcCount = 0
  #gcUs = 0
  #gcMaxUs = 0
  #connectionsOpened = 0
  #openFiles: number | undefined

  add(sample: HealthSample): void {
    this.#thread(sample.thread).add(sample)
    this.#throttled.add(sample.throttledCount, sample.quotaPeriods ?? 0)
    this.#gcCount += sample.gcCount
    this.#gcUs += sample.gcUs
    this.#gcMaxUs = Math.max(this.#gcMaxUs, sample.gcMaxUs)
    this.#connectionsOpened += sample.connectionsOpened
    this.#openFiles = most(this.#openFiles, sample.openFiles)
  }

  merge(other: Health): void {
    for (const [thread, totals] of other.#threads) this.#thread(thread).merge(totals)
    this.#throttled.merge(other.#throttled)
    this.#gcCount += other.#gcCount
    this.#gcUs += other.#gcUs
    this.#gcMaxUs = Math.max(this.#gcMaxUs, other.#gcMaxUs)
    this.#connectionsOpened += other.#connectionsOpened
    this.#openFiles = most(this.#openFiles, other.#openFiles)
  }

  /** Those that send, by number. */
  get senders(): readonly (readonly [thread: number, totals: ThreadTotals])[] {
    return [...this.#threads].filter(([thread]) => thread > 0).sort(([a], [b]) => a - b)
  }

  /** Of all threads. */
  get firstSelfDelayUs(): Tally {
    return mergedOf(this.senders.map(([, { firstSelfDelayUs }]) => firstSelfDelayUs))
  }

  /** Of all threads. */
  get laterSelfDelayUs(): Tally {
    return mergedOf(this.senders.map(([, { laterSelfDelayUs }]) => laterSelfDelayUs))
  }

  /** Undefined where nothing was observed. */
  get summary(): HealthSummary | undefined {
    if (this.#threads.size === 0) return undefined
    const { senders, firstSelfDelayUs, laterSelfDelayUs } = this
    const selfDelayUs = mergedOf([firstSelfDelayUs, laterSelfDelayUs])
    const reads = senders.reduce((sum, [, totals]) => sum + totals.reads, 0)
    return {
      threads: senders.map(threadHealth),
      selfDelayMs: spread(selfDelayUs),
      firstSelfDelayMs: spread(firstSelfDelayUs),
      readsPerChunk: selfDelayUs.count === 0 ? undefined : reads / selfDelayUs.count,
      gcCount: this.#gcCount,
      gcMs: this.#gcUs / 1000,
      gcMaxMs: this.#gcMaxUs / 1000,
      connectionsOpened: this.#connectionsOpened,
      openFiles: this.#openFiles,
      throttledPercent: this.#throttled.percent,
    }
  }

  #thread(thread: number): ThreadTotals {
    const known = this.#threads.get(thread)
    if (known !== undefined) return known
    const totals = new ThreadTotals()
    this.#threads.set(thread, totals)
    return totals
  }
}

const threadHealth = ([thread, totals]: readonly [number, ThreadTotals]): ThreadHealth => ({
  thread,
  selfDelayMs: spread(mergedOf([totals.firstSelfDelayUs, totals.laterSelfDelayUs])),
  firstSelfDelayMs: spread(totals.firstSelfDelayUs),
  cpuPercent: totals.cpu.percent,
  runQueuePercent: totals.runQueue.percent,
  meanCoreWaitMs: toMs(totals.meanCoreWaitUs),
})

const mergedOf = (tallies: readonly Tally[]): Tally => {
  const all = new Tally()
  for (const tally of tallies) all.merge(tally)
  return all
}

const spread = (us: Tally): SelfDelay => ({ p50: toMs(us.percentile(50)), p99: toMs(us.percentile(99)) })

const most = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
