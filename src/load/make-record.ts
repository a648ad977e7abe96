import { maskKnown, maskQuoted, maskWords } from '../arguments/secrets.ts'
import type { RequestRecord } from '../model/record.ts'
import type { SaveResponses } from '../model/run-plan.ts'
import type { Answer } from './answer.ts'
import { durationUs, epochUs } from './clock.ts'
import type { ExchangeRequest } from './exchange.ts'

/** When a request left, in ms of the monotonic clock. */
export interface SendTimes {
  readonly sentMs: number
  readonly writtenMs: number | undefined
  /** When the answer ended or failed. */
  readonly endMs: number
  readonly wasResent: boolean
}

/** The record of a finished exchange: where every measured time becomes whole microseconds, once. */
export const makeRecord = (
  request: ExchangeRequest,
  times: SendTimes,
  answer: Answer,
  saveResponses: SaveResponses,
): RequestRecord => {
  const { sentMs } = times
  const sinceSentUs = (stampMs: number | undefined): number | undefined =>
    stampMs === undefined ? undefined : durationUs(sentMs, stampMs)
  const { draft, failure, hasTokens } = answer
  // What comes in one piece has no chunk times.
  const isStream = hasTokens && answer.isStream
  const endMs = failure === undefined ? (answer.lastDataMs ?? times.endMs) : times.endMs
  const sentUs = epochUs(sentMs)
  // Each offset is rounded once and gaps are their differences, so that gaps sum to last − first exactly.
  const chunkOffsetsUs = answer.chunksMs.map(stampMs => durationUs(sentMs, stampMs))
  const inputTokens = asPositive(draft.inputTokens)
  const countOutput = answer.chunksMs.length > 0 ? asPositive : asCount
  const outputTokens = hasTokens ? countOutput(draft.outputTokens) : undefined
  const reported = hasTokens ? outputTokens : inputTokens
  const tokenSource = reported !== undefined ? 'usage' : isStream && chunkOffsetsUs.length > 0 ? 'chunks' : undefined
  return {
    index: request.index,
    phase: request.phase,
    requestId: request.requestId,
    conversationId: request.conversationId,
    turn: request.turn,
    isLastTurn: request.isLastTurn,
    body: request.body,
    isStream,
    scheduledUs: epochUs(request.scheduledMs),
    slotWaitUs: request.slotWaitMs === undefined ? undefined : durationUs(0, request.slotWaitMs),
    sentUs,
    endUs: sentUs + durationUs(sentMs, endMs),
    connectUs: sinceSentUs(times.writtenMs),
    firstChunkUs: isStream ? sinceSentUs(answer.firstChunkMs) : undefined,
    ttftUs: isStream ? chunkOffsetsUs[0] : undefined,
    ttfatUs: isStream ? sinceSentUs(answer.firstAnswerMs) : undefined,
    gapsUs: isStream ? chunkOffsetsUs.slice(1).map((offset, i) => offset - (chunkOffsetsUs[i] as number)) : [],
    chunkCount: chunkOffsetsUs.length,
    eventsPerReadMax: answer.eventsPerReadMax,
    inputTokens,
    outputTokens: tokenSource === 'chunks' ? chunkOffsetsUs.length : outputTokens,
    cachedTokens: asCount(draft.cachedTokens),
    reasoningTokens: asCount(draft.reasoningTokens),
    tokenSource,
    statusCode: answer.statusCode,
    failure,
    wasResent: times.wasResent,
    responseJson: responseJson(answer, saveResponses),
  }
}

/** Shorter ones may be words of an answer, or a part of its JSON. */
const leastInAnswer = 8

/**
 * A record whose failure and answer do not repeat the secrets that were sent; servers like to quote a key they refuse,
 * and some tell all that they were sent.
 */
export const withoutSecrets = (record: RequestRecord, secrets: readonly string[]): RequestRecord => {
  const { failure, responseJson } = record
  if (failure !== undefined) {
    const message = maskWords(failure.message, secrets)
    const answer = responseJson && maskQuoted(responseJson, secrets)
    return { ...record, failure: { ...failure, message }, responseJson: answer }
  }
  const long = secrets.filter(secret => secret.length >= leastInAnswer)
  if (responseJson === undefined || !long.some(secret => responseJson.includes(secret))) return record
  return { ...record, responseJson: maskKnown(responseJson, long) }
}

/** A count that is none (a server or plugin may write anything) is as good as not reported. */
const asCount = (value: number | undefined): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined

/** Some gateways and mocks write 0 where they do not count: no prompt has so few tokens, nor has output that came. */
const asPositive = (value: number | undefined): number | undefined => asCount(value) || undefined

const responseJson = (answer: Answer, saveResponses: SaveResponses): string | undefined => {
  const { draft, failure, hasTokens } = answer
  if (saveResponses === 'full') return answer.eventsJson()
  if (saveResponses === 'failed') return failure && answer.failedJson()
  // Vectors and orders have none.
  if (saveResponses === 'none' || !hasTokens) return undefined
  return JSON.stringify([{ text: draft.text, reasoning: draft.reasoning }])
}
