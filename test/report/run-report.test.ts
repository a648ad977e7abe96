import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/model/result.ts'
import type { LoadShape, Pacing } from '../../src/model/run-plan.ts'
import { failureTable } from '../../src/report/failure-table.ts'
import { percentileTableText } from '../../src/report/percentile-table.ts'
import { runReport } from '../../src/report/run-report.ts'
import { speedTable } from '../../src/report/speed-table.ts'
import { summaryTable } from '../../src/report/summary-table.ts'
import { verdictText } from '../../src/report/verdict-text.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { loadPlan, planOf, resultOf } from './results.ts'

const k01 = resultOf(planOf(2, 5), k01Records)

/** Terminal cells of a line; only Han characters are wide in these tests. */
const cells = (line: string): number =>
  Array.from(line).reduce<number>((sum, c) => sum + (/\p{Script=Han}/u.test(c) ? 2 : 1), 0)
const widths = (table: string): number[] => [...new Set(table.split('\n').map(cells))]

const metricsOf = (result: RunResult): string[] =>
  summaryTable(result)
    .split('\n')
    .map(line => line.split('│').map(cell => cell.trim()))
    .filter(row => row.length > 2)
    .map(([, metric, value]) => `${metric}: ${value}`)

describe('K01', () => {
  test('the summary table', async () => {
    await expect(`${summaryTable(k01)}\n`).toMatchFileSnapshot('golden/k01-summary.txt')
  })

  test('the percentile table in a pipe is one table', async () => {
    await expect(`${percentileTableText(k01.percentiles, undefined)}\n`).toMatchFileSnapshot(
      'golden/k01-percentiles.txt',
    )
  })

  test('the percentile table in 80 columns is two tables, min to 50 % and 75 % to max', async () => {
    await expect(`${percentileTableText(k01.percentiles, 80)}\n`).toMatchFileSnapshot('golden/k01-percentiles-80.txt')
  })

  test('the whole report of a run', async () => {
    const report = runReport(k01, { dbPath: 'outputs/x/benchmark_data.db', columns: undefined })
    await expect(`${report}\n`).toMatchFileSnapshot('golden/k01-report.txt')
  })
})

test('K02: all failed prints counts, and — for every figure', () => {
  const result = resultOf(planOf(1, 2), [
    failed('http_5xx', { start: 0, end: 1 }, { statusCode: 500 }),
    failed('http_5xx', { start: 1, end: 3 }, { statusCode: 500 }),
  ])
  const lines = metricsOf(result)
  expect(lines).toContain('Total / Success / Failed: 2 / 0 / 2')
  const figures = lines.filter(line => /^Avg|Throughput/.test(line))
  expect(figures).toHaveLength(9)
  for (const line of figures) expect(line).toMatch(/: —$/)
  const percentiles = percentileTableText(result.percentiles, undefined).split('\n').slice(3, -1)
  for (const line of percentiles) expect(line.match(/—/g)).toHaveLength(11)
})

test('any figures fit 80 columns', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 11, maxLength: 11 }), values => {
      const row = { series: 'outputRate' as const, count: 20, values }
      const text = percentileTableText({ levels: k01.percentiles.levels, rows: [row] }, 80)
      const lines = text.split('\n')
      // The line about the marks is wrapped by the terminal, as notes are.
      expect(lines.at(-1)).toMatch(/^\* needs more samples/)
      expect(Math.max(...lines.slice(0, -1).map(cells))).toBeLessThanOrEqual(80)
      const heads = text.split('\n').filter(line => line.includes('Metric'))
      const levels = heads.flatMap(line => line.split('│').slice(2, -1)).map(cell => cell.trim())
      expect(levels).toEqual(['min', '1%*', '5%*', '10%*', '25%*', '50%', '75%*', '90%*', '95%*', '99%*', 'max'])
    }),
  )
})

describe('rows that appear only when they tell something', () => {
  const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 3 }

  test.each([
    ['Avg First Chunk (ms): 100', [streamed(given, { firstChunkUs: 100_000 })]],
    ['Avg TTFAT (ms): 500', [streamed(given, { ttfatUs: 500_000 })]],
    ['KV Cache Hit Rate (%): 64', [streamed({ ...given, cached: 64 })]],
    ['Avg Decoded Tok/Iter: 2.5', [streamed({ ...given, output: 6 })]],
    ['Spec. Accept Rate: 60', [streamed({ ...given, output: 6 })]],
    ['Cut off: 1', [streamed(given), failed('aborted', { start: 0, end: 1 })]],
    ['Stream / Non-Stream: 1 / 1', [streamed(given), streamed(given, { isStream: false })]],
    ['Up to Last Success (tok/s): 3', [streamed(given), failed('empty', { start: 0, end: 2 })]],
  ])('%s', (line, records) => {
    const label = line.split(':')[0] as string
    expect(metricsOf(resultOf(planOf(1, 1), records))).toContain(line)
    expect(summaryTable(resultOf(planOf(1, 1), [streamed(given)]))).not.toContain(label)
  })
})

describe('the load', () => {
  const pacing: Pacing = { ratePerSec: 0.125, arrival: 'constant' }
  const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 3 }
  const records = [
    streamed(given, { scheduledUs: 0, slotWaitUs: 0, connectUs: 1200 }),
    streamed({ ...given, start: 8.301, end: 9 }, { scheduledUs: 8_000_000, slotWaitUs: 300_000, connectUs: 800 }),
  ]
  const linesOf = (load: LoadShape): string[] => metricsOf(resultOf(loadPlan(load), records))

  test('of a capped loop has a group of its schedule after the latencies', () => {
    const lines = linesOf({ kind: 'closed', concurrency: 4, pacing })
    expect(lines.slice(3, 5)).toEqual(['Concurrency: 4', 'Request Rate (req/s): 0.125'])
    const from = lines.indexOf('── Schedule ──: ')
    expect(lines.slice(from - 1, from + 8)).toEqual([
      'Avg Connect (ms): 1',
      '── Schedule ──: ',
      'Drawn Rate (req/s): 0.13',
      'Realised Rate (req/s): 0.12',
      'Lateness p50 / p99 / max (ms): 0.5 / 0.99 / 1',
      'Slot Wait p50 / p99 / max (ms): 150 / 297 / 300',
      'Latency From Schedule (s): 1',
      'TTFT From Schedule (ms): 450.5',
      '── Tokens ──: ',
    ])
  })

  test('of an open loop has no concurrency and no wait for a slot', () => {
    const lines = linesOf({ kind: 'open', pacing })
    expect(lines[3]).toBe('Concurrency: -')
    expect(lines.join()).toMatch(/Schedule.*Lateness/)
    expect(lines.join()).not.toContain('Slot Wait')
  })

  test('without pacing has no schedule', () => {
    const lines = linesOf({ kind: 'closed', concurrency: 4 })
    expect(lines).toContain('Request Rate (req/s): -1')
    expect(lines.join()).not.toContain('Schedule')
  })

  test('with nothing sent shows — for its schedule', () => {
    const lines = metricsOf(resultOf(loadPlan({ kind: 'open', pacing }), []))
    expect(lines).toEqual(
      expect.arrayContaining(['Drawn Rate (req/s): —', 'Lateness p50 / p99 / max (ms): —', 'Avg Connect (ms): —']),
    )
  })
})

describe('failures', () => {
  const group = { kind: 'http_5xx' as const, statusCode: 503, count: 12, example: 'overloaded' }

  test('kinds, status, counts and one example each', () => {
    const connect = { kind: 'connect' as const, statusCode: undefined, count: 1, example: 'ECONNREFUSED' }
    expect(failureTable([group, connect])).toBe(
      [
        '┌──────────┬────────┬───────┬──────────────┐',
        '│ Kind     │ Status │ Count │ Example      │',
        '├──────────┼────────┼───────┼──────────────┤',
        '│ http_5xx │    503 │    12 │ overloaded   │',
        '│ connect  │      — │     1 │ ECONNREFUSED │',
        '└──────────┴────────┴───────┴──────────────┘',
      ].join('\n'),
    )
  })

  test.each([60, 80, undefined])('a long message is cut to fit %s columns', columns => {
    const table = failureTable([{ ...group, example: '服务器过载 and more, '.repeat(100) }], columns)
    expect(widths(table)).toEqual([columns ?? 120])
    expect(table).toContain('…')
  })

  test('escape sequences of a server do not reach the terminal', () => {
    const table = failureTable([{ ...group, example: '\u001b[2J\u001b]0;x\u0007line\none' }], 80)
    expect(table).not.toContain('\u001b')
    expect(table).toContain('│ line one │')
    expect(widths(table)).toHaveLength(1)
  })
})

test('the speed benchmark has its own grid', () => {
  const rows = [
    { inputTokens: 1, tokensPerSec: 343.084 },
    { inputTokens: 6144, tokensPerSec: 334.7 },
  ]
  expect(speedTable(rows)).toBe(
    [
      '┌───────────────┬─────────────────┬────────────────┐',
      '│ Prompt Tokens │ Speed(tokens/s) │ GPU Memory(GB) │',
      '├───────────────┼─────────────────┼────────────────┤',
      '│ 1             │          343.08 │              0 │',
      '├───────────────┼─────────────────┼────────────────┤',
      '│ 6144          │           334.7 │              0 │',
      '└───────────────┴─────────────────┴────────────────┘',
    ].join('\n'),
  )
})

test('the report has workload, failures, speed and notes only when there are any', () => {
  const records = [...k01Records, failed('http_429', { start: 100, end: 101 }, { index: 5, statusCode: 429 })]
  const sections = (report: string): string[] => report.match(/^[A-Z][^│\n]*:/gm) ?? []
  const context = { dbPath: 'x.db', columns: 80 }
  const full = resultOf(planOf(2, 6, 'speed_benchmark'), records, { interrupted: true })
  expect(sections(runReport(full, context))).toEqual([
    'Benchmarking summary:',
    'Percentile results:',
    'Workload throughput (5 samples):',
    'In flight:',
    'Failures:',
    'Speed Benchmark Results:',
    'Verdict:',
    'Notes:',
    'Result DB path:',
  ])
  const dead = resultOf(planOf(1, 1), [])
  expect(sections(runReport({ ...dead, notes: [] }, context))).toEqual([
    'Benchmarking summary:',
    'Percentile results:',
    'Verdict: none:',
    'Result DB path:',
  ])
})

test('why a run is INVALID comes before why it cannot be judged as a whole, which is the news of all others', () => {
  const reason = { name: 'requests failed', measured: 0, bound: 90, unit: '%', message: '3 of 3 failed.' } as const
  const statement = 'the run took 0.01 s'
  expect(verdictText({ level: 'INVALID', reasons: [{ ...reason, level: 'INVALID' }], statement })).toBe(
    'Verdict: INVALID\n  • requests failed: 3 of 3 failed.\n  • the run took 0.01 s',
  )
  expect(verdictText({ level: 'SUSPECT', reasons: [{ ...reason, level: 'SUSPECT' }], statement })).toBe(
    'Verdict: SUSPECT: the run took 0.01 s\n  • requests failed: 3 of 3 failed.',
  )
  expect(verdictText({ level: undefined, reasons: [], statement })).toBe('Verdict: none: the run took 0.01 s')
})
