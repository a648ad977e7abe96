import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'vitest'
import type { Api } from '../../src/apis/api.ts'
import { Answer } from '../../src/load/answer.ts'
import { BodyBytes } from '../../src/load/body-bytes.ts'
import { makeRecord } from '../../src/load/make-record.ts'
import type { AnswerText, FailureKind, RequestRecord } from '../../src/model/record.ts'
import type { SaveResponses } from '../../src/model/run-plan.ts'
import { percentileJson, summaryJson } from '../../src/report/json.ts'
import { columns, recordReader, toRow } from '../../src/store/schema.ts'
import { planOf, resultOf } from '../report/results.ts'

/** An answer as the transport hands it over. */
export interface Delivery {
  readonly api: Api
  readonly status: number
  readonly type: string | undefined
  readonly asksStream: boolean
  readonly saveResponses: SaveResponses
  /** The connection is lost at its end. */
  readonly isLost: boolean
}

/** What became of an answer. */
export interface Decoded {
  readonly record: RequestRecord
  readonly said: AnswerText
}

const sentMs = 1000

/** Takes an answer apart as a run does. All pieces come in one read, or each in one of its own, `stepMs` apart. */
export const decode = (delivery: Delivery, pieces: readonly Buffer[], stepMs = 0): Decoded => {
  const { api, status, type, asksStream, saveResponses, isLost } = delivery
  const answer = new Answer(api, asksStream, saveResponses === 'full', new BodyBytes())
  const headers: IncomingHttpHeaders = type === undefined ? {} : { 'content-type': type }
  answer.head(status, headers)
  for (const [seq, piece] of pieces.entries()) {
    if (answer.isOver) break
    answer.read(piece, sentMs + 10 + seq * stepMs, stepMs === 0 ? 0 : seq)
  }
  answer.end(isLost ? Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) : undefined)
  const endMs = sentMs + 20 + pieces.length * stepMs
  const times = { sentMs, writtenMs: sentMs, endMs, wasResent: false }
  const { text, reasoning, toolCalls } = answer.draft
  return {
    record: makeRecord({ ...request, asksStream }, times, answer, saveResponses),
    said: { text, reasoning, toolCalls },
  }
}

const request = {
  index: 0,
  phase: 'measured',
  requestId: 'r',
  conversationId: 'c',
  turn: 1,
  isLastTurn: true,
  body: '{}',
  scheduledMs: sentMs,
  slotWaitMs: undefined,
} as const

const kinds: ReadonlySet<FailureKind> = new Set<FailureKind>([
  ...(['http_3xx', 'http_4xx', 'http_429', 'http_5xx'] as const),
  ...(['inband_error', 'empty', 'truncated', 'protocol'] as const),
])

/** What holds for every answer, whatever a server or a plugin has put into it. */
export const expectSound = ({ record, said }: Decoded, { api, status }: Delivery): void => {
  const { failure, responseJson } = record
  if (failure === undefined) {
    expect(status).toBeGreaterThanOrEqual(200)
    expect(status).toBeLessThan(300)
    expect(record.chunkCount).toBeGreaterThanOrEqual(1)
  } else {
    expect(kinds).toContain(failure.kind)
    expect(typeof failure.message).toBe('string')
    expect(failure.message.length).toBeLessThanOrEqual(2048)
  }
  if (responseJson !== undefined) expect(Array.isArray(JSON.parse(responseJson))).toBe(true)
  for (const count of [record.inputTokens, record.outputTokens, record.cachedTokens, record.reasoningTokens]) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) throw new Error(`a count is ${count}`)
  }
  for (const gap of record.gapsUs) expect(gap).toBeGreaterThanOrEqual(0)
  // As the store writes it, and as a sink keeps it until its tokens are counted.
  expect(readRecord(toRow(record))).toEqual(stored(record))
  JSON.stringify({ record, said })
  expectFigures(record, api)
}

const readRecord = recordReader(columns, 'measured')

/** A NUL or half a character is stored as a sign that stands for it. */
const stored = (record: RequestRecord): RequestRecord => ({
  ...record,
  failure: record.failure && { ...record.failure, message: record.failure.message.replace(unstorable, '\ufffd') },
})

const unstorable = /[\0\p{Surrogate}\ufeff]/gu

/** Keys whose -1 says that there is no limit. */
const mayBeNegative = new Set(['Request Rate (req/s)', 'Concurrency', 'Difference (%)', 'Constant Difference'])

const expectFigures = (record: RequestRecord, api: Api): void => {
  // By itself, as the only turn of its conversation.
  const alone = { ...record, turn: 1, isLastTurn: true }
  const result = resultOf({ ...planOf(1, 1), task: api.task ?? 'generate' }, [alone])
  const check = (key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value
    if (!Number.isFinite(value) || (value < 0 && !mayBeNegative.has(key))) throw new Error(`${key} is ${value}`)
    return value
  }
  JSON.stringify([summaryJson(result), percentileJson(result)], check)
}
