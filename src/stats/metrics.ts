import { latencyUs, type RequestRecord } from '../model/record.ts'

/** Milliseconds from microseconds. */
export const toMs = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000)

/** `part` in percent of `whole`; undefined when there is no whole. */
export const share = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

/** Time to the first event that carries `choices`, in µs: what evalscope calls TTFT. Absent without streaming. */
export const firstChunkUs = (record: RequestRecord): number | undefined =>
  record.isStream ? record.firstChunkUs : undefined

/** Time to first token, in µs: sent until the first event that carries output. Absent without streaming. */
export const ttftUs = (record: RequestRecord): number | undefined => (record.isStream ? record.ttftUs : undefined)

/** Time to first answer token, in µs: after any reasoning. Absent without streaming and without answer text. */
export const ttfatUs = (record: RequestRecord): number | undefined => (record.isStream ? record.ttfatUs : undefined)

/** Whether the request reasoned before it answered: only then do TTFT and TTFAT differ. */
export const reasonedFirst = (record: RequestRecord): boolean => {
  const [ttft, ttfat] = [ttftUs(record), ttfatUs(record)]
  return ttft !== undefined && ttfat !== undefined && ttfat !== ttft
}

/** Inter-token latencies, in µs: gaps between output-bearing chunks (chunks, not tokens). None without streaming. */
export const itlUs = (record: RequestRecord): readonly number[] => (record.isStream ? record.gapsUs : [])

/**
 * Time per output token, in ms: decode time spread over the tokens after the first.
 *   TPOT = (latency − TTFT) / (output tokens − 1)
 * Absent without streaming and below two tokens. Same definition as evalscope's.
 */
export const tpotMs = (record: RequestRecord): number | undefined => {
  const ttft = ttftUs(record)
  const { outputTokens } = record
  if (ttft === undefined || outputTokens === undefined || outputTokens < 2) return undefined
  return (latencyUs(record) - ttft) / 1000 / (outputTokens - 1)
}

/** Decode speed, in tok/s: 1 / TPOT. Absent when TPOT is, or is 0. */
export const decodeTokensPerSec = (tpot: number | undefined): number | undefined =>
  tpot === undefined || tpot === 0 ? undefined : 1000 / tpot

/** Output speed of one request, in tok/s: output tokens / latency. Absent without a token count. */
export const outputTokensPerSec = (record: RequestRecord): number | undefined =>
  perSecond(record.outputTokens, latencyUs(record))

/** Speed of a request whose answer has no tokens, in tok/s: prompt tokens / latency. Absent without their count. */
export const inputTokensPerSec = (record: RequestRecord): number | undefined =>
  record.outputTokens === undefined ? perSecond(record.inputTokens, latencyUs(record)) : undefined

/** Total speed of one request, in tok/s: (input + output tokens) / latency. Absent when either count is. */
export const totalTokensPerSec = (record: RequestRecord): number | undefined =>
  perSecond(totalTokens(record), latencyUs(record))

/** Input + output tokens; absent when either count is. */
export const totalTokens = (record: RequestRecord): number | undefined => {
  const { inputTokens, outputTokens } = record
  return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens
}

/** `amount` per second of `spanUs`; undefined when the amount is or no time passed. */
export const perSecond = (amount: number | undefined, spanUs: number | undefined): number | undefined =>
  amount === undefined || spanUs === undefined || spanUs <= 0 ? undefined : amount / (spanUs / 1_000_000)

/**
 * Output tokens that were really counted: `undefined` when the count is merely the number of chunks, which says nothing
 * about tokens per chunk.
 */
export const countedOutputTokens = (record: RequestRecord): number | undefined =>
  record.tokenSource === 'chunks' ? undefined : record.outputTokens
