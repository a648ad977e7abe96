import type { FailureKind, RequestRecord } from '../../src/model/record.ts'

/** The notation of the worked cases: times in seconds. Where they tell no gaps, a chunk has one token. */
export interface RequestCase {
  readonly start: number
  readonly end: number
  readonly ttft?: number
  readonly gaps?: readonly number[]
  readonly input?: number
  readonly output?: number
  readonly cached?: number
}

const us = (seconds: number): number => Math.round(seconds * 1e6)

const blank: RequestRecord = {
  index: 0,
  phase: 'measured',
  requestId: 'r0',
  conversationId: 'c0',
  turn: 1,
  isLastTurn: true,
  body: '{}',
  isStream: true,
  scheduledUs: 0,
  slotWaitUs: undefined,
  sentUs: 0,
  endUs: 0,
  connectUs: undefined,
  firstChunkUs: undefined,
  ttftUs: undefined,
  ttfatUs: undefined,
  gapsUs: [],
  chunkCount: 0,
  eventsPerReadMax: 1,
  inputTokens: undefined,
  outputTokens: undefined,
  cachedTokens: undefined,
  reasoningTokens: undefined,
  tokenSource: undefined,
  statusCode: 200,
  failure: undefined,
  wasResent: false,
  responseJson: undefined,
}

/** A successful stream; `overrides` changes single fields of the record. */
export const streamed = (given: RequestCase, overrides: Partial<RequestRecord> = {}): RequestRecord => {
  const ttftUs = given.ttft === undefined ? undefined : us(given.ttft)
  return {
    ...blank,
    scheduledUs: us(given.start),
    sentUs: us(given.start),
    endUs: us(given.end),
    firstChunkUs: ttftUs,
    ttftUs,
    ttfatUs: ttftUs,
    gapsUs: (given.gaps ?? []).map(us),
    chunkCount: given.gaps === undefined ? (given.output ?? 1) : given.gaps.length + 1,
    inputTokens: given.input,
    outputTokens: given.output,
    cachedTokens: given.cached,
    tokenSource: given.output === undefined ? undefined : 'usage',
    ...overrides,
  }
}

/** A success whose answer has no tokens. */
export const embedded = (
  given: Pick<RequestCase, 'start' | 'end' | 'input' | 'cached'>,
  overrides: Partial<RequestRecord> = {},
): RequestRecord =>
  streamed(given, {
    isStream: false,
    chunkCount: 1,
    tokenSource: given.input === undefined ? undefined : 'usage',
    ...overrides,
  })

/** A request that failed between `start` and `end` (seconds). */
export const failed = (
  kind: FailureKind,
  { start, end }: { readonly start: number; readonly end: number },
  overrides: Partial<RequestRecord> & { readonly message?: string } = {},
): RequestRecord => {
  const { message = kind, ...fields } = overrides
  return {
    ...blank,
    scheduledUs: us(start),
    sentUs: us(start),
    endUs: us(end),
    statusCode: undefined,
    ...fields,
    failure: { kind, message },
  }
}

/** The five requests of K01. */
export const k01Cases: readonly Required<Omit<RequestCase, 'cached'>>[] = [
  { start: 100, end: 101, ttft: 0.2, gaps: Array(4).fill(0.2), input: 10, output: 5 },
  { start: 100, end: 101.5, ttft: 0.3, gaps: Array(4).fill(0.3), input: 20, output: 5 },
  { start: 101, end: 103, ttft: 0.4, gaps: Array(8).fill(0.2), input: 30, output: 9 },
  { start: 101.5, end: 102.5, ttft: 0.1, gaps: Array(9).fill(0.1), input: 40, output: 10 },
  { start: 102.5, end: 104, ttft: 0.5, gaps: Array(4).fill(0.25), input: 50, output: 5 },
]

export const k01Records: readonly RequestRecord[] = k01Cases.map((given, index) => streamed(given, { index }))

/** The three turns of K05. */
export const k05Cases: readonly RequestCase[] = [
  { start: 0, end: 2, ttft: 0.5, input: 100, output: 51 },
  { start: 3, end: 4.5, ttft: 0.3, input: 200, output: 21, cached: 130 },
  { start: 5, end: 7, ttft: 0.4, input: 400, output: 31, cached: 200 },
]

/** The successful turns of a whole conversation. */
export const conversationOf = (conversationId: string, cases: readonly RequestCase[]): readonly RequestRecord[] =>
  cases.map((given, index) =>
    streamed(given, {
      conversationId,
      requestId: `${conversationId}-${index + 1}`,
      turn: index + 1,
      isLastTurn: index + 1 === cases.length,
    }),
  )

export const k05Records: readonly RequestRecord[] = conversationOf('k05', k05Cases)
