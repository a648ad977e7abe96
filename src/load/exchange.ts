import type { IncomingHttpHeaders } from 'node:http'
import type { Api } from '../apis/api.ts'
import type { HeaderMap } from '../model/conversation.ts'
import type { AnswerText, FailureKind, RequestRecord } from '../model/record.ts'
import { hasOutputTokens, type SaveResponses, type TimeoutSettings } from '../model/run-plan.ts'
import type { ResponseListener } from '../net/call.ts'
import type { Transport, TransportCall } from '../net/transport.ts'
import { Answer } from './answer.ts'
import type { BodyBytes, BodyPool } from './body-bytes.ts'
import { nowMs } from './clock.ts'
import type { Gauge } from './gauge.ts'
import { makeRecord, withoutSecrets } from './make-record.ts'
import type { SelfDelays } from './self-delays.ts'
import type { Watchdog, Watched } from './watchdog.ts'

/** What all exchanges of a run share. */
export interface ExchangeParts {
  readonly api: Api
  readonly transport: Transport
  readonly headers: HeaderMap
  /** What no record may hold. */
  readonly secrets: readonly string[]
  readonly timeouts: TimeoutSettings
  readonly saveResponses: SaveResponses
  readonly bodies: BodyPool
  readonly watchdog: Watchdog<Exchange>
  readonly gauge: Gauge
  readonly selfDelays: SelfDelays
  /** `--debug`: hears of every request and read; absent otherwise. */
  readonly trace: ExchangeTrace | undefined
}

/** Hears what goes over the wire; for `--debug` only. */
export interface ExchangeTrace {
  sent(requestId: string, body: string): void
  received(requestId: string, bytes: Buffer): void
  ended(record: RequestRecord): void
}

/** One request to send: all that is known of it before it leaves. */
export interface ExchangeRequest {
  readonly index: number
  readonly phase: RequestRecord['phase']
  readonly requestId: string
  readonly conversationId: string
  readonly turn: number
  readonly isLastTurn: boolean
  readonly body: string
  /** Whether the body asks for a stream; decides only where the answer has no content type. */
  readonly asksStream: boolean
  readonly scheduledMs: number
  readonly slotWaitMs: number | undefined
  /** Sent above those of the run. */
  readonly headers?: HeaderMap | undefined
}

/** What came of a request. */
export interface ExchangeResult {
  readonly record: RequestRecord
  readonly answer: AnswerText
  /** The record's end on the monotonic clock, in ms: from then on its slot is free. */
  readonly endMs: number
}

/** After `[DONE]` a request is over; its slot waits this long for the body's end, so that the connection is kept. */
const bodyEndGraceMs = 20
/** A body still open this long after `[DONE]`, or after a status that is an error, has its socket closed. */
const openBodyLimitMs = 1000

/** One that failed is known at its end. What comes in one piece is at hand then. */
const keepsEvents = ({ api, saveResponses }: ExchangeParts): boolean =>
  saveResponses === 'full' || (saveResponses === 'failed' && hasOutputTokens(api.task ?? 'generate'))

/** Sends one request and measures its answer. Never rejects: a failed request is data. */
export const exchange = (request: ExchangeRequest, parts: ExchangeParts): Promise<ExchangeResult> =>
  new Promise(resolve => new Exchange(request, parts, resolve).send())

/** A request under way: its reads are kept with their stamps, decoded after the burst, and end as one record. */
export class Exchange implements ResponseListener, Watched {
  readonly #request: ExchangeRequest
  readonly #parts: ExchangeParts
  readonly #resolve: (result: ExchangeResult) => void
  readonly #answer: Answer
  readonly #body: BodyBytes
  #call: TransportCall | undefined
  #sentMs = 0
  #writtenMs: number | undefined
  #headMs = 0
  #lastReadMs: number | undefined
  /** The self-delay of that stamp. */
  #lastDelayMs = 0
  #wasResent = false
  #ending: { readonly stampMs: number; readonly error?: Error; readonly wasWritten?: boolean } | undefined
  #isSettled = false
  /** When the answer was over while its body was still open. */
  #overMs: number | undefined
  #graceTimer: NodeJS.Timeout | undefined

  constructor(request: ExchangeRequest, parts: ExchangeParts, resolve: (result: ExchangeResult) => void) {
    this.#request = request
    this.#parts = parts
    this.#resolve = resolve
    this.#body = parts.bodies.take()
    this.#answer = new Answer(parts.api, request.asksStream, keepsEvents(parts), this.#body)
  }

  send(): void {
    const { transport, headers, watchdog, gauge, trace } = this.#parts
    const { requestId, body, headers: own } = this.#request
    watchdog.add(this)
    this.#sentMs = nowMs()
    gauge.began(this.#sentMs)
    this.#call = transport.send(body, { ...headers, 'x-request-id': requestId, ...own }, this)
    trace?.sent(requestId, body)
  }

  /** Ends the request from our side as `kind`; `aborted` means cut off, which is no failure. */
  cut(kind: FailureKind, message: string): void {
    this.#call?.tellReads()
    if (this.#isSettled) return
    // With its end mark read the answer is whole; only its usage or its body's end may be missing.
    if (!this.#answer.isDone && !this.#answer.draft.finished) this.#answer.fail(kind, message)
    this.#close(nowMs(), message)
  }

  onWritten(writtenMs: number): void {
    this.#writtenMs = writtenMs
    this.#parts.gauge.wrote()
  }

  onResent(): void {
    this.#wasResent = true
    this.#writtenMs = undefined
  }

  onHead(statusCode: number, headers: IncomingHttpHeaders, stampMs: number): boolean {
    this.#lastReadMs = stampMs
    this.#headMs = stampMs
    this.#answer.head(statusCode, headers)
    return this.#answer.isOver
  }

  onBytes(bytes: Buffer, stampMs: number, seq: number, delayMs: number): boolean {
    if (this.#isSettled) return false
    this.#lastReadMs = stampMs
    this.#lastDelayMs = delayMs
    this.#parts.trace?.received(this.#request.requestId, bytes)
    const { chunksMs } = this.#answer
    const before = chunksMs.length
    this.#answer.read(bytes, stampMs, seq)
    if (chunksMs.length > before) this.#parts.selfDelays.add(delayMs, chunksMs.length - before, before === 0)
    return this.#answer.isOver
  }

  onEnd(stampMs: number): void {
    this.#ending = { stampMs }
  }

  onFailed(error: Error, wasWritten: boolean): void {
    this.#ending = { stampMs: nowMs(), error, wasWritten }
  }

  onOver(): void {
    if (this.#ending !== undefined) {
      this.#settle(this.#ending.stampMs)
      this.#parts.watchdog.remove(this)
    } else if (this.#answer.isDone) {
      this.#overMs ??= nowMs()
      this.#graceTimer ??= setTimeout(() => this.#settle(nowMs()), bodyEndGraceMs)
    } else if (this.#answer.isOver) {
      // Failed: what may still come changes nothing, and the server is not to go on with it beside the next request.
      this.#close(this.#lastReadMs ?? nowMs(), 'the answer had failed')
    }
  }

  checkTime(timeMs: number): void {
    const { connectMs, readMs, totalMs } = this.#parts.timeouts
    if (this.#overMs !== undefined) {
      if (timeMs - this.#overMs > openBodyLimitMs) this.#close(timeMs, 'the body stayed open after [DONE]')
    } else if (this.#answer.isErrorBody && timeMs - this.#headMs > openBodyLimitMs) {
      this.#close(this.#lastReadMs ?? timeMs, 'the body of an error stayed open')
    } else if (timeMs - this.#sentMs > totalMs) {
      this.cut('timeout_total', `not over within --total-timeout ${totalMs / 1000} s`)
    } else if (this.#writtenMs === undefined) {
      if (timeMs - this.#sentMs > connectMs) this.cut('timeout_connect', `no connection within ${connectMs / 1000} s`)
    } else if (this.#isSilent(timeMs, readMs)) {
      const kind = this.#lastReadMs === undefined ? 'timeout_first_byte' : 'timeout_idle'
      this.cut(kind, `silent for longer than --read-timeout ${readMs / 1000} s`)
    }
  }

  #isSilent(timeMs: number, limitMs: number): boolean {
    const sinceMs = (): number => this.#lastReadMs ?? this.#writtenMs ?? timeMs
    if (timeMs - sinceMs() <= limitMs) return false
    // It may have spoken, and not been heard yet.
    this.#call?.tellReads()
    return !this.#isSettled && timeMs - sinceMs() > limitMs
  }

  /** Makes the record and frees the slot, once. */
  #settle(endMs: number): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#graceTimer)
    this.#answer.end(this.#ending?.error, this.#ending?.wasWritten)
    const times = { sentMs: this.#sentMs, writtenMs: this.#writtenMs, endMs, wasResent: this.#wasResent }
    const { saveResponses, secrets, bodies, gauge, selfDelays, trace } = this.#parts
    const settledMs = nowMs()
    // An answer in one piece has the stamp of its last read alone.
    if (!this.#answer.isStream && this.#lastReadMs !== undefined) selfDelays.add(this.#lastDelayMs, 1, true)
    const record = withoutSecrets(makeRecord(this.#request, times, this.#answer, saveResponses), secrets)
    bodies.give(this.#body)
    trace?.ended(record)
    const { text, reasoning, toolCalls, otherChoices: others, oddUsage } = this.#answer.draft
    const endedMs = this.#sentMs + (record.endUs - record.sentUs) / 1000
    // From what was waited for, the end of the body, on the time is our own.
    const awaitedMs = this.#ending?.error === undefined ? (this.#ending?.stampMs ?? settledMs) : settledMs
    gauge.ended(settledMs, Math.max(0, awaitedMs - endedMs))
    const answer = { text, reasoning, toolCalls, ...(others && { others }), ...(oddUsage && { oddUsage }) }
    this.#resolve({ record, answer, endMs: endedMs })
  }

  /** Ends it from our side, with its connection. */
  #close(endMs: number, why: string): void {
    const error = new Error(why)
    // The body is not complete: the rest of it is half an event.
    this.#ending ??= { stampMs: endMs, error }
    this.#settle(endMs)
    this.#parts.watchdog.remove(this)
    this.#call?.abort(error)
  }
}
