import { reasonOf } from '../errors.ts'
import type { Message, Turn } from '../model/conversation.ts'
import { isJsonObject } from '../model/json.ts'
import type { RecordSink, RequestRecord } from '../model/record.ts'
import type { RequestSettings } from '../model/run-plan.ts'
import { Answer } from './answer.ts'
import { nowMs } from './clock.ts'
import { type ExchangeParts, type ExchangeRequest, type ExchangeResult, exchange } from './exchange.ts'
import { makeRecord } from './make-record.ts'
import type { SourceItem } from './source.ts'

/** What every conversation of a phase shares. */
export interface ConverseParts {
  readonly exchange: ExchangeParts
  readonly settings: RequestSettings
  readonly sinks: readonly RecordSink[]
  readonly phase: RequestRecord['phase']
  /** No further turn begins once this fires. */
  readonly draining?: AbortSignal
  /** Told apart in the server's logs from requests of other runs. */
  readonly requestIdPrefix: string
}

/**
 * Holds one conversation turn by turn and hands each record to the sinks; a failed turn abandons the rest.
 * `scheduledMs` is when the first turn was wanted; resolves with the moment its slot is free again.
 */
export const converse = async (item: SourceItem, scheduledMs: number, parts: ConverseParts): Promise<number> => {
  const history: Message[] = []
  const { turns } = item.conversation
  let wantedMs = scheduledMs
  for (const [position, turn] of turns.entries()) {
    if (position > 0 && parts.draining?.aborted) break
    const { record, answer } = await takeTurn(item, position, turn, history, wantedMs, parts)
    wantedMs = nowMs()
    for (const sink of parts.sinks) sink.write(record, answer)
    if (record.failure !== undefined) break
    if (turn.prompt.kind === 'messages' && position + 1 < turns.length) {
      history.push(...turn.prompt.messages, { role: 'assistant', content: answer.text })
    }
  }
  return wantedMs
}

const takeTurn = (
  item: SourceItem,
  position: number,
  turn: Turn,
  history: readonly Message[],
  scheduledMs: number,
  parts: ConverseParts,
): Promise<ExchangeResult> | ExchangeResult => {
  const { api } = parts.exchange
  const outline = {
    index: item.index,
    phase: parts.phase,
    requestId: `${parts.requestIdPrefix}-${item.index}-${position + 1}`,
    conversationId: `${parts.phase === 'warmup' ? 'warmup' : 'bench'}-${item.index}`,
    turn: position + 1,
    isLastTurn: position + 1 === item.conversation.turns.length,
    scheduledMs,
  }
  try {
    const body: unknown = api.buildRequest(turn, history, parts.settings)
    if (!isJsonObject(body) || 'then' in body) throw new Error('buildRequest gave no plain object')
    const request = { ...outline, body: JSON.stringify(body), asksStream: body.stream === true }
    return exchange(request, parts.exchange)
  } catch (error) {
    return unsent({ ...outline, body: '', asksStream: false }, error, parts.exchange)
  }
}

/** A request that an API plugin could not build: a failed record, so that one exception does not end the run. */
const unsent = (request: ExchangeRequest, error: unknown, parts: ExchangeParts): ExchangeResult => {
  const answer = new Answer(parts.api, false, false)
  answer.fail('protocol', `the API could not build the request: ${reasonOf(error)}`)
  const sentMs = nowMs()
  const times = { sentMs, writtenMs: undefined, endMs: sentMs, wasResent: false }
  return { record: makeRecord(request, times, answer, parts.saveResponses), answer: { text: '', reasoning: '' } }
}
