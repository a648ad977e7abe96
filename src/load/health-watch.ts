import type { HealthSample } from '../model/health.ts'
import type { TransportCounts } from '../net/transport.ts'
import { durationUs, epochUs, nowMs } from './clock.ts'
import { type GroupThrottling, readThrottling, throttlingSince } from './cpu-throttling.ts'
import { GcWatch } from './event-loop.ts'
import type { SelfDelays } from './self-delays.ts'
import { countOpenFiles, readThreadTimes, type ThreadTimes } from './thread-facts.ts'

/** Who is observed, and who hears of it. */
export interface HealthSettings {
  /** See `HealthSample`. */
  readonly thread: number
  /** One thread tells what is of the whole process. */
  readonly tellsProcess: boolean
  readonly onSample: (sample: HealthSample) => void
}

/** What a thread that sends is observed by. */
export interface SenderCounts {
  readonly selfDelays: SelfDelays
  readonly counts: () => TransportCounts
}

/** A second tells when the client was in trouble, and costs 0.1 ms. */
const sampleMs = 1000

/** What has been counted by some moment. */
interface Reading {
  readonly atMs: number
  readonly times: ThreadTimes | undefined
  readonly throttling: readonly GroupThrottling[]
  readonly sent: TransportCounts
}

const nothingSent: TransportCounts = { reads: 0, connectionsOpened: 0 }

/** Observes the thread it runs in: a sample each second, and one of the rest when it stops. */
export class HealthWatch {
  readonly #settings: HealthSettings
  readonly #sender: SenderCounts | undefined
  readonly #gc = new GcWatch()
  #last: Reading | undefined
  #timer: NodeJS.Timeout | undefined

  /** Without `sender`, of a thread that only deals conversations. */
  constructor(settings: HealthSettings, sender?: SenderCounts) {
    this.#settings = settings
    this.#sender = sender
  }

  /** Begins to count, from here on. */
  start(): void {
    this.#gc.start()
    this.#gc.take()
    this.#sender?.selfDelays.take()
    this.#last = this.#read()
    this.#timer = setInterval(() => this.#tell(), sampleMs).unref()
  }

  /** Tells what has not been told; does nothing when it was not started. */
  stop(): void {
    if (this.#last === undefined) return
    clearInterval(this.#timer)
    this.#tell()
    this.#gc.stop()
    this.#last = undefined
  }

  #tell(): void {
    const [last, now] = [this.#last, this.#read()]
    if (last === undefined) return
    this.#last = now
    const throttling = throttlingSince(last.throttling, now.throttling)
    this.#settings.onSample({
      thread: this.#settings.thread,
      startUs: epochUs(last.atMs),
      durationUs: durationUs(last.atMs, now.atMs),
      cpuUs: difference(now.times?.cpuUs, last.times?.cpuUs),
      runQueueUs: difference(now.times?.runQueueUs, last.times?.runQueueUs),
      coresGiven: difference(now.times?.coresGiven, last.times?.coresGiven),
      ...this.#garbage(),
      reads: now.sent.reads - last.sent.reads,
      ...this.#chunks(),
      connectionsOpened: now.sent.connectionsOpened - last.sent.connectionsOpened,
      openFiles: this.#settings.tellsProcess ? countOpenFiles() : undefined,
      quotaPeriods: throttling?.periods,
      throttledCount: throttling?.count,
      throttledUs: throttling?.us,
    })
  }

  #read(): Reading {
    return {
      atMs: nowMs(),
      times: readThreadTimes(),
      throttling: this.#settings.tellsProcess ? readThrottling() : [],
      sent: this.#sender?.counts() ?? nothingSent,
    }
  }

  #garbage(): Pick<HealthSample, 'gcCount' | 'gcUs' | 'gcMaxUs'> {
    const { count, sumMs, maxMs } = this.#gc.take()
    return { gcCount: count, gcUs: durationUs(0, sumMs), gcMaxUs: durationUs(0, maxMs) }
  }

  #chunks(): Pick<HealthSample, 'chunks' | 'firstSelfDelays' | 'laterSelfDelays'> {
    const taken = this.#sender?.selfDelays.take()
    if (taken === undefined) return { chunks: 0, firstSelfDelays: [], laterSelfDelays: [] }
    const { first, later } = taken
    return {
      chunks: first.count + later.count,
      firstSelfDelays: [...first.entries()],
      laterSelfDelays: [...later.entries()],
    }
  }
}

const difference = (now: number | undefined, before: number | undefined): number | undefined =>
  now === undefined || before === undefined ? undefined : Math.max(0, now - before)
