import type { GateCheck } from './gate.ts'
import type { GoodputSummary } from './goodput.ts'
import type { HealthSummary } from './health.ts'
import type { PromptWaiting } from './load-outcome.ts'
import type { NamedReading } from './named-figure.ts'
import type { FailureKind } from './record.ts'
import type { RunPlan } from './run-plan.ts'
import type { TokenFindings } from './token-findings.ts'
import type { Verdict } from './verdict.ts'
import type { Timeline, WorkloadThroughput } from './workload.ts'

export type { Timeline, TimelinePoint, TokenRates, WorkloadThroughput } from './workload.ts'

/**
 * The figures of one run. Durations in ms, rates per second, shares in percent.
 * `undefined` means "there is no such value" and prints as `—`; definitions stand in `stats/metrics.ts`.
 */
export interface RunSummary {
  /**
   * What the run was asked to send; undefined where only its duration was given, or where it was asked for
   * conversations of several turns.
   */
  readonly expectedRequests: number | undefined
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
  /** Σ prompt tokens / duration; only where answers have no tokens: of embedding and rerank runs. */
  readonly inputTokensPerSec: number | undefined
  /** Output throughput until the last success, when later failures stretch the duration by more than 5 %. */
  readonly outputTokensPerSecToLastSuccess: number | undefined
  /** The same of prompt tokens, where answers have none. */
  readonly inputTokensPerSecToLastSuccess: number | undefined
  readonly meanLatencyMs: number | undefined
  /** Sent until the bytes went to a socket; a part of latency and TTFT. */
  readonly meanConnectMs: number | undefined
  /** How well a paced load kept its schedule; undefined where there is none. */
  readonly schedule: ScheduleSummary | undefined
  /** Requests that could have left had their prompts been made; undefined on replay. */
  readonly promptWaiting: PromptWaiting | undefined
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
  /** Undefined where no conversation has several turns. */
  readonly conversations: ConversationSummary | undefined
  readonly decodedTokensPerIteration: number | undefined
  /** Acceptance rate of speculative decoding, 0 to 1. */
  readonly specAcceptanceRate: number | undefined
  /** Share of streams whose first chunk and TTFT lie more than one median gap apart, in percent. */
  readonly lateFirstTokenPercent: number | undefined
  /** Share of successful streams in which several output chunks shared one socket read, in percent. */
  readonly coalescedPercent: number | undefined
  /** Successes by where their output token count comes from, or that of their prompt where answers have no tokens. */
  readonly tokenSources: Readonly<Record<'usage' | 'tokenizer' | 'chunks' | 'none', number>>
  /** Undefined where the plan has no objectives. */
  readonly goodput: GoodputSummary | undefined
}

/** What became of the conversations of a run, and what their turns have in common. */
export interface ConversationSummary {
  /** Asked for; undefined where only a duration was given. */
  readonly expected: number | undefined
  readonly begun: number
  /** Ended by a turn that failed. */
  readonly abandoned: number
  /** Neither came to their last turn nor failed: the run was over. */
  readonly cutOff: number
  /** Σ turn number, from 1, over successes / successes: evalscope's `Avg Turns/Request`. */
  readonly meanTurnNumber: number | undefined
  readonly meanFirstTtftMs: number | undefined
  /** Of all turns after the first. */
  readonly meanLaterTtftMs: number | undefined
  /** What a server could have cached, over conversations of which it reports nothing; in no other figure. */
  readonly estimatedCachedPercent: number | undefined
}

/** The figures that every conversation has, in the order of their table. */
export type ConversationFigure =
  | 'latency'
  | 'firstTtft'
  | 'ttfat'
  | 'decodeRate'
  | 'cachedPercent'
  | 'eligibleCachedPercent'
  | 'estimatedCachedPercent'

/** One figure over all conversations that have it: durations in ms, rates in tok/s. */
export interface ConversationStatistics {
  readonly figure: ConversationFigure
  readonly mean: number | undefined
  readonly min: number | undefined
  readonly p50: number | undefined
  readonly p90: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  readonly max: number | undefined
  /** How many conversations have it. */
  readonly count: number
}

/** The figures of the conversations of a run: one row for each figure, whether any conversation has it or not. */
export interface ConversationTable {
  /** Conversations with at least one success. */
  readonly count: number
  readonly rows: readonly ConversationStatistics[]
}

/** Three points of a distribution. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What became of the times at which a paced load wanted its requests, over all that were sent. */
export interface ScheduleSummary {
  /** Undefined for a trace. */
  readonly requestedRatePerSec: number | undefined
  /** (requests − 1) / (last − first wanted), over all that were wanted; on replay, over those that were sent. */
  readonly drawnRatePerSec: number | undefined
  /** (requests − 1) / (last − first sent). */
  readonly realisedRatePerSec: number | undefined
  /** Sent − wanted, without the wait for a slot: our own delay. */
  readonly latenessMs: Spread | undefined
  /** Wait for a slot of a paced closed loop. */
  readonly slotWaitMs: Spread | undefined
  /** Wanted before the run ended, but never sent: for want of a slot, or because we were late. Unknown on replay. */
  readonly overdueRequests: number | undefined
  /** Means of latency and TTFT from when the requests were wanted. */
  readonly meanLatencyMs: number | undefined
  readonly meanTtftMs: number | undefined
}

/** Requests in flight, from the first sent to the last end, cut-off ones included. */
export interface ConcurrencySummary {
  /** By a sweep line over the records. */
  readonly mean: number
  readonly max: number
  /** Mean within the steady window. */
  readonly steadyMean: number | undefined
  /** What the load loop itself counted, its slots being held until an answer is worked off; undefined on replay. */
  readonly gauge: GaugeReading | undefined
}

/** The load loop's own count of requests in flight. */
export interface GaugeReading {
  /** Over the time from the first request's start to the last one's end. */
  readonly mean: number
  readonly max: number
}

/** A percentile level: 0 < p < 100, or one of the ends. */
export type PercentileLevel = 'min' | number | 'max'

/** The measured series that have percentiles, in the order of the table. */
export type SeriesName =
  | 'latency'
  | 'scheduledLatency'
  | 'firstChunk'
  | 'ttft'
  | 'scheduledTtft'
  | 'ttfat'
  | 'itl'
  | 'tpot'
  | 'inputTokens'
  | 'outputTokens'
  | 'outputRate'
  | 'inputRate'
  | 'totalRate'
  | 'decodeRate'
  | 'connect'
  | 'slotWait'
  | 'lateness'

/** One line of the percentile table: durations in ms, rates in tok/s; one value per level. */
export interface PercentileSeries {
  readonly series: SeriesName
  /** How many samples the percentiles rest on: requests, but gaps of `itl`. */
  readonly count: number
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

/**
 * Why a database may lack requests of its run: that is under way, was killed before it wrote how it ended, or not all of
 * its rows can be read any more.
 */
export type Incomplete = 'under way' | 'unfinished' | 'damaged'

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
  /** Undefined where no conversation has several turns, and without a success. */
  readonly conversations: ConversationTable | undefined
  /** Undefined without a success. */
  readonly throughput: WorkloadThroughput | undefined
  /** Undefined when nothing was sent. */
  readonly concurrency: ConcurrencySummary | undefined
  readonly timeline: Timeline | undefined
  /** Undefined without a tokenizer, and on replay. */
  readonly tokens: TokenFindings | undefined
  /** Whether all this can be trusted. */
  readonly verdict: Verdict
  /** What gates rest on, or others have asked for by name. */
  readonly figures?: readonly NamedReading[] | undefined
  /** What became of the gates of the plan; undefined where it has none. */
  readonly gates?: readonly GateCheck[] | undefined
  /** Undefined where the client did not observe itself. */
  readonly health: HealthSummary | undefined
  /** The dataset could not give all prompts. */
  readonly datasetFailed: boolean
  /** Ended by Ctrl-C or SIGTERM before all requests were sent. */
  readonly interrupted: boolean
  /** Undefined where all that became of the run is known. */
  readonly incomplete?: Incomplete | undefined
  /** Plain sentences that a reader should know; they change no figure. */
  readonly notes: readonly string[]
}
