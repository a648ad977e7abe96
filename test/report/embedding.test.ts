import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunResult } from '../../src/model/result.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { percentileJson, summaryJson } from '../../src/report/json.ts'
import { promptTable } from '../../src/report/prompt-table.ts'
import { runReport } from '../../src/report/run-report.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { workloadThroughputJson, workloadTimelineJson } from '../../src/report/workload-json.ts'
import { embedded, failed } from '../stats/records.ts'
import { embeddingPlan, handMade, planOf, resultOf } from './results.ts'

const pacing = { ratePerSec: 4, arrival: 'constant' } as const
const openLoop: LoadShape = { kind: 'open', pacing }

/** Two at a time, back to back, each for `seconds`. */
const backToBack = (number: number, seconds: number, inputOf: (index: number) => number): RequestRecord[] =>
  Array.from({ length: number }, (_, index) => {
    const start = 100 + Math.floor(index / 2) * seconds
    return embedded({ start, end: start + seconds, input: inputOf(index) }, { index, connectUs: 100 })
  })

// 60 tokens in 3 s.
const slow = resultOf(
  embeddingPlan(2, 6),
  backToBack(6, 1, index => 5 + 2 * index),
)
// A p99 of 0.4 ms, which prints as 0.
const fast = resultOf(
  embeddingPlan(8, 40),
  backToBack(40, 0.0004, () => 12),
)
const paced = resultOf({ ...embeddingPlan(1, 3), load: openLoop, name: 'rate_4_number_3' }, [
  embedded({ start: 100, end: 100.2, input: 40 }, { connectUs: 900 }),
  embedded({ start: 100.25, end: 100.5, input: 40 }, { index: 1, connectUs: 1200 }),
  embedded({ start: 100.75, end: 101, input: 80 }, { index: 2, connectUs: 600, scheduledUs: 100_500_000 }),
])
const dead = resultOf(embeddingPlan(16, 2), [
  failed('connect', { start: 1, end: 2 }),
  failed('connect', { start: 1, end: 2 }),
])

const outputPath = 'outputs/20260101_120000/bge-m3'

describe('the report of a run', () => {
  const context = { dbPath: 'outputs/x/benchmark_data.db', columns: 80 }

  test('has prompts alone', async () => {
    await expect(`${runReport(slow, context)}\n`).toMatchFileSnapshot('golden/embedding-report.txt')
  })

  test('has its schedule where it is paced', async () => {
    await expect(`${runReport(paced, context)}\n`).toMatchFileSnapshot('golden/embedding-paced-report.txt')
  })

  test('shows the rate of prompts even where nobody counted them', () => {
    const report = runReport(resultOf(embeddingPlan(1, 1), [embedded({ start: 0, end: 1 })]), context)
    expect(report).toMatch(/│ Total Prompt tok\/s │ +— │ +— │ +— │/)
    expect(report).toMatch(/│ Input Throughput \(tok\/s\) │ +— │/)
  })
})

describe('the report of a sweep', () => {
  test('is one table, from which no fast run is missing, and what is absent is a dash', async () => {
    const report = sweepReport([dead, fast, slow], { outputPath })
    await expect(`${report}\n`).toMatchFileSnapshot('golden/embedding-sweep.txt')
  })

  test('has both clocks beside it where loads are paced, and INF for no limit', async () => {
    const report = sweepReport([slow, paced], { outputPath })
    await expect(`${report}\n`).toMatchFileSnapshot('golden/embedding-paced-sweep.txt')
  })

  test('rerank runs have it, too', () => {
    const report = sweepReport([{ ...slow, plan: { ...slow.plan, task: 'rerank' } }], { outputPath })
    expect(report).toMatch(/Embedding\/Rerank Performance Test Summary[\s\S]*Total Input Tokens +│ 60 tokens/)
  })

  test('fits 80 columns up to a million tokens a second', () => {
    const loads: fc.Arbitrary<LoadShape> = fc.oneof(
      fc.record({ kind: fc.constant('closed'), concurrency: fc.integer({ min: 1, max: 99_999 }) }),
      fc
        .integer({ min: 1, max: 9999 })
        .map(ratePerSec => ({ kind: 'open' as const, pacing: { ...pacing, ratePerSec } })),
    )
    const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true })
    const figures = fc.tuple(upTo(9999), upTo(999_999), upTo(999_999), upTo(99_999), upTo(100))
    fc.assert(
      fc.property(loads, figures, (load, [rps, latencyMs, tokensPerSec, tokens, successPercent]) => {
        const summary = {
          requestsPerSec: rps,
          meanLatencyMs: latencyMs,
          inputTokensPerSec: tokensPerSec,
          meanInputTokens: tokens,
          successPercent,
        }
        const rows = [
          { series: 'latency', count: 20, values: [latencyMs] },
          { series: 'inputRate', count: 20, values: [tokensPerSec] },
        ] as const
        const table = promptTable([handMade({ ...embeddingPlan(1, 1), load }, summary, { levels: [99], rows })])
        expect(Math.max(...table.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
      }),
    )
  })
})

describe('the files of a run', () => {
  const outputOnly = /TTFT|TPOT|ITL|TTFAT|Chunk|Output|Total Throughput|Decode|First Token|Coalesced/

  test('have null for what such answers do not have, and figures for all else', () => {
    const json = summaryJson(slow)
    for (const [key, value] of Object.entries(json)) if (outputOnly.test(key)) expect(value, key).toBeNull()
    expect(Object.keys(json).filter(key => outputOnly.test(key)).length).toBeGreaterThan(15)
    expect(json).toMatchObject({
      'Test Duration (s)': 3,
      'Stream Requests': 0,
      'Req Throughput (req/s)': 2,
      'Avg Latency (s)': 1,
      'Avg Input Tokens': 10,
      'Input Throughput (tok/s)': 20,
      'Input Throughput To Last Success (tok/s)': null,
      'Steady Input Throughput (tok/s)': 20,
      'Token Sources': { usage: 6, tokenizer: 0, chunks: 0, none: 0 },
      Notes: [
        'Percentiles marked * rest on too few samples; --number 662 would carry p99.',
        'Few waves: 6 requests in 2 slots. The first wave meets an idle server all at once and the last leaves slots empty; 10 would make five.',
      ],
    })
  })

  test('begin with the keys of any other run', () => {
    const keysOf = (result: RunResult) => Object.keys(summaryJson(result))
    const own = ['Input Throughput To Last Success (tok/s)', 'Steady Input Throughput (tok/s)']
    expect(keysOf(slow).filter(key => !own.includes(key))).toEqual(keysOf(resultOf(planOf(2, 6), [])))
  })

  test('of percentiles have prompts and their speed', () => {
    expect(Object.entries(percentileJson(slow)[9] ?? {})).toEqual([
      ['Percentiles', '99%'],
      ['Latency (s)', 1],
      ['Input tokens', 14.9],
      ['Input (tok/s)', 14.9],
    ])
  })

  test('of throughput have no completion', () => {
    const rateOf = (metric: string, rate: number | null) => ({
      metric,
      overall: rate,
      last_window: rate,
      steady_state: rate,
    })
    expect(workloadThroughputJson(slow)?.rows).toEqual([
      rateOf('Total Prompt tok/s', 20),
      rateOf('New Prompt tok/s', null),
      rateOf('Cached Prompt tok/s', null),
    ])
    const points = workloadTimelineJson(slow)?.points as readonly object[] | undefined
    expect(points?.at(-1)).toMatchObject({ t: 3, cum_completion: null, cum_new_prompt: 60, cum_cached_prompt: 0 })
  })
})
