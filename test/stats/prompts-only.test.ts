import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunResult, SeriesName } from '../../src/model/result.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { embeddingPlan, otherNotes, planOf, resultOf } from '../report/results.ts'
import { embedded, failed } from './records.ts'

// Runs whose answers have no tokens: vectors, or an order of documents.

const percentilesOf = ({ percentiles }: RunResult, series: SeriesName): Record<string, number | undefined> => {
  const row = percentiles.rows.find(candidate => candidate.series === series)
  return Object.fromEntries(percentiles.levels.map((level, index) => [level, row?.values[index]]))
}

describe('three requests, two at a time, by hand', () => {
  // 200, 300 and 100 tok/s each; together 600 tokens in 2.5 s.
  const result = resultOf(embeddingPlan(2, 3), [
    embedded({ start: 100, end: 100.5, input: 100 }, { connectUs: 200 }),
    embedded({ start: 100, end: 101, input: 300 }, { index: 1, connectUs: 400 }),
    embedded({ start: 100.5, end: 102.5, input: 200 }, { index: 2, connectUs: 600 }),
  ])

  test('the summary', () => {
    expect(result.summary).toEqual({
      expectedRequests: 3,
      totalRequests: 3,
      succeededRequests: 3,
      failedRequests: 0,
      cutOffRequests: 0,
      streamRequests: 0,
      nonStreamRequests: 3,
      resentRequests: 0,
      successPercent: 100,
      durationMs: 2500,
      requestsPerSec: 1.2,
      inputTokensPerSec: 240,
      meanLatencyMs: 3500 / 3,
      meanConnectMs: 0.4,
      meanInputTokens: 200,
      tokenSources: { usage: 3, tokenizer: 0, chunks: 0, none: 0 },
    })
  })

  test('the percentiles', () => {
    expect(result.percentiles.rows.map(({ series }) => series)).toEqual(['latency', 'inputTokens', 'inputRate'])
    expect(percentilesOf(result, 'latency')).toMatchObject({ min: 500, 25: 750, 50: 1000, 75: 1500, max: 2000 })
    expect(percentilesOf(result, 'inputTokens')).toMatchObject({ min: 100, 50: 200, 90: 280, 99: 298, max: 300 })
    expect(percentilesOf(result, 'inputRate')).toMatchObject({ min: 100, 25: 150, 50: 200, 75: 250, max: 300 })
    expect(result.quoted.rows[2]?.values).toEqual([100, 200, 280, 298, 300])
  })

  test('prompt tokens count at the end of the answer, and nothing else does', () => {
    const rates = { totalPrompt: 240, newPrompt: undefined, cachedPrompt: undefined, completion: undefined }
    expect(result.throughput).toEqual({
      samples: 3,
      wallMs: 2500,
      overall: rates,
      last30s: rates,
      steady: undefined,
      steadyWindow: undefined,
    })
    const points = result.timeline?.points ?? []
    const promptAt = (tMs: number) => points.find(point => point.tMs === tMs)?.newPrompt
    expect([490, 510, 990, 1010, 2490, 2500].map(promptAt)).toEqual([0, 100, 100, 400, 400, 600])
    expect(result.concurrency).toMatchObject({ mean: 1.4, max: 2 })
  })

  test('nothing is noted: no words about streams, chunks or missing tokens', () => {
    expect(otherNotes(result)).toEqual([])
  })
})

test('where 90 % of the requests are in flight is steady, its tokens by the ends of answers', () => {
  // Two at a time until one of them fails, then one.
  const records = [
    ...[0, 1, 2].map(start => embedded({ start, end: start + 1, input: 50 })),
    failed('http_5xx', { start: 3, end: 4.25 }),
    ...[0, 2, 4].map(start => embedded({ start, end: start + 2, input: 400 })),
  ]
  const { throughput } = resultOf(embeddingPlan(2, 7), records)
  expect(throughput?.steadyWindow).toEqual({ fromMs: 0, toMs: 4250 })
  expect(throughput?.steady?.totalPrompt).toBe((3 * 50 + 2 * 400) / 4.25)
  expect(throughput?.overall.totalPrompt).toBe((3 * 50 + 3 * 400) / 6)
})

describe('rows of percentiles by load', () => {
  const pacing = { ratePerSec: 5, arrival: 'constant' } as const
  const record = embedded({ start: 0.2, end: 0.5, input: 5 }, { connectUs: 100, slotWaitUs: 0 })
  const seriesFor = (load: LoadShape) =>
    resultOf({ ...embeddingPlan(1, 1), load }, [record]).percentiles.rows.map(({ series }) => series)

  test.each<[LoadShape, SeriesName[]]>([
    [{ kind: 'closed', concurrency: 1 }, ['latency', 'inputTokens', 'inputRate']],
    [
      { kind: 'closed', concurrency: 1, pacing },
      ['latency', 'scheduledLatency', 'inputTokens', 'inputRate', 'slotWait', 'lateness'],
    ],
    [{ kind: 'open', pacing }, ['latency', 'scheduledLatency', 'inputTokens', 'inputRate', 'connect', 'lateness']],
  ])('%j', (load, series) => {
    expect(seriesFor(load)).toEqual(series)
  })
})

test('a run of answers with tokens has no input throughput', () => {
  const { summary, percentiles } = resultOf(planOf(1, 1), [embedded({ start: 0, end: 1, input: 5 })])
  expect([summary.inputTokensPerSec, summary.inputTokensPerSecToLastSuccess]).toEqual([undefined, undefined])
  expect(percentiles.rows.map(({ series }) => series)).not.toContain('inputRate')
})

describe('notes', () => {
  const done = embedded({ start: 0, end: 1, input: 100 })
  const notesOf = (...records: readonly RequestRecord[]) =>
    otherNotes(resultOf(embeddingPlan(1, records.length), records))

  test('failures that stretch the duration dilute the input throughput', () => {
    const result = resultOf(embeddingPlan(1, 2), [done, failed('http_5xx', { start: 1, end: 4 })])
    expect(result.summary).toMatchObject({ inputTokensPerSec: 25, inputTokensPerSecToLastSuccess: 100 })
    expect(otherNotes(result)).toEqual([
      'Failures after the last success stretch the duration; up to that success, input throughput was 100 tok/s.',
    ])
  })

  test('it is input tokens that a tokenizer counted, or nobody', () => {
    expect(notesOf({ ...done, tokenSource: 'tokenizer' }, embedded({ start: 1, end: 2 }))).toEqual([
      'Input tokens of 1 of 2 successful requests were counted by the tokenizer, not by the server.',
      'No token count for 1 of 2 successful requests, which are in no token figure: give --tokenizer-path, or use a server that sends usage.',
    ])
  })

  test('what is cut off makes latencies too low, of which TTFT is none', () => {
    const cut = [1, 2].map(index => failed('aborted', { start: 1, end: 2 }, { index }))
    const notes = otherNotes(resultOf(embeddingPlan(1, 3), [done, ...cut], { interrupted: true }))
    expect(notes.join()).toMatch(/figures know: latencies are too low/)
  })
})

const requests = fc.array(
  fc.record({
    sentUs: fc.nat(50_000_000),
    runUs: fc.integer({ min: 1, max: 3_000_000 }),
    inputTokens: fc.option(fc.nat(9000), { nil: undefined }),
    cachedTokens: fc.option(fc.nat(20), { nil: undefined }),
    hasFailed: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
)

test('the parts of a run add up to its whole: tokens of requests, of the timeline, of the throughput', () => {
  fc.assert(
    fc.property(requests, drawn => {
      const records = drawn.map(({ runUs, hasFailed, ...fields }, index) => {
        const overrides = { ...fields, index, scheduledUs: fields.sentUs, endUs: fields.sentUs + runUs }
        return hasFailed
          ? failed('http_5xx', { start: 0, end: 0 }, overrides)
          : embedded(
              { start: 0, end: 0 },
              { ...overrides, tokenSource: fields.inputTokens === undefined ? undefined : 'usage' },
            )
      })
      const { summary, throughput, timeline } = resultOf(embeddingPlan(3, records.length), records)
      const counted = records.filter(({ failure, inputTokens }) => failure === undefined && inputTokens !== undefined)
      const known = counted.map(({ inputTokens, cachedTokens = 0 }) => Math.max(inputTokens ?? 0, cachedTokens))
      const tokens = counted.reduce((sum, { inputTokens = 0 }) => sum + inputTokens, 0)
      const { usage, none } = summary.tokenSources
      expect([usage, usage + none]).toEqual([counted.length, summary.succeededRequests])
      const last = timeline?.points.at(-1)
      expect((last?.newPrompt ?? 0) + (last?.cachedPrompt ?? 0)).toBe(known.reduce((sum, each) => sum + each, 0))
      const { inputTokensPerSec = 0, durationMs = 0, meanInputTokens = 0 } = summary
      expect(inputTokensPerSec * (durationMs / 1000)).toBeCloseTo(tokens, 5)
      expect(meanInputTokens * usage).toBeCloseTo(tokens, 5)
      expect(summary.inputTokensPerSec === undefined).toBe(counted.length === 0)
      expect(throughput?.overall.completion).toBeUndefined()
    }),
  )
})
