import type { Api } from '../../src/apis/api.ts'
import { Answer } from '../../src/load/answer.ts'
import { BodyBytes } from '../../src/load/body-bytes.ts'
import { makeRecord } from '../../src/load/make-record.ts'
import type { RequestRecord } from '../../src/model/record.ts'

/** An event's payload, and when it arrived: in seconds after the request was sent. */
export type StampedEvent = readonly [atSec: number, payload: object]

/** The record of a stream whose events arrive at exactly these times, and what it said. */
export const recordAt = (
  api: Api,
  events: readonly StampedEvent[],
): { readonly record: RequestRecord; readonly draft: Answer['draft'] } => {
  const sentMs = 1000
  const answer = new Answer(api, true, true, new BodyBytes())
  answer.head(200, { 'content-type': 'text/event-stream' })
  for (const [seq, [atSec, payload]] of events.entries()) {
    answer.read(Buffer.from(`data: ${JSON.stringify(payload)}\n\n`), sentMs + atSec * 1000, seq)
  }
  answer.end()
  const request = {
    ...({ index: 0, phase: 'measured', requestId: 'r', conversationId: 'c', turn: 1, isLastTurn: true } as const),
    ...{ body: '{}', asksStream: true, scheduledMs: sentMs, slotWaitMs: undefined },
  }
  const times = { sentMs, writtenMs: sentMs, endMs: sentMs + 9000, wasResent: false }
  return { record: makeRecord(request, times, answer, 'full'), draft: answer.draft }
}
