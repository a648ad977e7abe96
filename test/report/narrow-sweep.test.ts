import { describe, expect, test } from 'vitest'
import { sweepReport } from '../../src/report/sweep-report.ts'
import { k14Results } from './results.ts'

const outputPath = 'outputs/20260101_120000/qwen2.5'

describe('in a narrow terminal', () => {
  const lines = (columns: number | undefined): readonly string[] =>
    sweepReport(k14Results, { outputPath, columns }).split('\n')
  const drawn = (columns: number | undefined): readonly string[] =>
    lines(columns).filter(line => /^[│┃┡├└╭╰┌┏]/.test(line))
  const cells = (columns: number | undefined, label: string): readonly string[] =>
    drawn(columns)
      .filter(line => line.includes(label))
      .flatMap(line =>
        line
          .split('│')
          .slice(4, -1)
          .map(cell => cell.trim()),
      )

  test.each([50, 60, 79, 80])('of %i columns every table and box fits', columns => {
    expect(Math.max(...drawn(columns).map(line => line.length))).toBeLessThanOrEqual(columns)
  })

  test('tables are split, each part with the columns that say what a row is of', () => {
    const parts = lines(60).filter(line => line.startsWith('┃'))
    expect(parts.filter(line => line.includes('Metric (tok/s)')).map(line => line.split('┃').length)).toEqual([7, 6])
    expect(parts.every(line => line.startsWith('┃Conc. ┃ Rate ┃'))).toBe(true)
    expect(cells(60, 'TPOT (ms)').toSorted()).toEqual(cells(undefined, 'TPOT (ms)').toSorted())
  })

  test('a wide one changes nothing', () => {
    expect(lines(200)).toEqual(lines(undefined))
  })
})
