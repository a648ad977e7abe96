import { describe, expect, test } from 'vitest'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { figureNamesLike, parseFigureName, readFigure, readFigures } from '../../src/stats/named-figures.ts'
import { summarize } from '../../src/stats/summary.ts'
import { planOf } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const accumulator = new Accumulator([{ figure: 'ttft', limitMs: 110 }])
/** TTFT 101, 102 … 119 ms and 20 ms a chunk; one fails. */
const records = Array.from({ length: 19 }, (_, index) =>
  streamed({
    start: index,
    end: index + 0.5,
    ttft: 0.101 + index / 1000,
    gaps: Array(4).fill(0.02),
    input: 3,
    output: 5,
  }),
)
for (const record of [...records, failed('http_5xx', { start: 19, end: 20 })]) accumulator.write(record)
const source = { accumulator, summary: summarize(accumulator, planOf(1, 20)) }

const read = (name: string) => {
  const figure = parseFigureName(name)
  return figure && { unit: figure.unit, ...readFigure(figure, source) }
}

describe('a figure by its name', () => {
  test.each<[string, string, number, number]>([
    ['avg_latency', 's', 0.5, 19],
    ['avg_ttft', 'ms', 110, 19],
    ['min_ttft', 'ms', 101, 19],
    ['max_ttft', 'ms', 119, 19],
    ['p50_ttft', 'ms', 110, 19],
    ['p99.9_ttft', 'ms', 118.982, 19],
    ['p50_itl', 'ms', 20, 76],
    ['avg_tpot', 'ms', 97.5, 19],
    ['p50_ttfat', 'ms', 110, 19],
    ['p50_first_chunk', 'ms', 110, 19],
    ['success_rate', '%', 95, 20],
    ['rps', 'req/s', 0.95, 20],
    ['tps', 'tok/s', 4.75, 20],
    ['total_tps', 'tok/s', 7.6, 20],
    ['goodput', 'req/s', 0.5, 20],
    ['goodput_rate', '%', 50, 20],
  ])('%s is in %s and reads %f, of %i samples', (name, unit, value, count) => {
    const reading = read(name)
    expect(reading).toMatchObject({ unit, count })
    expect(reading?.value).toBeCloseTo(value, 6)
  })

  test.each<[string, boolean, number | undefined]>([
    ['p50_ttft', true, 11],
    ['p75_ttft', false, 24],
    ['p75_itl', true, 24],
    ['max_ttft', true, undefined],
    ['rps', true, undefined],
  ])('%s is carried: %s', (name, isCarried, neededSamples) => {
    expect(read(name)).toMatchObject({ isCarried, neededSamples })
  })

  test.each([
    '',
    'ttft',
    'p_ttft',
    'p0_ttft',
    'p100_ttft',
    'p050_ttft',
    'p-5_ttft',
    'p50_rps',
    'avg_',
    'avg_toString',
    'valueOf',
    'p50ttft',
    '__proto__',
  ])('%j is none', name => {
    expect(parseFigureName(name)).toBeUndefined()
  })

  test('has one name, however it is spelt', () => {
    expect(parseFigureName(' P50.0_TTFT ')?.name).toBe('p50_ttft')
    expect(parseFigureName('p99.90_itl')?.name).toBe('p99.9_itl')
  })

  test('is absent, and not carried, where nothing was measured', () => {
    const none = { accumulator: new Accumulator(), summary: summarize(new Accumulator(), planOf(1, 1)) }
    const names = ['p50_ttft', 'avg_tpot', 'success_rate', 'tps', 'goodput']
    for (const reading of readFigures(names, none))
      expect(reading).toMatchObject({ value: undefined, isCarried: false })
    expect(readFigures([...names, 'nonsense', 'tps'], none)).toHaveLength(5)
  })
})

test('names like a misspelt one keep what is right of it', () => {
  expect(figureNamesLike('p97_tftt')).toContain('p97_ttft')
  expect(figureNamesLike('p97_tftt')).not.toContain('p50_ttft')
  expect(figureNamesLike('nonsense')).toContain('p50_ttft')
  for (const name of figureNamesLike('avg_x')) expect(parseFigureName(name)?.name).toBe(name)
})
