import type { RunSummary } from '../model/result.ts'

/** Above this many tokens per chunk, ITL is no longer a gap between tokens. Below, it is mostly a tokenizer's seam. */
export const tokensPerChunkLimit = 1.05

/** Above this, an engine decodes several tokens per step; a plain one shows 1 up to rounding of its counts. */
export const decodedTokensLimit = 1.05

/** Above this share of streams, in percent, first chunk and TTFT are different things. */
export const lateFirstTokenLimitPercent = 1

/** Above this share of the duration, requests that end after the last success dilute the throughput. */
export const stretchLimit = 0.05

/** Whether the first chunk has a row of its own beside TTFT. */
export const showsFirstChunk = (lateFirstTokenPercent: number | undefined): boolean =>
  lateFirstTokenPercent !== undefined && lateFirstTokenPercent > lateFirstTokenLimitPercent

/** Whether the speculative decoding rows are shown. */
export const showsSpeculation = ({ decodedTokensPerIteration }: RunSummary): boolean =>
  decodedTokensPerIteration !== undefined && decodedTokensPerIteration > decodedTokensLimit
