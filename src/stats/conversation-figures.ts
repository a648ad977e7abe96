import type { RequestRecord } from '../model/record.ts'
import type { ConversationFigure } from '../model/result.ts'
import { decodeTokensPerSec, share, tpotMs, ttfatUs, ttftUs } from './metrics.ts'

/** What is kept of a successful turn until its conversation is over. */
export interface AnsweredTurn {
  /** From 1. */
  readonly turn: number
  readonly sentUs: number
  readonly endUs: number
  readonly ttftUs: number | undefined
  readonly ttfatUs: number | undefined
  readonly decodeTokensPerSec: number | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly cachedTokens: number | undefined
}

/** Tokens from a cache, and those that could have been. */
export interface CachedPart {
  readonly cachedTokens: number
  readonly ofTokens: number
}

/** The figures of one conversation: durations in µs, rates in tok/s. */
export type ConversationFigures = Readonly<Record<ConversationFigure, number | undefined>>

/** A successful turn without its text. */
export const answeredTurn = (record: RequestRecord): AnsweredTurn => ({
  turn: record.turn,
  sentUs: record.sentUs,
  endUs: record.endUs,
  ttftUs: ttftUs(record),
  ttfatUs: ttfatUs(record),
  decodeTokensPerSec: decodeTokensPerSec(tpotMs(record)),
  inputTokens: record.inputTokens,
  outputTokens: record.outputTokens,
  cachedTokens: record.cachedTokens,
})

/** The figures of a conversation from its successful turns, one or more, in their order. */
export const conversationFigures = (turns: readonly AnsweredTurn[]): ConversationFigures => {
  const [first, last] = [turns[0] as AnsweredTurn, turns.at(-1) as AnsweredTurn]
  return {
    latency: last.endUs - first.sentUs,
    firstTtft: first.ttftUs,
    // The answer that a user of tools waits for is the last one.
    ttfat: last.ttfatUs === undefined ? undefined : last.sentUs + last.ttfatUs - first.sentUs,
    decodeRate: meanOf(turns.map(turn => turn.decodeTokensPerSec)),
    cachedPercent: percentOf(reportedPart(turns)),
    eligibleCachedPercent: percentOf(eligiblePart(turns)),
    estimatedCachedPercent: percentOf(estimatedPart(turns)),
  }
}

/**
 * What could have come from the cache, where the server reports nothing of the conversation: of the first turn nothing,
 * of each later one the prompt and answer before it. Undefined below two turns, where there is nothing to be estimated.
 */
export const estimatedPart = (turns: readonly AnsweredTurn[]): CachedPart | undefined => {
  if (turns.length < 2 || isReported(turns)) return undefined
  return sumOf(turns, ({ turn, inputTokens }, before) => {
    const cachedTokens = turn === 1 ? 0 : tokensOf(before)
    if (inputTokens === undefined || cachedTokens === undefined) return undefined
    // Reasoning is not sent again: the next prompt may be shorter than what came before it.
    return { cachedTokens: Math.min(cachedTokens, inputTokens), ofTokens: inputTokens }
  })
}

/** A turn without a report counts as not cached, beside one with it: servers leave out a count of 0. */
const reportedPart = (turns: readonly AnsweredTurn[]): CachedPart | undefined =>
  isReported(turns)
    ? sumOf(turns, ({ inputTokens, cachedTokens = 0 }) =>
        inputTokens === undefined ? undefined : { cachedTokens, ofTokens: inputTokens },
      )
    : undefined

/** Of what the turns before had brought there: prompt and answer. The first turn has none before it. */
const eligiblePart = (turns: readonly AnsweredTurn[]): CachedPart | undefined =>
  isReported(turns)
    ? sumOf(turns, ({ cachedTokens = 0 }, before) => {
        const ofTokens = tokensOf(before)
        return ofTokens === undefined ? undefined : { cachedTokens, ofTokens }
      })
    : undefined

const isReported = (turns: readonly AnsweredTurn[]): boolean =>
  turns.some(({ cachedTokens }) => cachedTokens !== undefined)

type PartOf = (turn: AnsweredTurn, before: AnsweredTurn | undefined) => CachedPart | undefined

const sumOf = (turns: readonly AnsweredTurn[], partOf: PartOf): CachedPart => {
  let [cachedTokens, ofTokens] = [0, 0]
  for (const [index, turn] of turns.entries()) {
    const part = partOf(turn, turns[index - 1])
    cachedTokens += part?.cachedTokens ?? 0
    ofTokens += part?.ofTokens ?? 0
  }
  return { cachedTokens, ofTokens }
}

const tokensOf = (turn: AnsweredTurn | undefined): number | undefined =>
  turn?.inputTokens === undefined || turn.outputTokens === undefined ? undefined : turn.inputTokens + turn.outputTokens

const percentOf = (part: CachedPart | undefined): number | undefined =>
  part === undefined ? undefined : share(part.cachedTokens, part.ofTokens)

const meanOf = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}
