import type { IncomingHttpHeaders } from 'node:http'
import { type Api, type ChunkContent, emptyDraft, type ResponseDraft } from '../apis/api.ts'
import { statusMessage } from '../apis/support/error-message.ts'
import { maskUrl } from '../arguments/secrets.ts'
import { reasonOf } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { FailureKind, RequestFailure } from '../model/record.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import { failureOf, maxMessageChars, statusKind, transportFailure } from '../net/failure.ts'
import { createNdjsonReader } from '../net/ndjson.ts'
import { pageText } from '../net/page-text.ts'
import { createSseReader, type PayloadReader } from '../net/sse.ts'
import type { BodyBytes } from './body-bytes.ts'
import { mendDraft } from './mend-draft.ts'

const maxBodyBytes = 256 * 1024 * 1024
const eventStreamTypes = ['text/event-stream']
const lineStreamTypes = ['ndjson', 'jsonl', 'jsonlines', 'stream+json', 'json-seq']
/** An error body is read this far for its message; the rest is dropped. */
const maxErrorBodyBytes = 64 * 1024

/**
 * What an answer has shown so far: reads stamped pieces and books what they carried. Knows the success rule, owns no
 * socket and reads no clock. Stamps are ms of the monotonic clock.
 */
export class Answer {
  readonly draft = emptyDraft()
  /** Stamps of the output-bearing chunks. */
  readonly chunksMs: number[] = []
  statusCode: number | undefined
  isStream: boolean
  firstChunkMs: number | undefined
  /** First non-empty answer content, after any reasoning. */
  firstAnswerMs: number | undefined
  finishMs: number | undefined
  /** Last data event before `[DONE]`, or last read of an unstreamed body. */
  lastDataMs: number | undefined
  eventsPerReadMax = 0
  isDone = false
  failure: RequestFailure | undefined
  readonly #api: Api
  readonly #keepsEvents: boolean
  readonly #body: BodyBytes
  #bodyJson: string | undefined
  #shape: 'unread' | 'events' | 'json' | 'error' = 'unread'
  #events: PayloadReader | undefined
  #bodyBytes = 0
  #readSeq = -1
  #eventsInRead = 0
  #stampMs = 0

  /** `body` is its own until its record is made. */
  constructor(api: Api, asksStream: boolean, keepsEvents: boolean, body: BodyBytes) {
    this.#api = api
    this.#body = body
    this.isStream = asksStream
    this.#keepsEvents = keepsEvents
  }

  /** Whether a status outside 2xx is being explained by a body. */
  get isErrorBody(): boolean {
    return this.#shape === 'error'
  }

  /** Whether it consists of tokens; a vector or an order does not, whatever its server reports. */
  get hasTokens(): boolean {
    return hasOutputTokens(this.#api.task ?? 'generate')
  }

  /** Whether nothing that may still come can change the outcome, though the body may be open. */
  get isOver(): boolean {
    if (this.isDone) return true
    return this.failure !== undefined && (this.#shape !== 'error' || this.#bodyBytes > maxErrorBodyBytes)
  }

  head(statusCode: number, headers: IncomingHttpHeaders): void {
    this.statusCode = statusCode
    if (statusCode >= 200 && statusCode < 300) return this.#chooseShape(headers)
    if (statusCode < 400) {
      // It may hold a token of its own: pages to log in do.
      const target = maskUrl(first(headers.location) ?? 'an unnamed address')
      return this.fail('http_3xx', `HTTP ${statusCode} redirects to ${target}; redirects are not followed`)
    }
    this.#shape = 'error'
    this.fail(statusKind(statusCode), `HTTP ${statusCode}`)
  }

  /** Reads a piece of the body, copying what it keeps; pieces with the same `seq` came in one socket read. */
  read(bytes: Buffer, stampMs: number, seq: number): void {
    if (this.isOver || this.#shape === 'unread') return
    this.#bodyBytes += bytes.length
    if (this.#bodyBytes > maxBodyBytes) return this.fail('protocol', 'the body is larger than 256 MiB')
    if (seq !== this.#readSeq) this.#eventsInRead = 0
    this.#readSeq = seq
    this.#stampMs = stampMs
    if (this.#shape === 'events') return this.#feed(bytes)
    this.#body.append(this.#shape === 'error' ? bytes.subarray(0, this.#errorRoom(bytes)) : bytes)
    this.lastDataMs = stampMs
  }

  /** All that came of events, or the one body, as a JSON array; meant for answers whose events are kept. */
  eventsJson(): string {
    return this.#shape === 'events' ? this.#body.elementsJson() : `[${this.#bodyJson ?? ''}]`
  }

  /** The same of one that failed, whether events are kept or not: a body that is no JSON as a text. */
  failedJson(): string {
    if (this.#shape === 'events') return this.eventsJson()
    const text = this.#body.text().trim()
    if (text === '') return '[]'
    return parseJson(text) === undefined ? JSON.stringify([text.slice(0, maxMessageChars)]) : `[${text}]`
  }

  /** The body is complete (no error) or will never be; `wasWritten` tells whether the request had reached a socket. */
  end(error?: Error, wasWritten = true): void {
    if (error === undefined) {
      // After a loss the rest is half an event, not a last one without its blank line.
      if (this.#shape === 'events') this.#feed(undefined)
      if (this.#shape === 'json' && this.failure === undefined) this.#readJsonBody()
    } else if (!this.draft.finished && !this.isDone) {
      this.failure ??= transportFailure(error, wasWritten, this.statusCode !== undefined)
    }
    if (this.#shape === 'error') this.#nameHttpError()
    this.#applySuccessRule()
  }

  /** Books a failure; the first one counts. */
  fail(kind: FailureKind, message: string): void {
    this.failure ??= failureOf(kind, message)
  }

  #chooseShape(headers: IncomingHttpHeaders): void {
    const encoding = first(headers['content-encoding'])
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      return this.fail('protocol', `the answer is encoded (${encoding}) though identity was asked for`)
    }
    const type = first(headers['content-type'])?.toLowerCase()
    if (type !== undefined) this.isStream = this.#streamTypes.some(known => type.includes(known))
    if (!this.isStream && type !== undefined && !type.includes('json')) {
      const streams = this.#api.framing === 'ndjson' ? 'a stream of JSON lines' : 'an event stream'
      return this.fail('protocol', `the answer's content type is ${type}, neither ${streams} nor JSON`)
    }
    this.#shape = this.isStream ? 'events' : 'json'
  }

  /** Content types of streamed answers. A line of JSON is also how an answer in one piece may come. */
  get #streamTypes(): readonly string[] {
    if (this.#api.framing !== 'ndjson') return eventStreamTypes
    return this.isStream ? [...lineStreamTypes, 'application/json'] : lineStreamTypes
  }

  /** How much of a piece belongs to the part of an error body that is read, however it comes. */
  #errorRoom(bytes: Buffer): number {
    return Math.max(0, maxErrorBodyBytes - (this.#bodyBytes - bytes.length))
  }

  /** Decodes a piece, or what is left at the end. */
  #feed(bytes: Buffer | undefined): void {
    const createReader = this.#api.framing === 'ndjson' ? createNdjsonReader : createSseReader
    this.#events ??= createReader((payload: string, isError?: boolean) => this.#onPayload(payload, isError))
    try {
      if (bytes === undefined) this.#events.end()
      else this.#events.feed(bytes)
    } catch (error) {
      // An oversized event, or a plugin that cannot read one.
      this.fail('protocol', reasonOf(error))
    }
  }

  #onPayload(payload: string, isError = false): void {
    if (this.isOver) return
    this.#eventsInRead++
    if (this.#eventsInRead > this.eventsPerReadMax) this.eventsPerReadMax = this.#eventsInRead
    if (payload === '[DONE]') {
      this.isDone = true
      return
    }
    this.lastDataMs = this.#stampMs
    const chunk = parseObject(payload)
    if (isError && chunk === undefined) return this.fail('inband_error', payload)
    if (chunk === undefined) return this.fail('protocol', `an event is not a JSON object: ${payload.slice(0, 200)}`)
    if (this.#keepsEvents) this.#body.appendElement(payload)
    if (isError) return this.fail('inband_error', statusMessage(chunk))
    this.#book(this.#api.readChunk(chunk, this.draft))
    if (this.draft.finished) this.finishMs ??= this.#stampMs
    if (this.draft.done) this.isDone = true
  }

  #book(content: ChunkContent): void {
    if (content === 'other') return
    if (content === 'error') return this.fail('inband_error', this.draft.errorMessage ?? 'the server reports an error')
    if (content !== 'answer' && content !== 'reasoning' && content !== 'choice') {
      // Only a plugin in plain JavaScript comes here.
      return this.fail('protocol', `the API reads an answer as ${String(content)}, which is nothing that it can be`)
    }
    this.firstChunkMs ??= this.#stampMs
    if (content === 'choice') return
    this.chunksMs.push(this.#stampMs)
    if (content === 'answer') this.firstAnswerMs ??= this.#stampMs
  }

  #readJsonBody(): void {
    const text = this.#body.text()
    if (text.trim() === '') return this.fail('empty', 'the answer is empty')
    const value = parseJson(text)
    const body = Array.isArray(value) ? { data: value } : value
    const noObject = `the answer is not a JSON object: ${text.slice(0, 200)}`
    if (!isJsonObject(body)) return this.fail('protocol', noObject)
    // As it came: what is nested deeply cannot be written anew.
    if (this.#keepsEvents) this.#bodyJson = text
    try {
      const content = this.#api.readBody(body, this.draft)
      // A list says nothing to most protocols.
      if (content === 'other' && Array.isArray(value)) this.fail('protocol', noObject)
      this.#book(content)
      if (this.draft.finished) this.finishMs ??= this.#stampMs
    } catch (error) {
      this.fail('protocol', reasonOf(error))
    }
  }

  /** Puts the server's words into the failure that the status stands for. */
  #nameHttpError(): void {
    const text = this.#body.text().trim()
    const body = parseObject(text) ?? parseObject(firstPayload(text))
    const words = body === undefined ? pageText(text) : statusMessage(body)
    const failure = this.failure
    if (failure !== undefined && words !== '') {
      this.failure = failureOf(failure.kind, `HTTP ${this.statusCode}: ${words}`)
    }
  }

  /** A success has at least one unit of output and an orderly end; see MEASUREMENT "A request succeeds only if". */
  #applySuccessRule(): void {
    const problem = mendDraft(this.draft)
    if (problem !== undefined) this.fail('protocol', problem)
    if (this.failure !== undefined) return
    if (this.chunksMs.length === 0 && this.finishMs !== undefined && countsOutput(this.draft)) {
      // Tokens without text (a lone end mark): the finish event, or the body, is the output.
      this.chunksMs.push(this.finishMs)
    }
    const isOrderly = !this.isStream || this.draft.finished || this.isDone
    const hasOutput = this.chunksMs.length > 0
    if (!hasOutput && (isOrderly || this.firstChunkMs === undefined)) {
      return this.fail('empty', 'the answer ended without any output')
    }
    if (!isOrderly)
      this.fail('truncated', 'the stream ended without its end mark (finish_reason, [DONE] or their like)')
  }
}

/** Whether usage, which plugins may fill with anything, speaks of tokens. */
const countsOutput = ({ outputTokens }: ResponseDraft): boolean => typeof outputTokens === 'number' && outputTokens >= 1

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** Of an error told as an event, whatever its content type says, as DashScope does when a stream was asked for. */
const firstPayload = (text: string): string => /^data:(.*)$/m.exec(text)?.[1] ?? ''

const parseObject = (text: string): JsonObject | undefined => {
  const value = parseJson(text)
  return isJsonObject(value) ? value : undefined
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
