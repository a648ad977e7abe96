import type { PercentileTable } from '../model/result.ts'
import { formatFigure } from './format.ts'
import { inShownUnit, levelText, seriesText } from './series.ts'
import { splitTable } from './split-table.ts'
import { boxTable } from './table.ts'

/** The percentiles of one run, in a terminal of `columns` that is too narrow in several tables. */
export const percentileTableText = (table: PercentileTable, columns: number | undefined): string =>
  splitTable(table.levels.length, columns, (from, to) => levelsFrom(table, from, to))

const levelsFrom = ({ levels, rows }: PercentileTable, from: number, to: number): string =>
  boxTable({
    head: ['Metric', ...levels.slice(from, to).map(levelText)],
    rows: rows.map(({ series, values }) => [
      seriesText[series].label,
      ...values.slice(from, to).map(value => formatFigure(seriesText[series].kind, inShownUnit(series, value))),
    ]),
  })
