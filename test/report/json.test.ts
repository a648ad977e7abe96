import { describe, expect, test } from 'vitest'
import type { LoadShape, Pacing, RunPlan } from '../../src/model/run-plan.ts'
import { jsonFileText, percentileJson, summaryJson } from '../../src/report/json.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { loadPlan, planOf, resultOf } from './results.ts'

const k01 = resultOf(planOf(2, 5), k01Records)
const allFailed = resultOf(planOf(1, 2), [
  failed('http_5xx', { start: 0, end: 1 }, { statusCode: 500, message: 'overloaded' }),
  failed('connect', { start: 1, end: 3 }, { index: 1 }),
])

const originalKeys = [
  'Test Duration (s)',
  'Concurrency',
  'Request Rate (req/s)',
  'Total Requests',
  'Success Requests',
  'Failed Requests',
  'Stream Requests',
  'Non-Stream Requests',
  'Req Throughput (req/s)',
  'Avg Latency (s)',
  'Avg Input Tokens',
  'Output Throughput (tok/s)',
  'Total Throughput (tok/s)',
  'Avg TTFT (ms)',
  'Avg TPOT (ms)',
  'Avg ITL (ms)',
  'Avg Output Tokens',
  'Input Throughput (tok/s)',
]

const allLevels = ['1%', '5%', '10%', '25%', '50%', '75%', '90%', '95%', '99%']

describe('benchmark_summary.json', () => {
  test("begins with evalscope's keys in its order", () => {
    expect(Object.keys(summaryJson(k01)).slice(0, originalKeys.length)).toEqual(originalKeys)
  })

  test('K01 in numbers of at most six decimals', () => {
    expect(summaryJson(k01)).toMatchObject({
      'Test Duration (s)': 4,
      Concurrency: 2,
      'Request Rate (req/s)': -1,
      'Total Requests': 5,
      'Success Requests': 5,
      'Failed Requests': 0,
      'Stream Requests': 5,
      'Non-Stream Requests': 0,
      'Req Throughput (req/s)': 1.25,
      'Avg Latency (s)': 1.4,
      'Avg Input Tokens': 30,
      'Output Throughput (tok/s)': 8.5,
      'Total Throughput (tok/s)': 46,
      'Avg TTFT (ms)': 300,
      'Avg TPOT (ms)': 210,
      'Avg ITL (ms)': 189.655172,
      'Avg Output Tokens': 6.8,
      'Input Throughput (tok/s)': null,
      'Expected Requests': 5,
      'Avg Chunks/Request': 6.8,
      'Avg Chunk Gap (ms)': 189.655172,
      'Avg Tokens/Chunk': 1,
      'Decode (tok/s)': 4.761905,
      'Token Sources': { usage: 5, tokenizer: 0, chunks: 0, none: 0 },
      Interrupted: false,
      'Not Carried': {
        'Latency (s)': allLevels,
        'ITL (ms)': ['1%', '5%', '10%', '90%', '95%', '99%'],
      },
      Notes: [
        'Percentiles marked * rest on too few samples; --number 662 would carry p99.',
        'Few waves: 5 requests in 2 slots. The first wave meets an idle server all at once and the last leaves slots empty; 10 would make five.',
      ],
      Failures: [],
    })
  })

  test('K02: what is absent is null, never NaN, 0 or -1', () => {
    const json = summaryJson(allFailed)
    for (const [key, value] of Object.entries(json)) {
      // They were in flight all the same.
      if (/^Avg(?! In Flight)|Throughput|Decode/.test(key)) expect(value, key).toBeNull()
    }
    expect(json).toMatchObject({ 'Total Requests': 2, 'Success Requests': 0, 'Failed Requests': 2 })
    expect(json.Failures).toEqual([
      { Kind: 'connect', Status: null, Count: 1, Example: 'connect' },
      { Kind: 'http_5xx', Status: 500, Count: 1, Example: 'overloaded' },
    ])
  })

  test('cache and speculation have keys only when they apply', () => {
    const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 6, cached: 64 }
    const both = { 'KV Cache Hit Rate (%)': 64, 'Avg Decoded Tok/Iter': 2.5, 'Spec. Accept Rate': 0.6 }
    expect(summaryJson(resultOf(planOf(1, 1), [streamed(given)]))).toMatchObject(both)
    for (const key of Object.keys(both)) expect(summaryJson(k01)).not.toHaveProperty(key)
  })
})

describe('the load in benchmark_summary.json', () => {
  const pacing: Pacing = { ratePerSec: 1.25, arrival: 'constant' }
  const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 6 }
  const records = [
    streamed(given, { scheduledUs: 0, slotWaitUs: 0, connectUs: 100 }),
    streamed({ ...given, start: 1.001, end: 2 }, { scheduledUs: 800_000, slotWaitUs: 200_000, connectUs: 200 }),
  ]
  const jsonOf = (load: LoadShape, overrides: Partial<RunPlan> = {}) =>
    summaryJson(resultOf(loadPlan(load, overrides), records))
  const absent = {
    'Drawn Rate (req/s)': null,
    'Realised Rate (req/s)': null,
    'Lateness (ms)': null,
    'Slot Wait (ms)': null,
    'Prompt Wait (ms)': null,
    'Avg Latency From Schedule (s)': null,
    'Avg TTFT From Schedule (ms)': null,
  }

  test('a capped loop has both limits and all of its schedule', () => {
    expect(jsonOf({ kind: 'closed', concurrency: 4, pacing })).toMatchObject({
      Concurrency: 4,
      'Request Rate (req/s)': 1.25,
      'Drawn Rate (req/s)': 1.25,
      'Realised Rate (req/s)': 0.999001,
      'Lateness (ms)': { p50: 0.5, p99: 0.99, max: 1 },
      'Slot Wait (ms)': { p50: 100, p99: 198, max: 200 },
      'Avg Latency From Schedule (s)': 1.1,
      'Avg TTFT From Schedule (ms)': 400.5,
      'Avg Connect (ms)': 0.15,
      'Avg In Flight': 0.9995,
      'Max In Flight': 1,
    })
  })

  test('what waited for its prompt is told where the load loop was there to see it', () => {
    const promptWaiting = { requests: 3, totalMs: 700.1234567, maxMs: 340 }
    const result = resultOf(loadPlan({ kind: 'open', pacing }), records, { interrupted: false, promptWaiting })
    expect(summaryJson(result)['Prompt Wait (ms)']).toEqual({ requests: 3, total: 700.123457, max: 340 })
  })

  test('an open loop has concurrency -1, as in the original', () => {
    expect(jsonOf({ kind: 'open', pacing })).toMatchObject({ Concurrency: -1, 'Request Rate (req/s)': 1.25 })
  })

  test('an unpaced loop has rate -1, and null for a schedule it does not have', () => {
    const json = jsonOf({ kind: 'closed', concurrency: 4 })
    expect(json).toMatchObject({ Concurrency: 4, 'Request Rate (req/s)': -1, ...absent })
    expect(Object.keys(json)).toEqual(Object.keys(jsonOf({ kind: 'open', pacing })))
  })

  test('a run that only has a duration expects no number of requests', () => {
    const plan = { number: undefined, durationMs: 5000 }
    expect(jsonOf({ kind: 'open', pacing }, plan)['Expected Requests']).toBeNull()
  })

  test('nothing sent leaves the same keys with null', () => {
    const nothing = summaryJson(resultOf(loadPlan({ kind: 'open', pacing }), []))
    const flight = { 'Steady Output Throughput (tok/s)': null, 'Avg In Flight': null, 'Max In Flight': null }
    expect(nothing).toMatchObject({ ...absent, ...flight, 'Avg Connect (ms)': null })
  })

  test('percentiles of the schedule have keys of their own', () => {
    const [, ...levels] = percentileJson(resultOf(loadPlan({ kind: 'closed', concurrency: 4, pacing }), records))
    expect(levels.at(-1)).toMatchObject({
      'Latency (s)': 1,
      'Sched. Latency (s)': 1.2,
      'Sched. TTFT (ms)': 501,
      'Slot wait (ms)': 200,
      'Lateness (ms)': 1,
    })
  })
})

describe('benchmark_percentile.json', () => {
  test('one object per level, in the order of the table', () => {
    const json = percentileJson(k01)
    expect(json.map(level => level.Percentiles)).toEqual([
      'min',
      '1%',
      '5%',
      '10%',
      '25%',
      '50%',
      '75%',
      '90%',
      '95%',
      '99%',
      'max',
    ])
    expect(Object.entries(json[7] ?? {})).toEqual([
      ['Percentiles', '90%'],
      ['Latency (s)', 1.8],
      ['TTFT (ms)', 460],
      ['ITL (ms)', 300],
      ['TPOT (ms)', 280],
      ['Input tokens', 46],
      ['Output tokens', 9.6],
      ['Output (tok/s)', 8],
      ['Total (tok/s)', 44.666667],
      ['Decode (tok/s)', 8],
    ])
  })

  test('K02: every value is null', () => {
    const values = percentileJson(allFailed).flatMap(level => Object.values(level).slice(1))
    expect(values).toHaveLength(99)
    expect(new Set(values)).toEqual(new Set([null]))
  })
})

test('files are indented by four and keep Chinese readable', () => {
  expect(jsonFileText({ 模型: [1] })).toBe('{\n    "模型": [\n        1\n    ]\n}\n')
})
