import { PerformanceObserver, performance } from 'node:perf_hooks'
import type { LoopFacts } from '../net/turn-watch.ts'

const { nodeTiming } = performance

/** The event loop of this thread. Each question costs 0.1 us. */
export const eventLoop: LoopFacts = {
  idleMs: () => nodeTiming.idleTime,
  counts: () => nodeTiming.uvMetricsInfo,
}

/** Garbage collections of some time: how many there were, and how long the thread stood still. */
export interface GcCounts {
  readonly count: number
  readonly sumMs: number
  readonly maxMs: number
}

const none: GcCounts = { count: 0, sumMs: 0, maxMs: 0 }

/** Counts the garbage collections of this thread. */
export class GcWatch {
  #counts = none
  readonly #observer = new PerformanceObserver(list => this.#add(list.getEntries()))

  start(): void {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** Those since the last time it was asked. */
  take(): GcCounts {
    // What has happened and was not told yet.
    this.#add(this.#observer.takeRecords())
    const counts = this.#counts
    this.#counts = none
    return counts
  }

  stop(): void {
    this.#observer.disconnect()
  }

  #add(entries: readonly { readonly duration: number }[]): void {
    const { count, sumMs, maxMs } = this.#counts
    const durationsMs = entries.map(({ duration }) => duration)
    this.#counts = {
      count: count + durationsMs.length,
      sumMs: durationsMs.reduce((sum, durationMs) => sum + durationMs, sumMs),
      maxMs: Math.max(maxMs, ...durationsMs),
    }
  }
}
