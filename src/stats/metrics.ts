import { latencyUs, type RequestTimes } from '../model/record.ts'

/** Milliseconds from microseconds. */
export const toMs = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000)

/** `part` in percent of `whole`; undefined when there is no whole. */
export const share = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

/** Time to the first event that carries `choices`, in µs: what evalscope calls TTFT. Absent without streaming. */
export const firstChunkUs = (record: RequestTimes): number | undefined =>
  record.isStream ? record.firstChunkUs : undefined

/** Time to first token, in µs: sent until the first event that carries output. Absent without streaming. */
export const ttftUs = (record: RequestTimes): number | undefined => (record.isStream ? record.ttftUs : undefined)

/** Time to first answer token, in µs: after any reasoning. Absent without streaming and without answer text. */
export const ttfatUs = (record: RequestTimes): number | undefined => (record.isStream ? record.ttfatUs : undefined)

/** Whether the request reasoned before it answered: only then do TTFT and TTFAT differ. */
export const reasonedFirst = (record: RequestTimes): boolean => {
  const [ttft, ttfat] = [ttftUs(record), ttfatUs(record)]
  return ttft !== undefined && ttfat !== undefined && ttfat !== ttft
}

/** Inter-token latencies, in µs: gaps between output-bearing chunks (chunks, not tokens). None without streaming. */
export const itlUs = (record: RequestTimes): readonly number[] => (record.isStream ? record.gapsUs : [])

/**
 * Reasoning that the server counts as output but does not send: made before TTFT, as the first output is answer text.
 * 0 where none is told, where it came, and where the count of output tokens cannot hold it.
 */
export const hiddenReasoningTokens = (record: RequestTimes): number => {
  const { reasoningTokens = 0, outputTokens = 0, tokenSource, chunkCount } = record
  const answerTokens = outputTokens - reasoningTokens
  if (tokenSource !== 'usage' || answerTokens < 0) return 0
  if (ttfatUs(record) === undefined || reasonedFirst(record)) return 0
  // Some write it into the answer, in <think>: then there are too many chunks for the rest.
  return chunkCount - answerTokens > reasoningTokens / 2 ? 0 : reasoningTokens
}

/** Output tokens without hidden reasoning: those that the time from TTFT to the end was spent on. Absent uncounted. */
export const decodedTokens = (record: RequestTimes): number | undefined =>
  record.outputTokens === undefined ? undefined : record.outputTokens - hiddenReasoningTokens(record)

/**
 * Time per output token, in ms: decode time spread over the tokens after the first.
 *   TPOT = (latency − TTFT) / (output tokens − hidden reasoning tokens − 1)
 * Absent without streaming, below two tokens, and below two chunks, as of an answer that came at once: decoding does not
 * show there. Otherwise evalscope's definition.
 */
export const tpotMs = (record: RequestTimes): number | undefined => {
  const [ttft, tokens] = [ttftUs(record), decodedTokens(record)]
  if (ttft === undefined || tokens === undefined || tokens < 2 || record.chunkCount < 2) return undefined
  return (latencyUs(record) - ttft) / 1000 / (tokens - 1)
}

/** Decode speed, in tok/s: 1 / TPOT. Absent when TPOT is, or is 0. */
export const decodeTokensPerSec = (tpot: number | undefined): number | undefined =>
  tpot === undefined || tpot === 0 ? undefined : 1000 / tpot

/** Output speed of one request, in tok/s: output tokens / latency. Absent without a token count. */
export const outputTokensPerSec = (record: RequestTimes): number | undefined =>
  perSecond(record.outputTokens, latencyUs(record))

/** Speed of a request whose answer has no tokens, in tok/s: prompt tokens / latency. Absent without their count. */
export const inputTokensPerSec = (record: RequestTimes): number | undefined =>
  record.outputTokens === undefined ? perSecond(record.inputTokens, latencyUs(record)) : undefined

/** Total speed of one request, in tok/s: (input + output tokens) / latency. Absent when either count is. */
export const totalTokensPerSec = (record: RequestTimes): number | undefined =>
  perSecond(totalTokens(record), latencyUs(record))

/** Input + output tokens; absent when either count is. */
export const totalTokens = (record: RequestTimes): number | undefined => {
  const { inputTokens, outputTokens } = record
  return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens
}

/** `amount` per second of `spanUs`; undefined when the amount is or no time passed. */
export const perSecond = (amount: number | undefined, spanUs: number | undefined): number | undefined =>
  amount === undefined || spanUs === undefined || spanUs <= 0 ? undefined : amount / (spanUs / 1_000_000)

/**
 * Decoded tokens that were really counted: `undefined` when the count is merely the number of chunks, which says nothing
 * about tokens per chunk.
 */
export const countedDecodedTokens = (record: RequestTimes): number | undefined =>
  record.tokenSource === 'chunks' ? undefined : decodedTokens(record)
