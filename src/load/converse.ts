import { reasonOf } from '../errors.ts'
import type { HeaderMap, Message, Prompt, Turn } from '../model/conversation.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { AnswerText, FailureKind, RecordSink, RequestRecord } from '../model/record.ts'
import type { RequestSettings } from '../model/run-plan.ts'
import { Answer } from './answer.ts'
import { BodyBytes } from './body-bytes.ts'
import { nowMs } from './clock.ts'
import { type ExchangeParts, type ExchangeRequest, type ExchangeResult, exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { makeRecord, withoutSecrets } from './make-record.ts'
import { Sleeper } from './sleeper.ts'
import type { SourceItem } from './source.ts'

/** What every conversation of a phase shares. */
export interface ConverseParts {
  readonly exchange: ExchangeParts
  readonly settings: RequestSettings
  readonly sinks: readonly RecordSink[]
  readonly phase: RequestRecord['phase']
  /** No request starts once it is closed. */
  readonly gate: Pick<Gate, 'isClosed' | 'deadlineMs'>
  /** Ends the waiting between turns. */
  readonly draining: AbortSignal
  /** Told apart in the server's logs from requests of other runs. */
  readonly requestIdPrefix: string
}

/** When a request was wanted, in ms of the monotonic clock, and how long it then waited for a slot. */
export interface Wanted {
  readonly scheduledMs: number
  readonly slotWaitMs: number | undefined
}

/** How a conversation ended. */
export interface Held {
  /** Since when its slot is free, in ms of the monotonic clock. */
  readonly freeMs: number
  /** What its last request failed with, if it did. */
  readonly failure: FailureKind | undefined
}

/**
 * Holds one conversation turn by turn and hands each record to the sinks; a failed turn abandons the rest, a closed
 * gate ends it. `first` is when the first turn was wanted.
 */
export const converse = async (item: SourceItem, first: Wanted, parts: ConverseParts): Promise<Held> => {
  const history: Message[] = []
  const { turns } = item.conversation
  let wanted = first
  let freeMs = first.scheduledMs
  let failure: FailureKind | undefined
  for (const [position, turn] of turns.entries()) {
    if (turn.waitMs !== undefined) wanted = { ...wanted, scheduledMs: wanted.scheduledMs + turn.waitMs }
    if (turn.waitMs !== undefined && !(await waited(wanted.scheduledMs, parts))) break
    const taken = takeTurn(item, position, turn, history, wanted, parts)
    if (taken === undefined) break
    const { record, answer, endMs } = await taken
    freeMs = endMs
    // From the end of the answer on, so that what we take to work it off shows as lateness of the next request.
    wanted = { scheduledMs: endMs, slotWaitMs: undefined }
    for (const sink of parts.sinks) sink.write(record, answer)
    failure = record.failure?.kind
    if (failure !== undefined) break
    if (turn.prompt.kind === 'messages' && position + 1 < turns.length) {
      // One by one: a turn of 100 000 messages has more than a call may have arguments.
      for (const message of turn.prompt.messages) history.push(message)
      history.push(assistantMessage(answer))
    }
  }
  return { freeMs, failure }
}

/** What the model said, as the next turn repeats it: its tool calls too, its reasoning not. */
const assistantMessage = ({ text, toolCalls }: AnswerText): Message =>
  toolCalls === undefined || toolCalls.length === 0
    ? { role: 'assistant', content: text }
    : { role: 'assistant', content: text === '' ? null : text, tool_calls: toolCalls }

/** Waits for a turn's time; false where no request may start then, which is known at once. */
const waited = async (dueMs: number, { gate, draining }: ConverseParts): Promise<boolean> => {
  if (dueMs >= gate.deadlineMs || draining.aborted) return false
  // Of many conversations some always wait: none of them may take the CPU for the last millisecond.
  const sleeper = new Sleeper(false)
  const wake = (): void => sleeper.wake()
  draining.addEventListener('abort', wake)
  await sleeper.until(dueMs)
  draining.removeEventListener('abort', wake)
  return !draining.aborted
}

/** Undefined where the gate has closed before the request could be sent. */
const takeTurn = (
  item: SourceItem,
  position: number,
  turn: Turn,
  history: readonly Message[],
  wanted: Wanted,
  parts: ConverseParts,
): Promise<ExchangeResult> | ExchangeResult | undefined => {
  const { api } = parts.exchange
  const outline = {
    index: item.index,
    phase: parts.phase,
    requestId: item.conversation.requestId ?? `${parts.requestIdPrefix}-${item.index}-${position + 1}`,
    conversationId: `${parts.phase === 'warmup' ? 'warmup' : 'bench'}-${item.index}`,
    turn: position + 1,
    isLastTurn: position + 1 === item.conversation.turns.length,
    ...wanted,
  }
  try {
    const body: unknown = api.buildRequest(turn, history, parts.settings)
    if (!isJsonObject(body) || 'then' in body) throw new Error('buildRequest gave no plain object')
    const request = {
      ...outline,
      body: textOf(body, turn.prompt),
      asksStream: api.asksStream?.(body) ?? body.stream === true,
      headers: joined(api.requestHeaders?.(body), item.conversation.headers),
    }
    // Asked last: what is built before may take its time.
    return parts.gate.isClosed ? undefined : exchange(request, parts.exchange)
  } catch (error) {
    return unsent({ ...outline, body: '', asksStream: false }, error, parts.exchange)
  }
}

const joined = (ofBody: HeaderMap | undefined, own: HeaderMap | undefined): HeaderMap | undefined =>
  ofBody === undefined ? own : { ...ofBody, ...own }

/** The body's JSON; that of a recorded one as it was recorded, where nothing was added to it. */
const textOf = (body: JsonObject, prompt: Prompt): string => {
  if (prompt.kind !== 'body' || prompt.text === undefined) return JSON.stringify(body)
  const fields = Object.entries(body)
  const isAsRecorded =
    fields.length === Object.keys(prompt.body).length && fields.every(([key, value]) => value === prompt.body[key])
  return isAsRecorded ? prompt.text : JSON.stringify(body)
}

/** A request that an API plugin could not build: a failed record, so that one exception does not end the run. */
const unsent = (request: ExchangeRequest, error: unknown, parts: ExchangeParts): ExchangeResult => {
  const answer = new Answer(parts.api, false, false, new BodyBytes())
  answer.fail('protocol', `the API could not build the request: ${reasonOf(error)}`)
  const sentMs = nowMs()
  const times = { sentMs, writtenMs: undefined, endMs: sentMs, wasResent: false }
  const record = withoutSecrets(makeRecord(request, times, answer, parts.saveResponses), parts.secrets)
  return { record, answer: { text: '', reasoning: '' }, endMs: sentMs }
}
