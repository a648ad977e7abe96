import { isCutOff, type RequestRecord } from '../model/record.ts'
import { countedDecodedTokens, hiddenReasoningTokens, reasonedFirst, totalTokens } from './metrics.ts'

/** Whole-number sums over the records of a run: exact, so adding two sets of them is merging. */
export const emptyTotals = () => ({
  /** That were begun; those cut off by us included. */
  conversations: 0,
  succeeded: 0,
  failed: 0,
  cutOff: 0,
  /** Ended requests, failures included. */
  stream: 0,
  resent: 0,
  /** Successes by source of their token count. */
  usage: 0,
  tokenizer: 0,
  chunks: 0,
  none: 0,
  /** Streams without a count of the server's whose body did not ask for one, in the words of OpenAI's protocol. */
  usageUnasked: 0,
  /** Σ (input + output tokens) of the `totalTokensKnown` successes that have both. */
  totalTokens: 0,
  totalTokensKnown: 0,
  /** Over successes whose server reports cached tokens. */
  cachedTokens: 0,
  cacheablePromptTokens: 0,
  /** Successful streams, and those of them in which several events shared a read. */
  goodStreams: 0,
  coalescedStreams: 0,
  /** Over streams with counted tokens: Σ tokens and Σ chunks, and both again less one, for ≥ 2 chunks. */
  streamTokens: 0,
  streamChunks: 0,
  tokensAfterFirst: 0,
  chunksAfterFirst: 0,
  reasonedFirst: 0,
  /** Streams that reasoned without sending it, and Σ of the tokens of that. */
  reasonedHidden: 0,
  hiddenReasoningTokens: 0,
})

type Counting = ReturnType<typeof emptyTotals>

/** Whole-number sums over the records of a run. */
export type Totals = Readonly<Counting>

/** The names of all totals. */
export const totalNames = Object.keys(emptyTotals()) as readonly (keyof Totals)[]

/** Takes a measured record into the totals. */
export const countRecord = (totals: Counting, record: RequestRecord): void => {
  if (record.turn === 1) totals.conversations++
  if (isCutOff(record)) {
    totals.cutOff++
    return
  }
  if (record.isStream) totals.stream++
  if (record.wasResent) totals.resent++
  if (record.failure !== undefined) {
    totals.failed++
    return
  }
  totals.succeeded++
  countTokens(totals, record)
  if (record.isStream) countChunks(totals, record)
}

const usageAsked = /"include_usage"\s*:\s*true/

const countTokens = (totals: Counting, record: RequestRecord): void => {
  const { inputTokens, cachedTokens, tokenSource } = record
  totals[tokenSource ?? 'none']++
  const isUnasked = record.body !== undefined && !usageAsked.test(record.body)
  if (tokenSource !== 'usage' && record.isStream && isUnasked) totals.usageUnasked++
  const total = totalTokens(record)
  if (total !== undefined) {
    totals.totalTokens += total
    totals.totalTokensKnown++
  }
  if (cachedTokens !== undefined && inputTokens !== undefined) {
    totals.cachedTokens += cachedTokens
    totals.cacheablePromptTokens += inputTokens
  }
}

const countChunks = (totals: Counting, record: RequestRecord): void => {
  const { chunkCount, gapsUs } = record
  totals.goodStreams++
  // Chunks that came in one read share its stamp. Role, finish and usage events often share one and tell nothing.
  if (gapsUs.includes(0)) totals.coalescedStreams++
  if (reasonedFirst(record)) totals.reasonedFirst++
  const hidden = hiddenReasoningTokens(record)
  if (hidden > 0) totals.reasonedHidden++
  totals.hiddenReasoningTokens += hidden
  const tokens = countedDecodedTokens(record)
  if (tokens === undefined) return
  totals.streamTokens += tokens
  totals.streamChunks += chunkCount
  if (chunkCount < 2) return
  totals.tokensAfterFirst += Math.max(0, tokens - 1)
  totals.chunksAfterFirst += chunkCount - 1
}
