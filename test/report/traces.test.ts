import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { summaryJson } from '../../src/report/json.ts'
import { runReport } from '../../src/report/run-report.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { traceSummaryJson } from '../../src/report/trace-json.ts'
import { traceTableText } from '../../src/report/trace-table.ts'
import { conversationOf, failed, k01Records, k05Records } from '../stats/records.ts'
import { loadPlan, planOf, resultOf } from './results.ts'

/** One of three turns, one of two whose server reports no cached tokens, and one that is abandoned. */
const records: readonly RequestRecord[] = [
  ...k05Records,
  ...conversationOf('silent', [
    { start: 0.5, end: 1.75, ttft: 0.25, input: 150, output: 41 },
    { start: 2, end: 3, ttft: 0.2, input: 240, output: 33 },
  ]),
  ...conversationOf('broken', [{ start: 2.5, end: 3.5, ttft: 0.35, input: 90, output: 14 }]).map(record => ({
    ...record,
    isLastTurn: false,
  })),
  failed('http_5xx', { start: 3.5, end: 3.75 }, { conversationId: 'broken', turn: 2, statusCode: 503 }),
]
const several = resultOf(planOf(2, 3), records)
const single = resultOf(planOf(8, 5), k01Records)
const dead = resultOf(planOf(4, 1), [failed('connect', { start: 0, end: 1 }, { isLastTurn: false })])

describe('a run with conversations of several turns', () => {
  test('the whole report of the run', async () => {
    const report = runReport(several, { dbPath: 'outputs/x/benchmark_data.db', columns: undefined })
    await expect(`${report}\n`).toMatchFileSnapshot('golden/traces-report.txt')
  })

  test.each([60, 80])('in %i columns the table of conversations has every statistic once', columns => {
    const [title = '', ...lines] = (traceTableText(several, columns) ?? '').split('\n')
    expect(title).toBe('Per-trace summary (3 traces):')
    const drawn = lines.filter(line => !line.startsWith('*'))
    expect(Math.max(...drawn.map(line => line.length))).toBeLessThanOrEqual(columns)
    const heads = lines
      .filter(line => line.startsWith('│ Metric'))
      .map(line => line.match(/\b(?:mean|min|max|p\d\d)\b/g))
    expect(heads.length).toBeGreaterThan(1)
    expect(heads.flat()).toEqual(['mean', 'min', 'p50', 'p90', 'p95', 'p99', 'max'])
    expect(lines.filter(line => line.includes('Decode TPS'))).toHaveLength(heads.length)
  })

  test('the report over all runs, beside one of single turns', async () => {
    const report = sweepReport([several, single], { outputPath: 'outputs/20260101_120000/qwen2.5' })
    expect(Math.max(...report.split('\n').map(line => line.length))).toBeLessThanOrEqual(120)
    await expect(`${report}\n`).toMatchFileSnapshot('golden/traces-sweep.txt')
  })

  test('K05 in trace_summary.json, with at most six decimals', () => {
    const rowOf = (metric: string, value: number | null) => {
      const [mean, min, p50, p90, p95, p99, max] = Array(7).fill(value)
      return { metric, mean, min, p50, p90, p95, p99, max }
    }
    expect(traceSummaryJson(resultOf(planOf(1, 1), k05Records))).toEqual({
      n_traces: 1,
      rows: [
        rowOf('Latency (s)', 7),
        rowOf('First-Turn TTFT (s)', 0.5),
        rowOf('TTFAT (s)', 5.4),
        rowOf('Decode TPS', 22.916667),
        rowOf('Cache Hit Rate (%)', 47.142857),
        rowOf('Eligible Cache Hit Rate (%)', 88.709677),
        rowOf('Cache Hit Rate (%) (estimated)', null),
      ],
      not_carried: Object.fromEntries(
        ['Latency (s)', 'First-Turn TTFT (s)', 'TTFAT (s)', 'Decode TPS', 'Cache Hit Rate (%)']
          .concat('Eligible Cache Hit Rate (%)')
          .map(metric => [metric, ['p50', 'p90', 'p95', 'p99']]),
      ),
    })
  })

  test('its keys of benchmark_summary.json stand where the original has them, ours after them', () => {
    const json = summaryJson(several)
    expect(json).toMatchObject({
      'Avg Turns/Request': 1.666667,
      'KV Cache Hit Rate (%)': 55,
      'KV Cache Hit Rate (%) (estimated)': 48.974359,
      'Avg First-Turn TTFT (ms)': 366.666667,
      'Avg Subsequent-Turn TTFT (ms)': 300,
      'Expected Requests': null,
      'Expected Conversations': 3,
      Conversations: 3,
      'Abandoned Conversations': 1,
      'Cut Off Conversations': 0,
    })
    const keys = Object.keys(json)
    const from = keys.indexOf('Input Throughput (tok/s)')
    expect(keys.slice(from + 1, from + 5)).toEqual([
      'Avg Turns/Request',
      'KV Cache Hit Rate (%)',
      'Avg First-Turn TTFT (ms)',
      'Avg Subsequent-Turn TTFT (ms)',
    ])
  })
})

test('runs of single turns have no traces anywhere', () => {
  const cached = resultOf(planOf(1, 1), conversationOf('a', [{ start: 0, end: 1, input: 9, output: 2, cached: 3 }]))
  for (const run of [single, cached]) {
    const report = `${runReport(run, { dbPath: 'x.db', columns: 120 })}${sweepReport([run], { outputPath: 'x' })}`
    expect(report).not.toMatch(/trace|turn|conversation|estimated/i)
    expect(Object.keys(summaryJson(run)).join()).not.toMatch(/turn|conversation|estimated/i)
    expect(traceSummaryJson(run)).toBeUndefined()
  }
})

test('a run without a success shows what became of its conversations, but no figures of theirs', () => {
  expect(traceTableText(dead, 80)).toBeUndefined()
  expect(traceSummaryJson(dead)).toBeUndefined()
  const report = runReport(dead, { dbPath: 'x.db', columns: 120 })
  expect(report).toMatch(/Conversations \/ Abandoned +│ +1 \/ 1 │/)
  const sweep = sweepReport([several, dead], { outputPath: 'x' })
  expect(sweep).toMatch(/│ +0% │ +0│\n└/)
  expect(sweep).not.toMatch(/NaN|undefined/)
})

test('the rates of a paced run with several turns are those of conversations', () => {
  const pacing = { ratePerSec: 2, arrival: 'poisson' } as const
  const paced = loadPlan({ kind: 'closed', concurrency: 2, pacing }, { number: 3 })
  const report = runReport(resultOf(paced, records), { dbPath: 'x.db', columns: 120 })
  for (const label of ['Request', 'Drawn', 'Realised']) expect(report).toContain(`│ ${label} Rate (conv/s) `)
  expect(report).toContain('│ Req Throughput (req/s) ')
  expect(report).not.toContain('Rate (req/s)')
})

test('a sweep of conversations is whole when all were begun and none was cut off', () => {
  const unfinished = (given: readonly RequestRecord[], number: number) =>
    sweepReport([resultOf(planOf(2, number), given)], { outputPath: 'x' }).includes('The run did not come to its end')
  expect(unfinished(records, 3)).toBe(false)
  expect(unfinished(records, 4)).toBe(true)
  expect(unfinished(k05Records.slice(0, 2), 1)).toBe(true)
})
