import { describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import { type GateValues, readGates } from '../../src/plan/gates.ts'
import { readObjectives } from '../../src/plan/objectives.ts'

const read = (given: Partial<GateValues>) => readGates({ stream: true, advisory: false, ...given })

const mistakeOf = (given: Partial<GateValues>): string => {
  try {
    read(given)
  } catch (error) {
    if (error instanceof ArgumentsError) return error.message
    throw error
  }
  return 'no mistake'
}

describe('--fail-if', () => {
  const two = [
    { figure: 'p99_ttft', operator: '>', bound: 500 },
    { figure: 'success_rate', operator: '<', bound: 99.5 },
  ]

  test.each([
    [['p99_ttft>500', 'success_rate<99.5']],
    [['p99_ttft > 500 success_rate < 99.5']],
    [['p99_ttft>500,success_rate<99.5']],
    [['p99_ttft>500 , success_rate<99.5']],
    [['P99_TTFT>5e2ms', 'success_rate<99.5%']],
    [['p99_ttft', '>', '500', 'success_rate', '<', '99.5']],
    [['p99_ttft > 500 ms success_rate<99.5 %']],
    [[' p99.0_ttft>+500.0', 'success_rate<99.50 ']],
  ])('%j is two conditions', failIf => {
    expect(read({ failIf })?.conditions).toEqual(two)
  })

  test('has four operators', () => {
    const failIf = ['rps<1', 'rps<=1', 'rps>1', 'rps>=1']
    expect(read({ failIf })?.conditions.map(({ operator }) => operator)).toEqual(['<', '<=', '>', '>='])
  })

  test.each<[Partial<GateValues>, string]>([
    [
      { failIf: ['p99_ttft'] },
      "--fail-if p99_ttft is no condition; give one such as 'p99_ttft>500', in quotes: to a shell > means a file",
    ],
    [{ failIf: ['p99_ttft=500'] }, '--fail-if p99_ttft=500 is no condition'],
    [{ failIf: ['p99_ttft>'] }, '--fail-if p99_ttft> is no condition'],
    [{ failIf: ['p99_ttft>5x'] }, '--fail-if p99_ttft>5x is no condition'],
    [{ failIf: ['rps>1;tps>1'] }, '--fail-if rps>1;tps>1 is no condition'],
    [{ failIf: ['rps>1e999'] }, '--fail-if rps>1e999: the bound is too large'],
    [{ failIf: ['p97_tftt>5'] }, '--fail-if p97_tftt>5: there is no figure p97_tftt; did you mean p97_ttft?'],
    [
      { failIf: ['succes_rate<9'] },
      '--fail-if succes_rate<9: there is no figure succes_rate; did you mean success_rate?',
    ],
    [
      { failIf: ['zebra>5'] },
      '--fail-if zebra>5: there is no figure zebra; there are avg_, min_, max_ and any percentile',
    ],
    [{ failIf: ['p99_ttft>5s'] }, '--fail-if p99_ttft>5s: p99_ttft is in ms, not in s'],
    [{ failIf: ['goodput<5'] }, '--fail-if goodput<5 needs --goodput'],
    [{ failIf: ['p99_itl>5'], stream: false }, '--fail-if p99_itl>5 needs streamed answers; leave out --no-stream'],
    [{ failIf: [''] }, '--fail-if is empty; give something or leave it out'],
    [{ failIf: [' ', ''], baseline: 'b' }, '--fail-if is empty'],
    [{ baseline: 'b', tolerance: [''] }, '--tolerance is empty'],
    [{ baseline: 'b', tolerance: [`tps:${'9'.repeat(400)}%`] }, 'a bound is too large'],
    [{ advisory: true }, '--advisory is for gates; give --fail-if or --baseline'],
    [{ tolerance: ['tps:5%'] }, '--tolerance needs --baseline'],
    [{ baseline: 'b', tolerance: ['tps'] }, '--tolerance tps has no bounds; give some such as p50_ttft:10%,+5ms'],
    [{ baseline: 'b', tolerance: ['tps:'] }, '--tolerance tps: has no bounds'],
    [
      { baseline: 'b', tolerance: ['tps:5'] },
      '--tolerance tps:5: say what the bound is of; give tps:5% or tps:+5tok/s',
    ],
    [
      { baseline: 'b', tolerance: ['tps:7%', 'p50_ttft:10'] },
      '--tolerance p50_ttft:10: say what the bound is of; give p50_ttft:10% or p50_ttft:+10ms',
    ],
    [
      { baseline: 'b', tolerance: ['p50_ttft:10%,5ms tps:5%'] },
      '--tolerance p50_ttft:10%,5ms: the + before 5ms is missing; give p50_ttft:10%,+5ms',
    ],
    [{ baseline: 'b', tolerance: ['tps:-5%'] }, '--tolerance tps:-5%: a bound is negative; give by how much'],
    [{ baseline: 'b', tolerance: ['tps:5%,-5'] }, '--tolerance tps:5%,-5: a bound is negative'],
    [{ failIf: ['p101_ttft>5'] }, '--fail-if p101_ttft>5: there is no p101; percentiles lie between 0 and 100'],
    [{ failIf: ['p100_ttft>5'] }, 'there is no p100; percentiles lie between 0 and 100'],
    [
      { failIf: ['success_rate<101'] },
      '--fail-if success_rate<101: success_rate is in percent; give a bound between 0',
    ],
    [
      { goodput: ['ttft:5'], failIf: ['goodput_rate<-1'] },
      'goodput_rate is in percent; give a bound between 0 and 100',
    ],
    [{ baseline: 'b', tolerance: ['tpss:5%'] }, '--tolerance tpss:5%: there is no figure tpss; did you mean tps?'],
    [{ baseline: 'b', tolerance: ['p50_ttft:+5s'] }, '--tolerance p50_ttft:+5s: p50_ttft is in ms, not in s'],
    [{ baseline: 'b', tolerance: ['tps:5% tps:6%'] }, '--tolerance tps:6%: there are two tolerances of tps'],
  ])('%j is refused', (given, message) => {
    expect(mistakeOf(given)).toContain(message)
  })

  test('of a share at or below 1 is told to be in percent', () => {
    const failIf = ['success_rate<0.99', 'success_rate<1', 'success_rate<=0', 'success_rate<100', 'rps<1']
    expect(read({ failIf })?.notices).toEqual([
      '--fail-if success_rate<0.99: success_rate is in percent, so that 0.99 is 0.99 %',
      '--fail-if success_rate<1: success_rate is in percent, so that 1 is 1 %',
    ])
  })

  test('is none where nothing is asked for', () => {
    expect(read({})).toBeUndefined()
    expect(read({ goodput: ['ttft:5'] })).toBeUndefined()
  })
})

describe('--tolerance', () => {
  const toleranceOf = (tolerance: string, figure: string) => {
    const found = read({ baseline: 'b', tolerance: [tolerance] })?.tolerances.find(one => one.figure === figure)
    return found && [found.percent, found.difference]
  }

  test.each<[string, string, readonly [number, number]]>([
    ['p50_ttft:20%,+7ms', 'p50_ttft', [20, 7]],
    ['p50_ttft: 20 % , + 7 ms', 'p50_ttft', [20, 7]],
    ['p50_ttft:20%', 'p50_ttft', [20, 5]],
    ['p50_ttft:+7', 'p50_ttft', [10, 7]],
    ['p50_ttft:0%,+0ms', 'p50_ttft', [0, 0]],
    ['p99_itl:20%', 'p99_itl', [20, 0.5]],
    ['avg_latency:20%', 'avg_latency', [20, 0.05]],
    ['success_rate:0%,+0.5%', 'success_rate', [0, 0.5]],
    ['tps:5%', 'success_rate', [5, 0]],
    ['tps:5%', 'tps', [5, 0]],
    ['tps:5%,p50_ttft:20%,+7ms', 'p50_ttft', [20, 7]],
    ['tps:5%,p50_ttft:20%,+7ms', 'tps', [5, 0]],
  ])('%s: %s', (given, figure, bounds) => {
    expect(toleranceOf(given, figure)).toEqual(bounds)
  })

  test('adds to what is compared, and replaces what it names', () => {
    const tolerances = read({ baseline: 'b', tolerance: ['tps:5%', 'p99_ttft:30%'] })?.tolerances ?? []
    expect(tolerances.map(({ figure, comparedIf }) => [figure, comparedIf])).toEqual([
      ['p50_ttft', 'measured'],
      ['p50_itl', 'measured'],
      ['avg_tpot', 'measured'],
      ['success_rate', 'measured'],
      ['p50_latency', 'unstreamed'],
      ['rps', 'unstreamed'],
      ['tps', 'asked'],
      ['p99_ttft', 'asked'],
    ])
  })
})

describe('--goodput', () => {
  const objectivesOf = (goodput: readonly string[], stream = true): string => {
    try {
      return JSON.stringify(readObjectives({ goodput, stream }).map(({ figure, limitMs }) => [figure, limitMs]))
    } catch (error) {
      if (error instanceof ArgumentsError) return error.message
      throw error
    }
  }

  test.each<[readonly string[], string]>([
    [['ttft:300', 'tpot:50', 'latency:5'], '[["ttft",300],["tpot",50],["latency",5000]]'],
    [['ttft:300 tpot:50,latency:5'], '[["ttft",300],["tpot",50],["latency",5000]]'],
    [['TTFT:0.3s', 'latency:1.001', 'ttfat:.5'], '[["ttft",300],["latency",1001],["ttfat",0.5]]'],
    [['latency:5300ms'], '[["latency",5300]]'],
    [[''], '--goodput is empty; give limits such as ttft:300 tpot:50 latency:5, in ms, of latency in s'],
    [['ttft'], '--goodput ttft is no objective; give limits such as'],
    [['ttft=300'], '--goodput ttft=300 is no objective'],
    [['ttft:-3'], '--goodput ttft:-3 is no objective'],
    [['ttft:0'], '--goodput ttft:0: the limit must be above 0'],
    [[`ttft:${'9'.repeat(400)}`], 'the limit must be above 0, and no larger than any wait'],
    [['ttftt:300'], '--goodput ttftt:300: did you mean ttft?'],
    [['itl:20'], '--goodput itl:20: a request has many ITLs; give tpot'],
    [['constructor:1'], '--goodput constructor:1: objectives are of latency, ttft, ttfat, tpot'],
    [['ttft:1 ttft:2'], '--goodput has two limits for ttft; keep one of them'],
  ])('%j', (goodput, expected) => {
    expect(objectivesOf(goodput)).toContain(expected)
  })

  test('needs streams for all but latency', () => {
    expect(objectivesOf(['tpot:50'], false)).toContain('--goodput tpot needs streamed answers')
    expect(objectivesOf(['latency:5'], false)).toBe('[["latency",5000]]')
  })
})
