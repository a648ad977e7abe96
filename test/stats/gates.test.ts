import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BaselineFigure, GateCheck, GateCondition, RunGates } from '../../src/model/gate.ts'
import type { NamedReading } from '../../src/model/named-figure.ts'
import { gatedFigures, gateOutcome, judgeGates } from '../../src/stats/gates.ts'
import { parseFigureName } from '../../src/stats/named-figures.ts'
import { planOf, resultOf } from '../report/results.ts'
import { inARow } from './verdict-cases.ts'

const readingOf = (name: string, value: number | undefined, count = 1000): NamedReading => {
  const figure = parseFigureName(name)
  if (figure === undefined) throw new Error(name)
  const neededSamples = figure.level === undefined ? undefined : 662
  return { figure, value, count, neededSamples, isCarried: value !== undefined && count >= (neededSamples ?? 0) }
}

const judgeOne = (gates: Partial<RunGates>, ...readings: readonly NamedReading[]): GateCheck => {
  const checks = judgeGates('run', { conditions: [], baseline: [], isAdvisory: false, ...gates }, readings)
  expect(checks).toHaveLength(1)
  return checks[0] as GateCheck
}

const condition = (figure: string, operator: GateCondition['operator'], bound: number): Partial<RunGates> => ({
  conditions: [{ figure, operator, bound }],
})

const held = (figure: string, value: number | undefined, more: Partial<BaselineFigure> = {}): Partial<RunGates> => ({
  baseline: [{ figure, percent: 10, difference: 5, value, count: 1000, ...more }],
})

describe('a condition', () => {
  test.each<[GateCondition['operator'], number, GateCheck['verdict'], string]>([
    ['>', 499, 'passed', 'avg_ttft is 499 ms, below 500 ms'],
    ['>', 500, 'passed', 'avg_ttft is exactly 500 ms'],
    ['>', 501, 'failed', 'avg_ttft is 501 ms, above 500 ms'],
    ['>=', 499.999, 'passed', 'avg_ttft is 499.999 ms, below 500 ms'],
    ['>=', 500, 'failed', 'avg_ttft is exactly 500 ms'],
    ['<', 500, 'passed', 'avg_ttft is exactly 500 ms'],
    ['<', 499.9, 'failed', 'avg_ttft is 499.9 ms, below 500 ms'],
    ['<=', 500, 'failed', 'avg_ttft is exactly 500 ms'],
    ['<=', 500.000_001, 'passed', 'avg_ttft is 500.000001 ms, above 500 ms'],
  ])('avg_ttft %s 500, and it is %f: %s', (operator, value, verdict, reason) => {
    expect(judgeOne(condition('avg_ttft', operator, 500), readingOf('avg_ttft', value))).toEqual({
      run: 'run',
      kind: 'fail-if',
      condition: `avg_ttft ${operator} 500`,
      figure: 'avg_ttft',
      unit: 'ms',
      value,
      baseline: undefined,
      verdict,
      reason,
    })
  })

  test.each<[string, readonly NamedReading[], string]>([
    [
      'a run without the figure',
      [readingOf('p99_ttft', undefined, 0)],
      'the run has no p99_ttft: nothing was measured that it is made of',
    ],
    [
      'too few samples',
      [readingOf('p99_ttft', 1, 661)],
      'p99_ttft rests on 661 samples and takes 662: make a longer run, with --number 662 or more',
    ],
    [
      'a single sample',
      [readingOf('p99_ttft', 1, 1)],
      'p99_ttft rests on 1 sample and takes 662: make a longer run, with --number 662 or more',
    ],
    ['a figure that this version does not know', [], 'this version knows no figure p99_ttft'],
  ])('is unmeasurable with %s', (_, readings, reason) => {
    expect(judgeOne(condition('p99_ttft', '>', 1e9), ...readings)).toMatchObject({ verdict: 'unmeasurable', reason })
  })
})

describe('a baseline', () => {
  test.each<[string, number, Partial<RunGates>, GateCheck['verdict'], string]>([
    [
      'beyond both bounds',
      111,
      held('avg_ttft', 100),
      'failed',
      'avg_ttft is 111 ms, 11 % and 11 ms above the 100 ms of the baseline',
    ],
    [
      'up to the share',
      110,
      held('avg_ttft', 100),
      'passed',
      'avg_ttft is 110 ms, 10 ms above the 100 ms of the baseline, but only 10 %',
    ],
    [
      'up to the difference',
      15,
      held('avg_ttft', 10),
      'passed',
      'avg_ttft is 15 ms, 50 % above the 10 ms of the baseline, but only 5 ms',
    ],
    [
      'beyond the difference',
      15.1,
      held('avg_ttft', 10),
      'failed',
      'avg_ttft is 15.1 ms, 51 % and 5.1 ms above the 10 ms of the baseline',
    ],
    ['within both', 104, held('avg_ttft', 100), 'passed', 'avg_ttft is 104 ms, 4 % above the 100 ms of the baseline'],
    ['the same', 10, held('avg_ttft', 10), 'passed', 'avg_ttft is 10 ms, as in the baseline'],
    ['much better', 1, held('avg_ttft', 100), 'passed', 'avg_ttft is 1 ms, 99 % below the 100 ms of the baseline'],
    ['worse than none', 6, held('avg_ttft', 0), 'failed', 'avg_ttft is 6 ms, above the 0 ms of the baseline'],
    [
      'a rate that fell',
      89,
      held('tps', 100, { difference: 0 }),
      'failed',
      'tps is 89 tok/s, 11 % below the 100 tok/s of the baseline',
    ],
    [
      'a rate that rose',
      200,
      held('tps', 100, { difference: 0 }),
      'passed',
      'tps is 200 tok/s, 100 % above the 100 tok/s of the baseline',
    ],
  ])('%s', (_, value, gates, verdict, reason) => {
    const [{ figure }] = gates.baseline as [BaselineFigure]
    expect(judgeOne(gates, readingOf(figure, value))).toMatchObject({ verdict, reason, value })
  })

  test.each<[string, Partial<RunGates>, NamedReading, string]>([
    [
      'the run lacks the figure',
      held('tps', 1),
      readingOf('tps', undefined),
      'the run has no tps: nothing was measured that it is made of',
    ],
    ['the baseline lacks it', held('tps', undefined), readingOf('tps', 1), 'the baseline has no tps'],
    [
      'the baseline does not carry it',
      held('p99_ttft', 1, { count: 20 }),
      readingOf('p99_ttft', 1),
      'p99_ttft of the baseline rests on 20 samples and takes 662: make a longer one, with --number 662 or more',
    ],
  ])('is unmeasurable where %s', (_, gates, reading, reason) => {
    expect(judgeOne(gates, reading)).toMatchObject({ verdict: 'unmeasurable', reason })
  })

  test('without a run at the load is unmeasurable', () => {
    const check = judgeOne({ unpaired: 'the baseline has no run at --parallel 3' })
    expect(check).toMatchObject({ verdict: 'unmeasurable', reason: 'the baseline has no run at --parallel 3' })
  })

  test.each([
    [10, 5, 'avg_ttft worse by more than 10 % and 5 ms'],
    [10, 0, 'avg_ttft worse by more than 10 %'],
    [0, 5, 'avg_ttft worse by more than 5 ms'],
    [0, 0, 'avg_ttft worse by more than 0 ms'],
  ])('%f %% and %f ms are shown as they count', (percent, difference, shown) => {
    const check = judgeOne(held('avg_ttft', 1, { percent, difference }), readingOf('avg_ttft', 1))
    expect(check.condition).toBe(shown)
  })

  test('fails exactly where a figure is worse beyond both', () => {
    const amount = fc.double({ min: 0.001, max: 1e6, noNaN: true })
    const bounds = fc.record({ percent: fc.integer({ min: 0, max: 100 }), difference: fc.integer({ min: 0, max: 50 }) })
    fc.assert(
      fc.property(amount, amount, bounds, fc.constantFrom('avg_ttft', 'tps'), (value, base, bound, name) => {
        const worseBy = name === 'tps' ? base - value : value - base
        const isWorse = worseBy > (base * bound.percent) / 100 && worseBy > bound.difference
        const { verdict } = judgeOne(held(name, base, bound), readingOf(name, value))
        expect(verdict).toBe(isWorse ? 'failed' : 'passed')
      }),
    )
  })
})

describe('the gates of a plan', () => {
  const conditions: readonly GateCondition[] = [
    { figure: 'p50_ttft', operator: '>', bound: 250 },
    { figure: 'success_rate', operator: '<', bound: 99.5 },
  ]
  const planWith = (more: Partial<RunGates> = {}) => ({
    ...planOf(1, 100, 'openqa'),
    gates: { conditions, baseline: [], isAdvisory: false, ...more },
  })

  test('are judged with the run, and read all their figures', () => {
    const { gates, figures } = resultOf(planWith(), inARow(100))
    expect(figures?.map(({ figure, value }) => [figure.name, value])).toEqual([
      ['p50_ttft', 200],
      ['success_rate', 100],
    ])
    expect(gates?.map(({ verdict }) => verdict)).toEqual(['passed', 'passed'])
  })

  test('make one outcome over all runs, which one failure fails', () => {
    const good = resultOf(planWith(), inARow(100))
    const bad = resultOf(planWith({ conditions: [{ figure: 'p50_ttft', operator: '>', bound: 100 }] }), inARow(100))
    const plain = resultOf(planOf(1, 100), inARow(100))
    expect(gateOutcome([plain])).toBeUndefined()
    expect(gateOutcome([good, plain])).toMatchObject({ hasPassed: true, isAdvisory: false })
    expect(gateOutcome([good, bad])).toMatchObject({ hasPassed: false, checks: { length: 3 } })
    expect(gateOutcome([resultOf(planWith({ isAdvisory: true }), inARow(100))])?.isAdvisory).toBe(true)
  })

  test('that pass in a run that is INVALID name it', () => {
    const run = resultOf(planWith(), inARow(100))
    const invalid = { ...run, verdict: { ...run.verdict, level: 'INVALID' as const } }
    expect(gateOutcome([run, invalid])?.invalidRuns).toEqual([run.plan.name])
    const failing = { ...invalid, gates: invalid.gates?.map(check => ({ ...check, verdict: 'failed' as const })) }
    expect(gateOutcome([run, { ...failing, gates: failing.gates ?? [] }])?.invalidRuns).toEqual([])
  })

  test('tell what is to be said of their baseline once', () => {
    const heldAgainst = { path: 'base', doubts: ['model A there, B here'], pairs: [] }
    const first = resultOf(planWith({ heldAgainst: { ...heldAgainst, pairs: ['it has 2'] } }), inARow(100))
    const second = resultOf(planWith({ heldAgainst }), inARow(100))
    expect(gateOutcome([first, second])?.baseline).toEqual({ ...heldAgainst, pairs: ['it has 2'] })
    expect(gateOutcome([resultOf(planWith(), inARow(100))])?.baseline).toBeUndefined()
  })

  test('name every figure that they rest on', () => {
    const gates = planWith({ baseline: [{ figure: 'tps', percent: 1, difference: 1, count: 1 }] }).gates
    expect(gatedFigures(gates)).toEqual(['p50_ttft', 'success_rate', 'tps'])
  })
})
