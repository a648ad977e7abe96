import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/model/result.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import { loadCells } from '../../src/report/load-cells.ts'
import { byLoad, runLabel } from '../../src/report/recommendations.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { failed, k01Records, streamed } from '../stats/records.ts'
import { handMade, k14Results, loadPlan, planOf, resultOf } from './results.ts'

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

test('a report that something else concludes gives no advice beside it', () => {
  const words = /Best Performance Configuration|Recommendations/
  expect(sweepReport(k14Results, { outputPath })).toMatch(words)
  expect(sweepReport(k14Results, { outputPath, isAdvising: false })).not.toMatch(words)
})

test('a sweep that came to no end says so', () => {
  const whole = resultOf(planOf(2, 5), k01Records)
  const note = (results: readonly RunResult[], plannedRuns: number) =>
    sweepReport(results, { outputPath, plannedRuns }).match(/(?:Only|The run|\d of \d runs) .*/)?.[0]
  expect(note([whole], 1)).toBeUndefined()
  expect(note([whole], 2)).toBe('Only 1 of 2 runs came to their end; figures cover what had ended by then.')
  const alone = 'The run did not come to its end; figures cover what had ended by then.'
  expect(note([{ ...whole, interrupted: true }], 1)).toBe(alone)
  expect(note([resultOf(planOf(2, 6), k01Records)], 1)).toBe(alone)
  expect(note([resultOf(planOf(2, 6), k01Records, { interrupted: false, incomplete: 'damaged' })], 1)).toBeUndefined()
  const underWay: RunResult = { ...whole, interrupted: true, incomplete: 'under way' }
  expect(note([underWay], 1)).toBe('The run is still under way; figures cover what has ended so far.')
  expect(note([whole, underWay], 3)).toBe('1 of 3 runs are over; figures cover what has ended so far.')
  const limited = resultOf({ ...planOf(2, 6), durationMs: 5000 }, k01Records)
  expect(note([limited], 1)).toBeUndefined()
  expect(note([{ ...limited, interrupted: true }], 1)).toBe(alone)
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

const paced = (concurrency: number | undefined, ratePerSec: number): LoadShape => {
  const pacing = { ratePerSec, arrival: 'poisson' } as const
  return concurrency === undefined ? { kind: 'open', pacing } : { kind: 'closed', concurrency, pacing }
}
const unpaced = (concurrency: number): LoadShape => ({ kind: 'closed', concurrency })

test('loads are ordered by concurrency, then by rate, and no limit is the highest', () => {
  const ascending = [
    paced(1, 5),
    paced(1, 20),
    unpaced(1),
    paced(10, 0.5),
    unpaced(10),
    paced(undefined, 5),
    paced(undefined, 20),
  ]
  const runs = ascending.map(load => handMade(loadPlan(load), {}))
  const shuffled = [3, 6, 0, 5, 2, 4, 1].map(index => runs[index] as RunResult)
  expect(byLoad(shuffled)).toEqual(runs)
  expect(runs.map(({ plan }) => loadCells(plan))).toEqual([
    ['1', '5'],
    ['1', '20'],
    ['1', '-'],
    ['10', '0.5'],
    ['10', '-'],
    ['-', '5'],
    ['-', '20'],
  ])
})

test.each([
  [unpaced(10), {}, 'Parallel 10 / Number 100'],
  [paced(10, 5), {}, 'Parallel 10 / Rate 5 rps / Number 100'],
  [paced(undefined, 0.004), {}, 'Rate 0.004 rps / Number 100'],
  [paced(undefined, 5), { durationMs: 60_000 }, 'Rate 5 rps / Number 100'],
  [unpaced(10), { durationMs: 60_000, number: undefined }, 'Parallel 10 / 60 s'],
])('the label of %j with %j is %s', (load, overrides, label) => {
  expect(runLabel(loadPlan(load, overrides))).toBe(label)
})

test('latency and TTFT of paced runs stand beside those from their schedule; columns stay below 120', () => {
  const given = { start: 1.5, end: 2, ttft: 0.25, gaps: [0.25], input: 1, output: 2 }
  const late = streamed(given, { scheduledUs: 1_000_000 })
  const runs = [loadPlan(paced(undefined, 5)), planOf(2, 1)].map(plan => resultOf(plan, [late]))
  const report = sweepReport(runs, { outputPath })
  expect(report).toMatch(/│ +2 │ +- │ Latency \(s\) +│ +0.5 │ +0.5 │ +0.5 │ +0.5│\n.*│ Sched. Latency \(s\) │ +— │/)
  expect(report).toMatch(/│ +- │ +5 │ Latency \(s\) +│ +0.5 │.*\n.*│ Sched. Latency \(s\) │ +1 │ +1 │ +1 │ +1│/)
  expect(report).toMatch(/│ Sched. TTFT \(ms\) +│ +750 │ +750 │ +750 │ +750│/)
  expect(Math.max(...report.split('\n').map(line => line.length))).toBeLessThan(120)
})
