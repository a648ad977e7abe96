import type { PercentileTable } from '../model/result.ts'
import { formatFigure } from './format.ts'
import { markedHead, runFootnote, type SampledRow } from './sample-marks.ts'
import { inShownUnit, levelText, seriesText } from './series.ts'
import { splitTable } from './split-table.ts'
import { boxTable } from './table.ts'

/**
 * The percentiles of one run, in a terminal of `columns` that is too narrow in several tables; below them what marked
 * ones would take.
 */
export const percentileTableText = (table: PercentileTable, columns: number | undefined): string => {
  const text = splitTable(table.levels.length, columns, (from, to) => levelsFrom(table, from, to))
  const footnote = runFootnote(sampledRows(table), table.levels)
  return footnote === undefined ? text : `${text}\n${footnote}`
}

const sampledRows = ({ rows }: PercentileTable): readonly SampledRow[] =>
  rows.map(({ series, count }) => ({ name: seriesText[series].label.replace(/ \(.*/, ''), count }))

const levelsFrom = (table: PercentileTable, from: number, to: number): string => {
  const levels = table.levels.slice(from, to)
  return boxTable({
    head: ['Metric', ...levels.map(level => markedHead(levelText(level), level, sampledRows(table)))],
    rows: table.rows.map(({ series, values }) => [
      seriesText[series].label,
      ...values.slice(from, to).map(value => formatFigure(seriesText[series].kind, inShownUnit(series, value))),
    ]),
  })
}
