import type { JsonObject } from './json.ts'

/** Why a request failed; `aborted` means cut off by us (Ctrl-C, deadline), which is counted apart and is no failure. */
export type FailureKind =
  | 'connect'
  | 'tls'
  | 'timeout_connect'
  | 'timeout_first_byte'
  | 'timeout_idle'
  | 'timeout_total'
  | 'http_3xx'
  | 'http_4xx'
  | 'http_429'
  | 'http_5xx'
  | 'inband_error'
  | 'empty'
  | 'truncated'
  | 'protocol'
  | 'aborted'

/** What is kept of a request that did not succeed. */
export interface RequestFailure {
  readonly kind: FailureKind
  /** The server's own words where it gave any; at most 2 KiB. */
  readonly message: string
}

/**
 * Where a record's output token count comes from, or that of its prompt where answers have no tokens; `undefined` when
 * there is no count.
 */
export type TokenSource = 'usage' | 'tokenizer' | 'chunks'

/**
 * One request as it was measured: the only thing that leaves the load loop.
 *
 * All times are whole microseconds, rounded once when the record is made, so sums over records do not depend on their
 * order. `sentUs`, `scheduledUs` and `endUs` are wall-clock epoch times; the others are durations since `sentUs`.
 */
export interface RequestRecord {
  /** Position in the run's sequence of conversations, from 0. */
  readonly index: number
  readonly phase: 'warmup' | 'measured'
  readonly requestId: string
  readonly conversationId: string
  /** Turn within the conversation, from 1. */
  readonly turn: number
  readonly isLastTurn: boolean
  /** JSON text of the body as sent; undefined where the database was not to keep it. */
  readonly body: string | undefined
  /** Whether the answer came as a stream; without an answer, whether one was asked for. */
  readonly isStream: boolean
  /** When the arrival process wanted the request, or, in a loop that is not paced, when its slot became free. */
  readonly scheduledUs: number
  /** From scheduled until a slot was free, in a closed loop that is paced; undefined in others. */
  readonly slotWaitUs: number | undefined
  /** When the load loop called the transport, before any connect. */
  readonly sentUs: number
  /** Last data event before `[DONE]`, or the end of the body, or the moment of failure. */
  readonly endUs: number
  /** From sent until the bytes went to a socket; `undefined` when they never did. */
  readonly connectUs: number | undefined
  /** First event that carries `choices` (evalscope's own TTFT). */
  readonly firstChunkUs: number | undefined
  /** First event that carries output; absent without streaming. */
  readonly ttftUs: number | undefined
  /** First answer content, after any reasoning. */
  readonly ttfatUs: number | undefined
  /** Gaps between consecutive output-bearing chunks, in order; empty below two chunks. */
  readonly gapsUs: readonly number[]
  /** Output-bearing chunks. */
  readonly chunkCount: number
  /** Most events that arrived in one socket read. */
  readonly eventsPerReadMax: number
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** Prompt tokens that the server took from its cache; `undefined` when it does not say. */
  readonly cachedTokens: number | undefined
  readonly reasoningTokens: number | undefined
  readonly tokenSource: TokenSource | undefined
  readonly statusCode: number | undefined
  readonly failure: RequestFailure | undefined
  /** Sent a second time because the kept-alive connection was found closed. */
  readonly wasResent: boolean
  /** JSON array: the parsed events or body (`full`), `[{text, reasoning}]` (`text`), or `undefined` (`none`). */
  readonly responseJson: string | undefined
}

/** What its times and tokens are told by: the part of a record that distributions are made of. */
export const timesFields = [
  'requestId',
  'isStream',
  'sentUs',
  'endUs',
  'firstChunkUs',
  'ttftUs',
  'ttfatUs',
  'gapsUs',
  'chunkCount',
  'inputTokens',
  'outputTokens',
  'reasoningTokens',
  'tokenSource',
  'failure',
] as const satisfies readonly (keyof RequestRecord)[]

/** That part of a record. */
export type RequestTimes = Pick<RequestRecord, (typeof timesFields)[number]>

/** Latency in whole microseconds: from sent to the end. Meaningful for successes only. */
export const latencyUs = (record: RequestTimes): number => record.endUs - record.sentUs

/** How late we were, in whole microseconds: from when the request was wanted, and could go, to when it was sent. */
export const latenessUs = (record: RequestRecord): number =>
  // Both parts are rounded: their difference may be a microsecond below 0.
  Math.max(0, record.sentUs - record.scheduledUs - (record.slotWaitUs ?? 0))

/** Whether we ended this request ourselves (deadline, Ctrl-C): neither success nor failure. */
export const isCutOff = (record: RequestTimes): boolean => record.failure?.kind === 'aborted'

/** What the model said; kept beside the record only while the run lasts. */
export interface AnswerText {
  readonly text: string
  readonly reasoning: string
  /** In the form in which the next request repeats them. */
  readonly toolCalls?: readonly JsonObject[]
  /** What it said where several answers were asked for at once, beside this one. */
  readonly others?: readonly AnswerText[]
  /** What the server's usage had where a count should be, in words. */
  readonly oddUsage?: string
}

/** Takes every record of a run, in order of completion. `write` must not block; on replay there is no answer. */
export interface RecordSink {
  write(record: RequestRecord, answer?: AnswerText): void
  close(): void | Promise<void>
}
