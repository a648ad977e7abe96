/** Whole-number sums over the records of a run: exact, so adding two sets of them is merging. */
export const emptyTotals = () => ({
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
})

/** Whole-number sums over the records of a run. */
export type Totals = Readonly<ReturnType<typeof emptyTotals>>

/** The names of all totals. */
export const totalNames = Object.keys(emptyTotals()) as readonly (keyof Totals)[]
