import type { PercentileTable } from '../model/result.ts'
import { formatFigure } from './format.ts'
import { inShownUnit, levelText, seriesText } from './series.ts'
import { boxTable } from './table.ts'

/**
 * The percentiles of one run. In a terminal of `columns` that is too narrow, the levels are halved into tables below
 * each other, again and again until they fit; without `columns` (a pipe, a file) it is one table.
 */
export const percentileTableText = (table: PercentileTable, columns: number | undefined): string => {
  const whole = levelsFrom(table, 0, table.levels.length)
  return columns === undefined ? whole : fitting(table, { from: 0, to: table.levels.length }, columns).join('\n')
}

interface Span {
  readonly from: number
  readonly to: number
}

const fitting = (table: PercentileTable, { from, to }: Span, columns: number): readonly string[] => {
  const text = levelsFrom(table, from, to)
  if (text.indexOf('\n') <= columns || to - from === 1) return [text]
  const middle = from + Math.ceil((to - from) / 2)
  return [...fitting(table, { from, to: middle }, columns), ...fitting(table, { from: middle, to }, columns)]
}

const levelsFrom = ({ levels, rows }: PercentileTable, from: number, to: number): string =>
  boxTable({
    head: ['Metric', ...levels.slice(from, to).map(levelText)],
    rows: rows.map(({ series, values }) => [
      seriesText[series].label,
      ...values.slice(from, to).map(value => formatFigure(seriesText[series].kind, inShownUnit(series, value))),
    ]),
  })
