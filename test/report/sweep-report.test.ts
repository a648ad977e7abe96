import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/model/result.ts'
import { bestConfiguration, recommendations } from '../../src/report/recommendations.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { handMade, k14Results, planOf, resultOf } from './results.ts'

const outputPath = 'outputs/20260101_120000/qwen2.5'

describe('K14', () => {
  test('the report of two runs', async () => {
    await expect(`${sweepReport(k14Results, { outputPath })}\n`).toMatchFileSnapshot('golden/k14-sweep.txt')
  })

  test('runs are ordered by load, whatever order they ran in', () => {
    const report = sweepReport(k14Results.toReversed(), { outputPath })
    expect(report).toBe(sweepReport(k14Results, { outputPath }))
  })
})

test('long paths and Chinese model names wrap inside the box and align', () => {
  const [run] = k14Results as [RunResult]
  const plan = { ...run.plan, model: '通义千问'.repeat(20) }
  const report = sweepReport([{ ...run, plan }], { outputPath: `/data/${'long/'.repeat(20)}end` })
  const box = report.split('\n').slice(5, 18)
  const width = (line: string) =>
    Array.from(line).reduce<number>((sum, c) => sum + (/\p{Script=Han}/u.test(c) ? 2 : 1), 0)
  expect(new Set(box.filter(line => /^[│┌└]/.test(line)).map(width))).toEqual(new Set([80]))
  expect(report.match(/通|义|千|问/g)).toHaveLength(80)
  expect(report.replace(/[│\s]/g, '')).toContain(`/data/${'long/'.repeat(20)}end`)
})

test('a run in which all failed shows — beside the others, not 0', () => {
  const dead = resultOf(planOf(8, 2), [
    failed('connect', { start: 0, end: 1 }),
    failed('connect', { start: 0, end: 1 }),
  ])
  const report = sweepReport([resultOf(planOf(2, 5), k01Records), dead], { outputPath })
  expect(report).toContain('│    8 │    - │   2 │    — │     — │      0%│')
  expect(report).toMatch(/│ {4}8 │ {4}- │ Latency \(s\) +│ +— │ +— │ +— │ +—│/)
  expect(report).toContain('Highest RPS           │ Parallel 2 / Number 5 (1.25 req/s)')
})

test('a sweep in which all failed has no per-request table and no best configuration', () => {
  const dead = resultOf(planOf(8, 1), [failed('connect', { start: 0, end: 1 })])
  const report = sweepReport([dead], { outputPath })
  expect(report).toContain('Total Generated       │ —')
  expect(report).not.toMatch(/Per-Request|Best|NaN|undefined|Infinity/)
})

test('a sweep that came to no end says so', () => {
  const whole = resultOf(planOf(2, 5), k01Records)
  const note = (results: readonly RunResult[], plannedRuns: number) =>
    sweepReport(results, { outputPath, plannedRuns }).match(/Only .*/)?.[0]
  expect(note([whole], 1)).toBeUndefined()
  expect(note([whole], 2)).toBe('Only 1 of 2 runs came to their end; figures cover what had ended by then.')
  expect(note([{ ...whole, interrupted: true }], 1)).toMatch(/^Only 0 of 1 runs/)
  expect(note([resultOf(planOf(2, 6), k01Records)], 1)).toMatch(/^Only 0 of 1 runs/)
})

test('without runs there is no report', () => {
  expect(sweepReport([], { outputPath })).toBe('')
})

test('a metric that one run has gets a line in every block', () => {
  const given = { start: 0, end: 1, ttft: 0.3, gaps: [0.1, 0.1], input: 100, output: 6 }
  const cached = resultOf(planOf(1, 1), [streamed({ ...given, cached: 64 }, { ttfatUs: 500_000 })])
  const report = sweepReport([cached, resultOf(planOf(2, 5), k01Records)], { outputPath })
  const cellsOf = (label: string) =>
    report
      .split('\n')
      .filter(line => line.includes(`│ ${label} `))
      .map(line =>
        line
          .split('│')
          .slice(4, -1)
          .map(cell => cell.trim()),
      )
  expect(cellsOf('Cache Hit (%)')).toEqual([
    ['64%', '-', '-', '-'],
    ['—', '-', '-', '-'],
  ])
  expect(cellsOf('TTFAT (ms)')).toEqual([
    ['500', '500', '500', '500'],
    ['—', '—', '—', '—'],
  ])
  expect(cellsOf('Decoded Tok/Iter')).toEqual([
    ['2.5', '-', '-', '-'],
    ['—', '-', '-', '-'],
  ])
  expect(cellsOf('Spec. Accept Rate (%)')).toEqual([
    ['60', '-', '-', '-'],
    ['—', '-', '-', '-'],
  ])
  expect(cellsOf('First Chunk (ms)')).toEqual([])
})

/** A run as the recommendations see it. */
const run = (concurrency: number, rps: number | undefined, latencyMs?: number, successPercent = 100): RunResult =>
  handMade(planOf(concurrency, concurrency * 10), { requestsPerSec: rps, meanLatencyMs: latencyMs, successPercent })

describe('best configuration', () => {
  test('the first of equals wins and runs without a value are passed over', () => {
    expect(bestConfiguration([run(16, 7, 3000), run(1, undefined), run(4, 7, 900), run(2, 3, 900)])).toEqual([
      ['Highest RPS', 'Parallel 4 / Number 40 (7 req/s)'],
      ['Lowest Latency', 'Parallel 2 / Number 20 (0.9 s)'],
    ])
  })

  test('there is none when nothing succeeded', () => {
    expect(bestConfiguration([run(1, undefined)])).toEqual([])
  })
})

const bottleneck = 'The system has not reached its performance bottleneck. Consider testing with higher load levels.'

describe('recommendations', () => {
  test.each<[string, RunResult[], string[]]>([
    ['one run says nothing about load', [run(1, 1, 100, 50)], []],
    ['the same load twice says nothing about load', [run(4, 1, 100), run(4, 2, 100)], []],
    ['best at the highest load', [run(1, 1, 100), run(8, 5, 200)], [bottleneck]],
    [
      'best at the lowest load',
      [run(8, 1, 200), run(1, 5, 100)],
      ['Consider lowering the load; it may be too high for the system.'],
    ],
    [
      'best in between',
      [run(1, 1, 100), run(4, 9, 100), run(8, 5, 200)],
      ['Optimal configuration appears to be around Parallel 4 / Number 40.'],
    ],
    [
      'success below 95 % at the highest load, which is then not to be raised',
      [run(1, 1, 100), run(8, 5, 200, 94.96)],
      ['Success rate at highest load (Parallel 8 / Number 80) is 95%. Check system resources or reduce the load.'],
    ],
    ['success of 95 %', [run(1, 1, 100), run(8, 5, 200, 95)], [bottleneck]],
    [
      'latency more than three times as long',
      [run(1, 1, 100), run(8, 5, 399.9)],
      [bottleneck, 'Latency grew 4.0× from lowest to highest load. The system may be under significant stress.'],
    ],
    ['latency three times as long', [run(1, 1, 100), run(8, 5, 300)], [bottleneck]],
    ['nothing succeeded', [run(1, undefined), run(8, undefined)], []],
  ])('%s', (_, runs, expected) => {
    expect(recommendations(runs)).toEqual(expected)
  })
})
