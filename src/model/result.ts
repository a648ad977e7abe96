import type { FailureKind } from './record.ts'
import type { RunPlan } from './run-plan.ts'

/**
 * The figures of one run. Durations in ms, rates per second, shares in percent.
 * `undefined` means "there is no such value" and prints as `—`; definitions stand in `stats/metrics.ts`.
 */
export interface RunSummary {
  readonly expectedRequests: number
  /** Requests that ended by themselves: successes and failures. */
  readonly totalRequests: number
  readonly succeededRequests: number
  readonly failedRequests: number
  /** Cut off by us; in none of the other counts. */
  readonly cutOffRequests: number
  readonly streamRequests: number
  readonly nonStreamRequests: number
  /** Requests sent again because a kept-alive connection was found closed. */
  readonly resentRequests: number
  readonly successPercent: number | undefined
  /** Last end − first sent; `undefined` without any ended request. */
  readonly durationMs: number | undefined
  readonly requestsPerSec: number | undefined
  readonly outputTokensPerSec: number | undefined
  readonly totalTokensPerSec: number | undefined
  /** Output throughput until the last success, when later failures stretch the duration by more than 5 %. */
  readonly outputTokensPerSecToLastSuccess: number | undefined
  readonly meanLatencyMs: number | undefined
  readonly meanFirstChunkMs: number | undefined
  readonly meanTtftMs: number | undefined
  readonly meanTtfatMs: number | undefined
  readonly meanTpotMs: number | undefined
  readonly meanItlMs: number | undefined
  readonly meanInputTokens: number | undefined
  readonly meanOutputTokens: number | undefined
  readonly meanChunks: number | undefined
  readonly meanTokensPerChunk: number | undefined
  readonly cachedPercent: number | undefined
  readonly decodedTokensPerIteration: number | undefined
  /** Acceptance rate of speculative decoding, 0 to 1. */
  readonly specAcceptanceRate: number | undefined
  /** Share of streams whose first chunk and TTFT lie more than one median gap apart, in percent. */
  readonly lateFirstTokenPercent: number | undefined
  /** Share of successful streams in which several output chunks shared one socket read, in percent. */
  readonly coalescedPercent: number | undefined
  /** Successes by where their output token count comes from. */
  readonly tokenSources: Readonly<Record<'usage' | 'tokenizer' | 'chunks' | 'none', number>>
}

/** A percentile level: 0 < p < 100, or one of the ends. */
export type PercentileLevel = 'min' | number | 'max'

/** The measured series that have percentiles, in the order of the table. */
export type SeriesName =
  | 'latency'
  | 'firstChunk'
  | 'ttft'
  | 'ttfat'
  | 'itl'
  | 'tpot'
  | 'inputTokens'
  | 'outputTokens'
  | 'outputRate'
  | 'totalRate'
  | 'decodeRate'

/** One line of the percentile table: durations in ms, rates in tok/s; one value per level. */
export interface PercentileSeries {
  readonly series: SeriesName
  readonly values: readonly (number | undefined)[]
}

export interface PercentileTable {
  readonly levels: readonly PercentileLevel[]
  readonly rows: readonly PercentileSeries[]
}

/** Failures of one kind, with the first one met as example. */
export interface FailureGroup {
  readonly kind: FailureKind
  readonly count: number
  readonly statusCode: number | undefined
  readonly example: string
}

/** Mean speed for one prompt length: a line of the speed benchmark's own table. */
export interface SpeedRow {
  readonly inputTokens: number
  readonly tokensPerSec: number
}

/** What one run found: made by folding its records, consumed by every report. */
export interface RunResult {
  readonly plan: RunPlan
  readonly summary: RunSummary
  /** At the levels that the user chose. */
  readonly percentiles: PercentileTable
  /** At the levels that the report over all runs quotes. */
  readonly quoted: PercentileTable
  readonly failures: readonly FailureGroup[]
  readonly speed: readonly SpeedRow[]
  /** Ended by Ctrl-C or SIGTERM before all requests were sent. */
  readonly interrupted: boolean
  /** Plain sentences that a reader should know; they change no figure. */
  readonly notes: readonly string[]
}
