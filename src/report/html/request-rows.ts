import { maskJson } from '../../arguments/secrets.ts'
import type { JsonValue } from '../../model/json.ts'
import { latencyUs, type RequestRecord } from '../../model/record.ts'
import { itlUs, toMs, tpotMs, ttftUs } from '../../stats/metrics.ts'
import { answerText } from './answer-text.ts'
import { cutText } from './cut-text.ts'
import type { ReportedRun } from './reported-run.ts'

/** Most bytes of a request and of an answer that the page shows. */
export const mostTextBytes = 2048

/** One request on the page. */
export interface RequestRow {
  readonly id: string
  readonly index: number
  readonly turn: number
  /** Since the first request of the run was sent. */
  readonly sentSec: number
  readonly latencyMs: number
  readonly ttftMs: number | undefined
  readonly tpotMs: number | undefined
  readonly longestGapMs: number | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly cachedTokens: number | undefined
  readonly status: number | undefined
  /** Undefined for a success. */
  readonly failure: string | undefined
  readonly error: string | undefined
  /** Undefined where it was not kept. */
  readonly request: string | undefined
  readonly answer: string | undefined
}

/** The rows of these requests, in the order in which they were sent. */
export const requestRows = async (
  run: ReportedRun,
  requestIds: readonly string[],
  startUs: number,
): Promise<readonly RequestRow[]> => {
  const rows: RequestRow[] = []
  for await (const record of run.records({ requestIds, withAnswers: true })) rows.push(rowOf(record, startUs))
  return rows.sort((a, b) => a.sentSec - b.sentSec || a.index - b.index || a.turn - b.turn)
}

const rowOf = (record: RequestRecord, startUs: number): RequestRow => {
  const { requestId, index, turn, sentUs, failure, inputTokens, outputTokens, cachedTokens, statusCode } = record
  const gaps = itlUs(record)
  return {
    id: requestId,
    index,
    turn,
    sentSec: (sentUs - startUs) / 1_000_000,
    latencyMs: latencyUs(record) / 1000,
    ttftMs: toMs(ttftUs(record)),
    tpotMs: failure === undefined ? tpotMs(record) : undefined,
    longestGapMs: gaps.length === 0 ? undefined : gaps.reduce((most, us) => Math.max(most, us), 0) / 1000,
    inputTokens,
    outputTokens,
    cachedTokens,
    status: statusCode,
    failure: failure?.kind,
    error: failure && cutText(failure.message, mostTextBytes),
    request: record.body === undefined ? undefined : cutText(maskedBody(record.body), mostTextBytes),
    answer: shownAnswer(record.responseJson),
  }
}

/** A body is kept as it was sent; on a page that is passed on, what its name says is a secret is none of anybody's. */
const maskedBody = (body: string): string => {
  try {
    return JSON.stringify(maskJson(JSON.parse(body) as JsonValue))
  } catch {
    return body
  }
}

/** A request that failed before anything came has an empty list of events. */
const shownAnswer = (responseJson: string | undefined): string | undefined =>
  responseJson === undefined || responseJson === '[]'
    ? undefined
    : cutText(answerText(responseJson) ?? responseJson, mostTextBytes)
