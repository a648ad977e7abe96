import { describe, expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { pointFlags } from '../../src/plan/point-flags.ts'
import { explainIdleGoals, readSlaGroups } from '../../src/plan/sla/sla-groups.ts'
import { explainSlaStart, planSlaRun, slaRange } from '../../src/plan/sla/sla-points.ts'
import { groupText } from '../../src/stats/sla/criteria.ts'
import { firstPlan, lines } from './plans.ts'

const search = { slaAutoTune: true, slaParams: '{"p99_ttft": "<=500"}' }

const argumentsOf = (input: ArgumentsInput): Arguments =>
  new Arguments({ url: 'http://127.0.0.1:8000', ...search, ...input })

const groupsOf = (slaParams: unknown, input: ArgumentsInput = {}): readonly string[] =>
  readSlaGroups(argumentsOf({ ...input, slaParams: JSON.stringify(slaParams) }).values).map(groupText)

describe('--sla-params', () => {
  test.each([
    [{ p99_ttft: '<=500' }, ['p99_ttft <= 500.0']],
    [{ avg_latency: ' < 1.5 ', tps: '>= 10' }, ['avg_latency < 1.5, tps >= 10.0']],
    [
      [{ p90_tpot: '≤50' }, { success_rate: '≥ 99' }, { rps: '>.5' }],
      ['p90_tpot <= 50.0', 'success_rate >= 99.0', 'rps > 0.5'],
    ],
    [
      [{ tps: 'max' }, { avg_ttft: 'min' }],
      ['tps -> max', 'avg_ttft -> min'],
    ],
    [{ tps: 'max', p95_itl: '<=40' }, ['tps -> max, p95_itl <= 40.0']],
  ])('%j', (params, texts) => {
    expect(groupsOf(params)).toEqual(texts)
  })

  test.each<[unknown, string]>([
    [{ p99_tftt: '<=500' }, '--sla-params: there is no figure p99_tftt; did you mean p99_ttft?'],
    [{ tps: 500 }, '--sla-params: tps takes "<=x", "<x", ">=x", ">x", "max" or "min", got 500'],
    [{ tps: '=500' }, '--sla-params: tps takes "<=x", "<x", ">=x", ">x", "max" or "min", got "=500"'],
    [{ tps: '<=' }, '--sla-params: tps takes "<=x", "<x", ">=x", ">x", "max" or "min", got "<="'],
    [{ tps: '<=1e999' }, '--sla-params: tps takes "<=x", "<x", ">=x", ">x", "max" or "min", got "<=1e999"'],
    [[{ tps: 'max' }, {}], '--sla-params has an empty group; give figures with bounds, such as {"p99_ttft": "<=500"}'],
    [
      { tps: 'max', rps: 'max' },
      '--sla-params has 2 goals in one group (tps -> max, rps -> max); give each a group of its own, or bounds',
    ],
    [{ goodput: '>=5' }, '--sla-params: goodput needs --goodput, the objectives that requests are to keep'],
  ])('%j is one line', (params, message) => {
    expect(() => groupsOf(params)).toThrow(new ArgumentsError(message))
  })

  test('given several times holds so many groups, each an object or a list', () => {
    const given = ['{"tps": "max"}', '[{"rps": ">5"}, {"p99_ttft": "<=500"}]']
    const { values } = argumentsOf({ slaParams: given })
    expect(readSlaGroups(values).map(groupText)).toEqual(['tps -> max', 'rps > 5.0', 'p99_ttft <= 500.0'])
    // What is kept for another run is a list of all.
    expect(argumentsOf({ slaParams: JSON.stringify(values.slaParams) }).values.slaParams).toEqual(values.slaParams)
    expect(() => argumentsOf({ slaParams: ['{"tps": "max"}', '[]'] })).toThrow(
      '--sla-params must be a JSON object, or a list of some, such as \'{"p99_ttft": "<=500"}\', got []',
    )
  })

  test('a figure of streams is none without them', () => {
    expect(() => groupsOf({ p99_ttft: '<=500' }, { stream: false })).toThrow(
      '--sla-params: p99_ttft needs streamed answers; leave out --no-stream',
    )
    expect(groupsOf({ goodput: '>=5' }, { goodput: ['ttft:300'] })).toEqual(['goodput >= 5.0'])
  })

  test.each<[ArgumentsInput['slaParams'], string]>([
    ['[]', '--sla-params must be a JSON object, or a list of some, such as \'{"p99_ttft": "<=500"}\', got []'],
    ['[1]', '--sla-params must be a JSON object, or a list of some, such as \'{"p99_ttft": "<=500"}\', got [1]'],
  ])('%s is no list of groups', (slaParams, message) => {
    expect(() => argumentsOf({ slaParams })).toThrow(new ArgumentsError(message))
  })
})

test('a goal beside bounds is told to have no effect', () => {
  const explained = (slaParams: unknown) =>
    explainIdleGoals(readSlaGroups(argumentsOf({ slaParams: JSON.stringify(slaParams) }).values))
  expect(explained([{ tps: 'max' }, { p99_ttft: '<=500' }])).toEqual([])
  expect(explained({ tps: 'max', p99_ttft: '<=500' })).toEqual([
    '--sla-params: max of tps has no effect beside bounds; in a group of its own it is searched for',
  ])
})

describe('flags that do not go together are one line', () => {
  test.each<[ArgumentsInput, string]>([
    [
      { slaParams: undefined },
      '--sla-auto-tune needs --sla-params, what is to be kept; give such as --sla-params \'{"p99_ttft": "<=500"}\'',
    ],
    [
      { openLoop: true },
      '--open-loop has no --parallel to search for; give --sla-variable rate, or leave out --open-loop',
    ],
    [
      { openLoop: true, slaVariable: 'rate', slaFixedParallel: 8 },
      '--sla-fixed-parallel 8 caps the requests in flight, which --open-loop does not; leave out one of them',
    ],
    [
      { duration: 60 },
      '--duration 60 is for one run; with --sla-auto-tune give --sla-point-seconds, the longest time at one value',
    ],
    [{ slaLowerBound: 10, slaUpperBound: 5 }, '--sla-lower-bound 10 is above --sla-upper-bound 5; swap or change one'],
    [{ slaUpperBound: 5.5 }, '--sla-upper-bound must be a whole number where --parallel is searched, got 5.5'],
    [
      { failIf: ['rps<1'] },
      '--fail-if judges each run, and a search goes beyond what is good; give --sla-params alone',
    ],
  ])('%j', (input, message) => {
    expect(() => argumentsOf(input)).toThrow(new ArgumentsError(message))
  })
})

test.each<[ArgumentsInput, readonly string[]]>([
  [{}, []],
  [{ parallel: [2, 4] }, ['--parallel 2 4: the search starts at 2, the others have no effect']],
  [{ rate: 5 }, ['--rate 5 has no effect: while --parallel is searched nothing is paced']],
  [
    { number: 100 },
    [
      '--number 100 has no effect: --sla-number-multiplier says how many requests a value gets, and percentiles how many more',
    ],
  ],
  [{ slaFixedParallel: 5 }, ['--sla-fixed-parallel 5 has no effect: --parallel is what is searched']],
  [
    { slaVariable: 'rate', parallel: 8, rate: [1, 2] },
    [
      '--rate 1 2: the search starts at 1, the others have no effect',
      '--parallel 8 has no effect while rates are searched; see --sla-fixed-parallel',
    ],
  ],
  [{ slaVariable: 'rate', arrival: 'constant' }, []],
  [{ grace: 5 }, []],
  [
    { slaAutoTune: undefined, slaParams: undefined, slaNumRuns: 2 },
    ['--sla-num-runs without --sla-auto-tune: no effect'],
  ],
  [{ slaAutoTune: false }, []],
])('what is given in vain is told: %j', (input, warnings) => {
  expect(argumentsOf(input).warnings).toEqual(warnings)
})

describe('where a search looks', () => {
  test.each<[ArgumentsInput, number, number, number]>([
    [{}, 1, 1, 65_536],
    [{ parallel: [8, 16], slaUpperBound: 64 }, 8, 1, 64],
    [{ parallel: 100, slaUpperBound: 64, slaLowerBound: 2 }, 64, 2, 64],
    [{ slaVariable: 'rate' }, 1, 0.1, 65_536],
    [{ slaVariable: 'rate', rate: 0.25 }, 0.25, 0.1, 65_536],
    [{ slaVariable: 'rate', rate: -1 }, 1, 0.1, 65_536],
  ])('%j', (input, start, lower, upper) => {
    expect(slaRange(argumentsOf(input).values)).toMatchObject({ start, lower, upper })
  })

  test('a start out of bounds is told', () => {
    expect(explainSlaStart(argumentsOf({ parallel: 100, slaUpperBound: 64 }).values)).toEqual([
      '--parallel 100 is not within 1 to 64, the bounds of the search: it starts at 64',
    ])
    expect(explainSlaStart(argumentsOf({ parallel: 10 }).values)).toEqual([])
  })
})

describe('the runs of a search', () => {
  const run = { value: 4, run: 2, number: 30, durationMs: 5000, taken: 16 }

  test('of a concurrency are closed loops', () => {
    const input = { ...search, parallel: [2, 9], number: 100, datasetOffset: 10 }
    const base = firstPlan(input)
    expect(base).toMatchObject({ name: 'sla_parallel_2_run_1', number: 4, load: { kind: 'closed', concurrency: 2 } })
    expect(planSlaRun(base, { values: argumentsOf(input).values, cores: 2 }, run)).toMatchObject({
      name: 'sla_parallel_4_run_2',
      load: { kind: 'closed', concurrency: 4 },
      number: 30,
      durationMs: 5000,
      dataset: { offset: 26 },
    })
  })

  test('of a rate are open loops, or paced ones below a cap', () => {
    const rates = { ...search, slaVariable: 'rate', rate: 2.5, arrival: 'constant' } as const
    const pacing = { ratePerSec: 2.5, arrival: 'constant' }
    expect(firstPlan(rates)).toMatchObject({ name: 'sla_rate_2.5_run_1', number: 5, load: { kind: 'open', pacing } })
    expect(firstPlan({ ...rates, slaFixedParallel: 7 }).load).toEqual({ kind: 'closed', concurrency: 7, pacing })
    expect(firstPlan({ ...rates, openLoop: true, rate: undefined }).load).toMatchObject({ kind: 'open' })
  })

  test('say nothing of a --number that was not given', () => {
    expect(lines(search).filter(line => line.includes('--number'))).toEqual([])
  })

  test('can each be made again', () => {
    const input = { ...search, slaVariable: 'rate' } as const
    const plan = planSlaRun(firstPlan(input), { values: argumentsOf(input).values, cores: 2 }, run)
    expect(pointFlags(plan, argumentsOf(input))).toEqual({
      rate: [4],
      number: [30],
      dataset_offset: 16,
      open_loop: true,
      sla_auto_tune: false,
    })
  })
})
