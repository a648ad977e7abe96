import { describe, expect, test } from 'vitest'
import type { GateCheck, GateOutcome } from '../../src/model/gate.ts'
import { gateJson } from '../../src/report/gate-json.ts'
import { gateText } from '../../src/report/gate-table.ts'

const passed: GateCheck = {
  run: 'parallel_1_number_20',
  kind: 'fail-if',
  condition: 'success_rate < 99.5',
  figure: 'success_rate',
  unit: '%',
  value: 100,
  baseline: undefined,
  verdict: 'passed',
  reason: 'success_rate is 100 %, above 99.5 %',
}
const unmeasurable: GateCheck = {
  ...passed,
  condition: 'p99_ttft > 500',
  figure: 'p99_ttft',
  unit: 'ms',
  value: 612.345678,
  verdict: 'unmeasurable',
  reason: 'p99_ttft rests on 20 samples and takes 662: make a longer run, with --number 662 or more',
}
const worse: GateCheck = {
  ...passed,
  run: 'parallel_2_number_20',
  kind: 'baseline',
  condition: 'p50_latency worse by more than 10 % and 0.05 s',
  figure: 'p50_latency',
  unit: 's',
  value: 1.23456,
  baseline: 1,
  verdict: 'failed',
  reason: 'p50_latency is 1.235 s, 23.5 % above the 1 s of the baseline',
}
const absent: GateCheck = { ...worse, figure: '', unit: '', condition: 'worse than the baseline', value: undefined }

const outcomeOf = (...checks: readonly GateCheck[]): GateOutcome => ({
  checks,
  isAdvisory: false,
  hasPassed: checks.every(({ verdict }) => verdict === 'passed'),
  invalidRuns: [],
  baseline: undefined,
})

test('conditions have a table without a column for the baseline', () => {
  expect(gateText(outcomeOf(passed, unmeasurable))).toBe(
    `
Gates: 1 of 2 failed (it could not be measured)
┌────────────────────────────┬───────────┬──────────────┐
│ Fails if                   │     Value │ Verdict      │
├────────────────────────────┼───────────┼──────────────┤
│ ── parallel_1_number_20 ── │           │              │
│ success_rate < 99.5        │     100 % │ passed       │
│ p99_ttft > 500             │ 612.35 ms │ unmeasurable │
└────────────────────────────┴───────────┴──────────────┘
  • parallel_1_number_20: p99_ttft rests on 20 samples and takes 662: make a longer run, with --number 662 or more`.trim(),
  )
})

test('figures of a baseline stand beside those of the run, run by run', () => {
  expect(gateText({ ...outcomeOf(passed, worse, { ...absent, baseline: undefined }), isAdvisory: true })).toBe(
    `
Gates: 2 of 3 failed (--advisory: without an effect on the exit code)
┌────────────────────────────────────────────────┬─────────┬──────────┬─────────┐
│ Fails if                                       │   Value │ Baseline │ Verdict │
├────────────────────────────────────────────────┼─────────┼──────────┼─────────┤
│ ── parallel_1_number_20 ──                     │         │          │         │
│ success_rate < 99.5                            │   100 % │          │ passed  │
│ ── parallel_2_number_20 ──                     │         │          │         │
│ p50_latency worse by more than 10 % and 0.05 s │ 1.235 s │      1 s │ failed  │
│ worse than the baseline                        │       — │        — │ failed  │
└────────────────────────────────────────────────┴─────────┴──────────┴─────────┘
  • parallel_2_number_20: p50_latency is 1.235 s, 23.5 % above the 1 s of the baseline
  • parallel_2_number_20: p50_latency is 1.235 s, 23.5 % above the 1 s of the baseline`.trim(),
  )
})

describe('in a narrow terminal', () => {
  const wide: GateCheck = { ...worse, figure: 'tps', unit: 'tok/s', value: 1396.15, baseline: 1403.05 }

  test('conditions are broken, and baselines stand below the values', () => {
    const text = gateText(outcomeOf(passed, { ...wide, verdict: 'passed' }, unmeasurable), 60)
    expect(text.split('\n').slice(1, -1).join('\n')).toBe(
      `
┌───────────────────────────┬───────────────┬──────────────┐
│ Fails if                  │         Value │ Verdict      │
│                           │      Baseline │              │
├───────────────────────────┼───────────────┼──────────────┤
│ ── parallel_1_number_20   │               │              │
│ success_rate < 99.5       │         100 % │ passed       │
│ p99_ttft > 500            │     612.35 ms │ unmeasurable │
│ ── parallel_2_number_20   │               │              │
│ p50_latency worse by more │ 1396.15 tok/s │ passed       │
│ than 10 % and 0.05 s      │ 1403.05 tok/s │              │
└───────────────────────────┴───────────────┴──────────────┘`.trim(),
    )
  })

  test('no line begins with a %', () => {
    const rate = { ...wide, condition: 'tps worse by more than 15 %' }
    expect(gateText(outcomeOf(rate, unmeasurable), 60)).toMatch(/│ tps worse by more than +│.*\n│ 15 % +│/)
  })

  test.each([60, 66, 72, 80, 100])('no table is wider than %i columns', columns => {
    const table = gateText(outcomeOf(passed, unmeasurable, worse, wide), columns).match(/^[┌│├└].*/gm) ?? []
    expect(table.length).toBeGreaterThan(8)
    expect(table.filter(({ length }) => length > columns)).toEqual([])
  })

  test('a table that fits is as in a file', () => {
    const outcome = outcomeOf(passed, unmeasurable, worse)
    expect(gateText(outcome, 200)).toBe(gateText(outcome))
  })
})

test.each<[GateOutcome, string]>([
  [outcomeOf(passed), 'Gates: passed'],
  [outcomeOf(passed, passed), 'Gates: all 2 passed'],
  [outcomeOf(worse, unmeasurable, passed), 'Gates: 2 of 3 failed (1 of them could not be measured)'],
  [
    { ...outcomeOf(unmeasurable), isAdvisory: true },
    'Gates: 1 of 1 failed (it could not be measured; --advisory: without an effect on the exit code)',
  ],
  [outcomeOf(unmeasurable, unmeasurable), 'Gates: 2 of 2 failed (they could not be measured)'],
  [{ ...outcomeOf(passed), invalidRuns: ['a'] }, 'Gates: passed, but a is INVALID'],
  [{ ...outcomeOf(passed, worse), invalidRuns: ['a', 'b'] }, 'Gates: 1 of 2 failed; a and b are INVALID'],
  [
    { ...outcomeOf(passed, passed), invalidRuns: ['a', 'b', 'c', 'd', 'e'] },
    'Gates: all 2 passed, but a, b, c and 2 more are INVALID',
  ],
])('the first line says how many passed', (outcome, line) => {
  expect(gateText(outcome).split('\n')[0]).toBe(line)
})

const doubted = { path: 'outputs/base', doubts: ['it measured something else: model A there, B here'], pairs: ['p'] }

test('what is to be said of the baseline stands below', () => {
  expect(
    gateText({ ...outcomeOf(passed), baseline: doubted })
      .split('\n')
      .slice(-3),
  ).toEqual(['  • the baseline is outputs/base', '  • it measured something else: model A there, B here', '  • p'])
  expect(gateJson({ ...outcomeOf(passed), baseline: doubted }).baseline).toEqual(doubted)
})

test('programs get every check, with null for what is absent', () => {
  const { checks, ...rest } = gateJson(outcomeOf(unmeasurable))
  expect(rest).toEqual({ passed: false, advisory: false, invalid_runs: [] })
  expect(checks).toEqual([{ ...unmeasurable, baseline: null }])
})
