import type { GateCheck, GateOutcome } from '../../../src/model/gate.ts'
import type { NamedFigure } from '../../../src/model/named-figure.ts'
import type { RunResult } from '../../../src/model/result.ts'
import type { CiReport, CiRun } from '../../../src/report/ci/ci-report.ts'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import { parseFigureName } from '../../../src/stats/named-figures.ts'
import type { SlaOutcome } from '../../../src/stats/sla/outcome.ts'
import { manyRecords, reportedOf } from '../html/reported.ts'
import { planOf } from '../results.ts'

/** What a server might write to do harm in XML, Markdown, HTML and the log of a step. */
export const hostile =
  '<b>|`x` **@everyone** ]]> &amp; [a](http://x) \u0000\u001b[31m\ufffe\ud800 %0A::error::no #1 $x$ \\| _u_'

/** A run of so many streams with a tenth of them failed, and what is changed in it. */
export const ciRun = (concurrency: number, requests: number, overrides: Partial<RunResult> = {}): CiRun => {
  const { startedAt, arguments: given, result } = reportedOf(manyRecords(requests), planOf(concurrency, requests))
  return { startedAt, arguments: given, result: { ...result, ...overrides } }
}

/** Verdicts of a run that nothing, or something, speaks against. */
export const valid = { level: 'VALID', reasons: [], statement: undefined } as const
export const suspect = {
  level: 'SUSPECT',
  reasons: [
    {
      name: 'client slow',
      level: 'SUSPECT',
      measured: 30,
      bound: 25,
      unit: '%',
      message: 'p99 self-delay is 30 % of p50 ITL; use fewer streams.',
    },
  ],
  statement: undefined,
} as const

/** A check of a gate in the run of 4. */
export const gateCheck = (overrides: Partial<GateCheck> = {}): GateCheck => ({
  run: 'parallel_4_number_100',
  kind: 'fail-if',
  condition: 'p99_ttft > 500',
  figure: 'p99_ttft',
  unit: 'ms',
  value: 98.76,
  baseline: undefined,
  verdict: 'passed',
  reason: 'p99_ttft is 98.76 ms, not above 500 ms',
  ...overrides,
})

/** One of each kind. */
export const mixedChecks: readonly GateCheck[] = [
  gateCheck(),
  gateCheck({
    condition: 'success_rate < 99.5',
    figure: 'success_rate',
    unit: '%',
    value: 90,
    verdict: 'failed',
    reason: 'success_rate is 90 %, below 99.5 %',
  }),
  gateCheck({
    kind: 'baseline',
    condition: 'p50_ttft worse by more than 10 % and 5 ms',
    figure: 'p50_ttft',
    value: 74.5,
    baseline: 73,
    reason: 'p50_ttft is 74.5 ms, 2.1 % and 1.5 ms above the baseline',
  }),
  gateCheck({
    condition: 'p99.9_ttft > 900',
    figure: 'p99.9_ttft',
    value: undefined,
    verdict: 'unmeasurable',
    reason: '90 samples do not carry p99.9, which takes 6636',
  }),
]

export const gatesOf = (checks: readonly GateCheck[], isAdvisory = false): GateOutcome => ({
  checks,
  isAdvisory,
  hasPassed: checks.every(({ verdict }) => verdict === 'passed'),
  invalidRuns: [],
  baseline: undefined,
})

/** Two runs, the first without doubts; `overrides` changes single fields. */
export const ciReport = (overrides: Partial<CiReport> = {}): CiReport => ({
  runs: [ciRun(4, 100, { verdict: valid }), ciRun(8, 700, { verdict: suspect })],
  plannedRuns: 2,
  outputPath: 'outputs/20270115_080000/qwen2.5',
  gates: undefined,
  isStrict: false,
  isInterrupted: false,
  problem: undefined,
  ...overrides,
})

/** All that servers, users and plugins can write is this text. */
export const hostileReport = (text: string): CiReport => {
  const [run] = ciReport().runs as [CiRun]
  const { plan, verdict } = run.result
  const failures = [{ kind: 'http_5xx', count: 3, statusCode: 500, example: text }] as const
  const said = { ...verdict, level: undefined, statement: text }
  const result = { ...run.result, plan: { ...plan, model: text, api: text }, failures, verdict: said }
  const check = gateCheck({ condition: text, reason: text, verdict: 'failed' })
  const given = { provenance: { given: { model: text, parallel: [4] } } }
  return ciReport({
    runs: [{ ...run, arguments: given, result }],
    gates: gatesOf([check]),
    outputPath: text,
    problem: text,
  })
}

/** A search over the loads of these runs that found this value for its one group. */
export const slaOutcome = (runs: readonly CiRun[], found: number | undefined): SlaOutcome => {
  const figure = parseFigureName('p99_ttft') as NamedFigure
  return {
    variable: 'parallel',
    range: { lower: 1, upper: 64 } as SlaOutcome['range'],
    answers: [{ group: [{ figure, operator: '<=', limit: 500 }], steps: [], value: found, isWhole: true }],
    points: runs.map(({ result }) => ({
      value: result.plan.load.kind === 'closed' ? result.plan.load.concurrency : 0,
      result,
      accumulator: new Accumulator(),
    })),
    hasPassed: found !== undefined,
  }
}
