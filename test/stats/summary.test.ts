import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunSummary, SeriesName } from '../../src/model/result.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { percentileTable } from '../../src/stats/percentiles.ts'
import { summarize } from '../../src/stats/summary.ts'
import { planOf } from '../report/results.ts'
import { failed, k01Cases, k01Records, streamed } from './records.ts'

const fold = (records: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return accumulator
}

const summaryOf = (...records: readonly RequestRecord[]): RunSummary =>
  summarize(fold(records), planOf(1, records.length))

const rowsOf = (...records: readonly RequestRecord[]) => percentileTable(fold(records), planOf(1, 1)).rows
const seriesOf = (...records: readonly RequestRecord[]) => rowsOf(...records).map(row => row.series)

describe('K01: five streaming requests', () => {
  const summary = summaryOf(...k01Records)

  test('the summary has the given figures', () => {
    expect(summary).toMatchObject({
      expectedRequests: 5,
      totalRequests: 5,
      succeededRequests: 5,
      failedRequests: 0,
      cutOffRequests: 0,
      streamRequests: 5,
      nonStreamRequests: 0,
      successPercent: 100,
      durationMs: 4000,
      requestsPerSec: 1.25,
      outputTokensPerSec: 8.5,
      totalTokensPerSec: 46,
      meanLatencyMs: 1400,
      meanTtftMs: 300,
      meanInputTokens: 30,
      meanOutputTokens: 6.8,
      decodedTokensPerIteration: 1,
      specAcceptanceRate: 0,
      cachedPercent: undefined,
      meanTtfatMs: undefined,
      outputTokensPerSecToLastSuccess: undefined,
      tokenSources: { usage: 5, tokenizer: 0, chunks: 0, none: 0 },
    })
    expect(summary.meanTpotMs).toBeCloseTo(210, 10)
    expect(summary.meanItlMs).toBeCloseTo(189.66, 2)
  })

  test('a recomputation from the formulas alone gives the same', () => {
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
    const mean = (values: readonly number[]): number => sum(values) / values.length
    const seconds = Math.max(...k01Cases.map(c => c.end)) - Math.min(...k01Cases.map(c => c.start))
    const output = sum(k01Cases.map(c => c.output))
    const expected: Partial<Record<keyof RunSummary, number>> = {
      durationMs: seconds * 1000,
      requestsPerSec: k01Cases.length / seconds,
      outputTokensPerSec: output / seconds,
      totalTokensPerSec: (output + sum(k01Cases.map(c => c.input))) / seconds,
      meanLatencyMs: mean(k01Cases.map(c => c.end - c.start)) * 1000,
      meanTtftMs: mean(k01Cases.map(c => c.ttft)) * 1000,
      meanFirstChunkMs: mean(k01Cases.map(c => c.ttft)) * 1000,
      meanTpotMs: mean(k01Cases.map(c => (1000 * (c.end - c.start - c.ttft)) / (c.output - 1))),
      meanItlMs: mean(k01Cases.flatMap(c => c.gaps)) * 1000,
      meanChunks: mean(k01Cases.map(c => c.gaps.length + 1)),
      meanTokensPerChunk: output / sum(k01Cases.map(c => c.gaps.length + 1)),
    }
    for (const [key, value] of Object.entries(expected)) {
      expect(summary[key as keyof RunSummary], key).toBeCloseTo(value, 9)
    }
  })

  test.each<[SeriesName, number[]]>([
    ['latency', [1000, 1000, 1000, 1000, 1000, 1500, 1500, 1800, 1900, 1980, 2000]],
    ['ttft', [100, 104, 120, 140, 200, 300, 400, 460, 480, 496, 500]],
    ['itl', [100, 100, 100, 100, 100, 200, 250, 300, 300, 300, 300]],
    ['tpot', [100, 104, 120, 140, 200, 200, 250, 280, 290, 298, 300]],
    ['inputTokens', [10, 10.4, 12, 14, 20, 30, 40, 46, 48, 49.6, 50]],
    ['outputTokens', [5, 5, 5, 5, 5, 5, 9, 9.6, 9.8, 9.96, 10]],
    ['outputRate', [3.3333, 3.3333, 3.3333, 3.3333, 3.3333, 4.5, 5, 8, 9, 9.8, 10]],
    ['totalRate', [15, 15.0667, 15.3333, 15.6667, 16.6667, 19.5, 36.6667, 44.6667, 47.3333, 49.4667, 50]],
    ['decodeRate', [3.3333, 3.36, 3.4667, 3.6, 4, 5, 5, 8, 9, 9.8, 10]],
  ])('percentiles of %s', (series, expected) => {
    const row = rowsOf(...k01Records).find(candidate => candidate.series === series)
    expect(row?.values.map(value => Number(value?.toFixed(4)))).toEqual(expected)
  })
})

describe('K02: all requests failed', () => {
  const records = [
    failed('http_5xx', { start: 0, end: 1 }, { statusCode: 500 }),
    failed('truncated', { start: 1, end: 3 }, { index: 1, statusCode: 200, gapsUs: [5], ttftUs: 9, outputTokens: 4 }),
  ]

  test('counts stand, every average, rate and percentile is absent', () => {
    const { totalRequests, succeededRequests, failedRequests, ...rest } = summaryOf(...records)
    expect([totalRequests, succeededRequests, failedRequests]).toEqual([2, 0, 2])
    const figures = Object.entries(rest).filter(([key]) => /^mean|PerSec|Percent$|decoded|spec/.test(key))
    expect(figures.length).toBeGreaterThan(17)
    const present = figures.filter(([, value]) => value !== undefined).map(([key]) => key)
    expect(present).toEqual(['successPercent'])
    expect(rest).toMatchObject({ successPercent: 0, durationMs: 3000 })
    expect(new Set(rowsOf(...records).flatMap(row => row.values))).toEqual(new Set([undefined]))
  })

  test('nothing at all has not even a duration', () => {
    expect(summaryOf()).toMatchObject({ totalRequests: 0, successPercent: undefined, durationMs: undefined })
  })
})

test('K04: only requests that report cached tokens are in the hit rate', () => {
  const given = { ttft: 0.1, gaps: Array(10).fill(0.05), input: 100, output: 12 }
  const [reporting, silent] = [
    streamed({ ...given, start: 0, end: 1, cached: 64 }),
    streamed({ ...given, start: 1, end: 2 }),
  ]
  expect(summaryOf(reporting, silent).cachedPercent).toBe(64)
  expect(summaryOf(silent).cachedPercent).toBeUndefined()
})

describe('which requests count', () => {
  const good = streamed({ start: 10, end: 12, ttft: 0.5, gaps: [0.1, 0.2], input: 7, output: 3 })

  test('warm-up requests count nowhere', () => {
    expect(summaryOf({ ...good, phase: 'warmup', sentUs: 0 })).toEqual(summarize(new Accumulator(), planOf(1, 1)))
  })

  test('requests cut off by us are counted apart and move no figure', () => {
    const cutOff = failed('aborted', { start: 5, end: 90 }, { index: 1 })
    const { expectedRequests: _, ...withIt } = summaryOf(good, cutOff)
    const { expectedRequests: __, ...without } = summaryOf(good)
    expect(withIt).toEqual({ ...without, cutOffRequests: 1 })
    expect(fold([cutOff]).failures.list()).toEqual([])
  })

  test('failures are part of the duration', () => {
    expect(summaryOf(good, failed('timeout_idle', { start: 8, end: 18 })).durationMs).toBe(10_000)
  })

  test('throughput to the last success appears when later failures stretch the duration by more than 5 %', () => {
    const late = (end: number) => summaryOf(good, failed('timeout_idle', { start: 10, end }))
    expect(late(12.1).outputTokensPerSecToLastSuccess).toBeUndefined()
    expect(late(20)).toMatchObject({ outputTokensPerSec: 0.3, outputTokensPerSecToLastSuccess: 1.5 })
  })

  test('resent requests are counted', () => {
    expect(summaryOf({ ...good, wasResent: true }, good).resentRequests).toBe(1)
  })
})

describe('absent values', () => {
  const unstreamed = { isStream: false, firstChunkUs: undefined, ttftUs: undefined, ttfatUs: undefined, chunkCount: 0 }

  test('without streaming there is no TTFT, TPOT or ITL, but there are tokens', () => {
    const summary = summaryOf(streamed({ start: 0, end: 2, input: 5, output: 10 }, unstreamed))
    expect(summary).toMatchObject({
      nonStreamRequests: 1,
      meanTtftMs: undefined,
      meanTpotMs: undefined,
      meanItlMs: undefined,
      meanChunks: undefined,
      lateFirstTokenPercent: undefined,
      coalescedPercent: undefined,
      outputTokensPerSec: 5,
    })
  })

  test('a one-token answer has no TPOT and is not averaged in as 0', () => {
    const short = streamed({ start: 0, end: 1, ttft: 1, input: 1, output: 1 })
    const long = streamed({ start: 0, end: 1, ttft: 0.5, gaps: [0.5], input: 1, output: 6 })
    expect(summaryOf(short).meanTpotMs).toBeUndefined()
    expect(summaryOf(short, long).meanTpotMs).toBe(100)
  })

  test('an answer in one chunk shows no decoding, whatever it counts', () => {
    const whole = streamed({ start: 0, end: 1, ttft: 0.9, gaps: [], input: 1, output: 12 })
    expect(summaryOf(whole)).toMatchObject({ meanTpotMs: undefined, meanOutputTokens: 12, outputTokensPerSec: 12 })
    expect(rowsOf(whole).find(row => row.series === 'decodeRate')?.values).toEqual(Array(11).fill(undefined))
  })

  test('successes without token count are left out of token figures', () => {
    const counted = streamed({ start: 0, end: 1, ttft: 0.1, input: 4, output: 8 })
    const uncounted = streamed({ start: 0, end: 2, ttft: 0.1 })
    expect(summaryOf(counted, uncounted)).toMatchObject({
      meanOutputTokens: 8,
      meanInputTokens: 4,
      outputTokensPerSec: 4,
      totalTokensPerSec: 6,
      tokenSources: { usage: 1, tokenizer: 0, chunks: 0, none: 1 },
    })
    expect(summaryOf(uncounted)).toMatchObject({ meanOutputTokens: undefined, outputTokensPerSec: undefined })
  })

  test('an answer of no duration has no rate', () => {
    expect(summaryOf(streamed({ start: 1, end: 1, ttft: 0, input: 1, output: 1 }))).toMatchObject({
      durationMs: 0,
      requestsPerSec: undefined,
      outputTokensPerSec: undefined,
    })
  })
})

describe('chunks and tokens', () => {
  const gaps = [0.1, 0.1, 0.1]

  test('decoded tokens per iteration is Σ(tokens − 1) / Σ(chunks − 1), over all streams with two chunks', () => {
    const speculative = streamed({ start: 0, end: 1, ttft: 0.1, gaps, input: 1, output: 10 })
    const plain = streamed({ start: 0, end: 1, ttft: 0.1, gaps, input: 1, output: 4 })
    const single = streamed({ start: 0, end: 1, ttft: 0.1, gaps: [], input: 1, output: 50 })
    const summary = summaryOf(speculative, plain, single)
    expect(summary.decodedTokensPerIteration).toBe((9 + 3) / (3 + 3))
    expect(summary.specAcceptanceRate).toBe(0.5)
    expect(summary.meanTokensPerChunk).toBe(64 / 9)
  })

  test('a token count that is a chunk count says nothing about tokens per chunk', () => {
    const record = streamed({ start: 0, end: 1, ttft: 0.1, gaps, input: 1, output: 4 }, { tokenSource: 'chunks' })
    expect(summaryOf(record)).toMatchObject({
      meanOutputTokens: 4,
      meanTokensPerChunk: undefined,
      decodedTokensPerIteration: undefined,
    })
  })

  test('several chunks in one read mark a stream as coalesced; a finish or usage event beside one does not', () => {
    const record = streamed({ start: 0, end: 1, ttft: 0.1, gaps }, { eventsPerReadMax: 3 })
    expect(summaryOf(record, { ...record, gapsUs: [0, ...record.gapsUs.slice(1)] }).coalescedPercent).toBe(50)
  })
})

describe('reasoning that is counted but not sent', () => {
  const given = { start: 0, end: 1, ttft: 0.96, gaps: Array(4).fill(0.01), input: 1, output: 205 }
  const hidden = streamed(given, { reasoningTokens: 200 })
  const figures = (record: RequestRecord) => {
    const { meanTpotMs, meanTokensPerChunk, decodedTokensPerIteration } = summaryOf(record)
    return [meanTpotMs, meanTokensPerChunk, decodedTokensPerIteration]
  }

  test('was made before the first token: only the rest was decoded after it', () => {
    expect(figures(hidden)).toEqual([10, 1, 1])
    expect(summaryOf(hidden)).toMatchObject({ meanOutputTokens: 205, outputTokensPerSec: 205, specAcceptanceRate: 0 })
  })

  test.each<[string, Partial<RequestRecord>]>([
    ['is sent before the answer', { ttfatUs: 990_000 }],
    ['is sent, and no answer', { ttfatUs: undefined }],
    ['is more than all output, which then does not hold it', { reasoningTokens: 206 }],
    ['is not in a count of the tokenizer', { tokenSource: 'tokenizer' }],
  ])('is left in where it %s', (_, overrides) => {
    expect(figures({ ...hidden, ...overrides })).toEqual([40 / 204, 41, 51])
  })

  test('is left in where the chunks of the answer hold it, in <think>', () => {
    const written = streamed({ ...given, gaps: Array(200).fill(0.0002) }, { reasoningTokens: 200 })
    expect(summaryOf(written).meanTpotMs).toBe(40 / 204)
  })
})

describe('rows that differ from TTFT', () => {
  const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 1, output: 3 }

  test('the first chunk has a row when more than 1 % of streams lag by more than a median gap', () => {
    const early = streamed(given, { firstChunkUs: 199_999 })
    const prompt = streamed(given, { firstChunkUs: 200_000 })
    expect(seriesOf(prompt)).not.toContain('firstChunk')
    expect(seriesOf(early).slice(0, 3)).toEqual(['latency', 'firstChunk', 'ttft'])
    expect(seriesOf(early, ...Array(99).fill(prompt))).not.toContain('firstChunk')
    expect(summaryOf(early, prompt).lateFirstTokenPercent).toBe(50)
  })

  test('TTFAT has a row when some request reasoned before its answer', () => {
    const reasoned = streamed(given, { ttfatUs: 500_000 })
    expect(seriesOf(streamed(given))).not.toContain('ttfat')
    expect(seriesOf(streamed(given), reasoned)).toContain('ttfat')
    expect(summaryOf(streamed(given), reasoned).meanTtfatMs).toBe(400)
    expect(summaryOf(streamed(given)).meanTtfatMs).toBeUndefined()
  })
})

test('chosen levels are sorted, without repeats, between the ends', () => {
  expect(percentileTable(fold(k01Records), planOf(1, 1), [90, 10, 90]).levels).toEqual(['min', 10, 90, 'max'])
})
