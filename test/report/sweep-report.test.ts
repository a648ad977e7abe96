import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/model/result.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import type { VerdictLevel } from '../../src/model/verdict.ts'
import { loadCells } from '../../src/report/load-cells.ts'
import { bestConfiguration, byLoad, recommendations, runLabel } from '../../src/report/recommendations.ts'
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

/** The same with another verdict. */
const judged = (result: RunResult, level: VerdictLevel | undefined): RunResult => ({
  ...result,
  verdict: { level, reasons: [], statement: undefined },
})

describe('runs that are not to be trusted', () => {
  const low = run(1, 1, 100)
  const middle = run(4, 5, 90)
  const high = run(8, 9, 400)

  test('are chosen as the best only where they are not INVALID', () => {
    expect(bestConfiguration([low, judged(middle, 'SUSPECT'), judged(high, 'INVALID')])).toEqual([
      ['Highest RPS', 'Parallel 4 / Number 40 (5 req/s)'],
      ['Lowest Latency', 'Parallel 4 / Number 40 (0.09 s)'],
    ])
  })

  test('are marked where they have no verdict', () => {
    const unjudged = judged(middle, undefined)
    expect(bestConfiguration([low, unjudged])[0]).toEqual([
      'Highest RPS',
      'Parallel 4 / Number 40 (5 req/s, no verdict)',
    ])
    expect(recommendations([low, unjudged, run(8, 2, 100)])).toEqual([
      'Optimal configuration appears to be around Parallel 4 / Number 40 (no verdict).',
    ])
  })

  const beyond =
    'Throughput was highest at Parallel 4 / Number 40, the highest load that is not INVALID; what the system does above it is not known.'

  test.each<[string, RunResult[], string[]]>([
    ['the highest load', [low, middle, judged(high, 'INVALID')], [beyond]],
    ['all but one', [judged(low, 'INVALID'), middle, judged(high, 'INVALID')], [beyond]],
    ['the lowest load', [judged(low, 'INVALID'), middle, run(8, 9, 100)], [bottleneck]],
    [
      'one at which requests fail',
      [low, middle, judged(run(8, 9, 100, 50), 'INVALID')],
      [
        'Optimal configuration appears to be around Parallel 4 / Number 40.',
        'Success rate at highest load (Parallel 8 / Number 80) is 50%. Check system resources or reduce the load.',
      ],
    ],
    [
      'one between which latency grew',
      [low, run(4, 5, 500), judged(high, 'INVALID')],
      [
        beyond,
        'Latency grew 5.0× from lowest to highest load that is not INVALID. The system may be under significant stress.',
      ],
    ],
    ['all', [judged(low, 'INVALID'), judged(high, 'INVALID')], []],
  ])('give no advice where INVALID is %s', (_, runs, expected) => {
    expect(recommendations(runs.toReversed())).toEqual(expected)
  })

  test('are said to be none to choose among where all are INVALID', () => {
    const all = [low, high].map(each => judged(each, 'INVALID'))
    expect(sweepReport(all, { outputPath })).toContain(
      'Best Performance Configuration:\n  • none: all runs are INVALID, for the reasons above',
    )
    expect(sweepReport(all.slice(1), { outputPath })).toContain('• none: the run is INVALID, for the reasons above')
  })
})

describe('recommendations', () => {
  test('a sweep over rates gets advice, the same rate twice does not', () => {
    const at = (ratePerSec: number, rps: number) =>
      handMade(loadPlan(paced(undefined, ratePerSec)), { requestsPerSec: rps, meanLatencyMs: 100, successPercent: 100 })
    expect(recommendations([at(2, 2), at(8, 3), at(4, 4)])).toEqual([
      'Optimal configuration appears to be around Rate 4 rps / Number 100.',
    ])
    expect(recommendations([at(2, 2), at(2, 3)])).toEqual([])
  })

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
