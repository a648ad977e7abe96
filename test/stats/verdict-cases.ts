import type { HealthSample, ValueCount } from '../../src/model/health.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import type { LoadShape, RunPlan } from '../../src/model/run-plan.ts'
import type { UsageComparison } from '../../src/model/token-findings.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { Health } from '../../src/stats/health.ts'
import type { ResultContext } from '../../src/stats/result.ts'
import { planOf, resultOf, someFindings } from '../report/results.ts'
import { sampleOf } from './health-samples.ts'
import { failed, streamed } from './records.ts'

/** ITL 20 ms, TTFT 200 ms, 10 chunks: 0.38 s. */
export const stream = (start: number, overrides: Partial<RequestRecord> = {}): RequestRecord =>
  streamed(
    { start, end: start + 0.38, ttft: 0.2, gaps: Array(9).fill(0.02), input: 100, output: 10, cached: 0 },
    overrides,
  )

/** One after the other, without a moment between. */
export const inARow = (count: number, overrides: Partial<RequestRecord> = {}): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => stream(100 + 0.38 * index, { index, ...overrides }))

/** What a run is made of; by default 100 requests in a row, each VALID. */
export interface Case {
  readonly plan?: Partial<RunPlan>
  readonly records?: readonly RequestRecord[]
  readonly health?: readonly Partial<HealthSample>[]
  readonly context?: Partial<ResultContext>
}

/** The verdict of such a run. */
export const verdictOf = ({ plan, records = inARow(100), health = [{}], context }: Case): Verdict => {
  const folded = new Health()
  for (const sample of health) folded.add(sampleOf(sample))
  const whole = { ...planOf(1, records.length, 'openqa'), ...plan }
  return resultOf(whole, records, { interrupted: false, health: folded, ...context }).verdict
}

/** So many chunks late by so many µs, of a thousand in all. */
export const selfDelays = (us: number, count: number): readonly ValueCount[] =>
  count === 1000
    ? [[us, count]]
    : [
        [0, 1000 - count],
        [us, count],
      ]

/** Ten requests a second, equally spaced: in an open loop, and with two slots. */
export const constant: LoadShape = { kind: 'open', pacing: { ratePerSec: 10, arrival: 'constant' } }
export const capped: LoadShape = { kind: 'closed', concurrency: 2, pacing: { ratePerSec: 10, arrival: 'constant' } }

/** Ten requests a second, `lateMs` late each but for the first. */
export const paced = (lateMs: number, count = 700, overrides: Partial<RequestRecord> = {}): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const wanted = 100 + index / 10
    const late = index === 0 ? 0 : lateMs / 1000
    return stream(wanted + late, { index, scheduledUs: Math.round(wanted * 1e6), ...overrides })
  })

/** Two slots; the second is empty for `emptySec` after each answer. */
export const twoSlots = (emptySec: number): readonly RequestRecord[] => [
  ...inARow(50),
  ...Array.from({ length: 50 }, (_, index) => stream(100 + index * (0.38 + emptySec))),
]

/** A plan with prompts drawn to a length. */
export const random = (overrides: Partial<RunPlan['dataset']> = {}): Partial<RunPlan> => ({
  dataset: { ...planOf(1, 1, 'random').dataset, tokenizerPath: 't', ...overrides },
})

export const usageOff = (differencePercent: number): UsageComparison => ({
  requests: 100,
  meanUsage: 100 + differencePercent,
  meanTokenizer: 100,
  differencePercent,
  constantDifference: undefined,
  worst: undefined,
})

/** The server counts so much more than the tokenizer. */
export const promptsOff = (differencePercent: number): Partial<ResultContext> => ({
  tokens: { ...someFindings, input: usageOff(differencePercent) },
})

/** Prompts drawn to a length, to which a chat template adds so many tokens. */
export const templated = (addedTokens: number): Case => ({
  plan: random(),
  context: {
    tokens: {
      ...someFindings,
      input: undefined,
      template: { requests: 100, meanPromptTokens: 100, meanTextTokens: 100 - addedTokens },
    },
  },
})

/** Each of 100 prompts has so much of it in the cache; half of them have twice `more`. */
export const cachedHead = (tokens: number, more: number): readonly RequestRecord[] =>
  inARow(100).map((record, index) => ({ ...record, cachedTokens: tokens + (index % 2 === 0 ? 0 : 2 * more) }))

/** A plan that asks for exactly so many output tokens. */
export const asked = (tokens: number): Partial<RunPlan> => ({
  request: {
    ...planOf(1, 1).request,
    chosen: { minTokens: tokens, maxTokens: { min: tokens, max: tokens } },
  },
})

/** 100 requests, so many of which failed. */
export const failing = (count: number): readonly RequestRecord[] => [
  ...inARow(100 - count),
  ...Array.from({ length: count }, () => failed('http_5xx', { start: 100, end: 110 }, { statusCode: 500 })),
]

/** 100 requests, so many of which we cut off. */
export const cutOff = (count: number): readonly RequestRecord[] => [
  ...inARow(100 - count),
  ...Array.from({ length: count }, () => failed('aborted', { start: 100, end: 110 })),
]

/** Requests waited so long for prompts. */
export const waiting = (totalMs: number): Partial<ResultContext> => ({
  promptWaiting: { requests: 3, totalMs, maxMs: totalMs / 2 },
})

/** What a case comes to. */
export type Level = 'SUSPECT' | 'INVALID' | undefined

/** The same, only the last one late. */
export const lastLate = (lateMs: number): readonly RequestRecord[] => {
  const [first, last] = [paced(0, 699), paced(lateMs).at(-1)]
  return [...first, last as RequestRecord]
}
