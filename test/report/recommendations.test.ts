import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/model/result.ts'
import type { LoadShape } from '../../src/model/run-plan.ts'
import type { VerdictLevel } from '../../src/model/verdict.ts'
import { bestConfiguration, recommendations } from '../../src/report/recommendations.ts'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { handMade, loadPlan, planOf } from './results.ts'

const outputPath = 'outputs/20260101_120000/qwen2.5'

const paced = (concurrency: number | undefined, ratePerSec: number): LoadShape => {
  const pacing = { ratePerSec, arrival: 'poisson' } as const
  return concurrency === undefined ? { kind: 'open', pacing } : { kind: 'closed', concurrency, pacing }
}

/** A run as the recommendations see it. */
const run = (concurrency: number, rps: number | undefined, latencyMs?: number, successPercent = 100): RunResult =>
  handMade(planOf(concurrency, concurrency * 10), { requestsPerSec: rps, meanLatencyMs: latencyMs, successPercent })

/** One of a mean latency of 100 ms, and this mean TTFT. */
const waiting = (concurrency: number, rps: number, ttftMs: number): RunResult =>
  handMade(planOf(concurrency, concurrency * 10), {
    requestsPerSec: rps,
    meanLatencyMs: 100,
    meanTtftMs: ttftMs,
    successPercent: 100,
  })

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
      ['Highest RPS', 'Parallel 4 / Number 40 (5 req/s, SUSPECT)'],
      ['Lowest Latency', 'Parallel 4 / Number 40 (0.09 s, SUSPECT)'],
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

  test('are no best configuration where they were interrupted', () => {
    const interrupted = { ...judged(high, undefined), interrupted: true }
    expect(bestConfiguration([low, interrupted])[0]).toEqual(['Highest RPS', 'Parallel 1 / Number 10 (1 req/s)'])
    expect(bestConfiguration([interrupted])).toEqual([])
    expect(recommendations([low, interrupted])).toEqual([])
  })

  test('are said to be none to choose among where all are INVALID', () => {
    const all = [low, high].map(each => judged(each, 'INVALID'))
    expect(sweepReport(all, { outputPath })).toContain(
      'Best Performance Configuration:\n  • none: all runs are INVALID, for the reasons above',
    )
    expect(sweepReport(all.slice(1), { outputPath })).toContain('• none: the run is INVALID, for the reasons above')
  })
})

const withTokens = (result: RunResult, outputTokensPerSec: number): RunResult => ({
  ...result,
  summary: { ...result.summary, outputTokensPerSec },
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
    ['best there, with a TTFT of three times', [waiting(1, 1, 20), waiting(8, 5, 60)], [bottleneck]],
    [
      'best there, and more than that',
      [waiting(1, 1, 20), waiting(8, 5, 63)],
      ['Throughput was highest at the highest load, while TTFT grew 3.2×: requests may be queueing.'],
    ],
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
    [
      'success no better at lower loads, which are no way out',
      [run(1, 1, 100, 40), run(8, 5, 200, 40)],
      [
        'Success rate at highest load (Parallel 8 / Number 80) is 40%, and no better at lower ones: look at the failures.',
      ],
    ],
    ['success of 95 %', [run(1, 1, 100), run(8, 5, 200, 95)], [bottleneck]],
    [
      'latency more than three times as long',
      [run(1, 1, 100), run(8, 5, 399.9)],
      [
        'Throughput was highest at the highest load, at the cost of latency.',
        'Latency grew 4.0× from lowest to highest load. The system may be under significant stress.',
      ],
    ],
    [
      'hardly more throughput at the highest load',
      [run(1, 1, 100), run(4, 4.9, 200), run(8, 5, 500)],
      [
        'Throughput no longer grows beyond Parallel 4 / Number 40, which has at least 95 % of that at the highest load.',
        'Latency grew 5.0× from lowest to highest load. The system may be under significant stress.',
      ],
    ],
    [
      'hardly more output tokens at the highest load',
      [withTokens(run(1, 1, 100), 100), withTokens(run(4, 3, 200), 290), withTokens(run(8, 5, 200), 300)],
      [
        'Throughput no longer grows beyond Parallel 4 / Number 40, which has at least 95 % of that at the highest load.',
      ],
    ],
    ['latency three times as long', [run(1, 1, 100), run(8, 5, 300)], [bottleneck]],
    ['nothing succeeded', [run(1, undefined), run(8, undefined)], []],
  ])('%s', (_, runs, expected) => {
    expect(recommendations(runs)).toEqual(expected)
  })
})
