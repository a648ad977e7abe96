import type { ConversationFigure, ConversationStatistics, RunResult } from '../model/result.ts'
import { formatFigure } from './format.ts'
import { loadCells } from './load-cells.ts'
import { markedHead, runFootnote, type SampledRow, sweepFootnote } from './sample-marks.ts'
import { splitTable } from './split-table.ts'
import { boxTable, heavyTable } from './table.ts'
import { levelOf, type TraceStatistic, traceText, traceValue } from './trace-json.ts'

const runColumns: readonly TraceStatistic[] = ['mean', 'min', 'p50', 'p90', 'p95', 'p99', 'max']
const sweepColumns: readonly TraceStatistic[] = ['mean', 'p50', 'p90', 'p99', 'max']

/** The figures of one run's conversations, in as many tables as `columns` ask for; undefined where none has several turns. */
export const traceTableText = (result: RunResult, columns: number | undefined): string | undefined => {
  const { conversations } = result
  if (conversations === undefined) return undefined
  const figures = shownFigures([result])
  const samples = sampledRows([result], figures)
  const table = splitTable(runColumns.length, columns, (from, to) => {
    const shown = runColumns.slice(from, to)
    const rows = figures.map(figure => [traceText[figure].label, ...cells(result, figure, shown)])
    return boxTable({ head: ['Metric', ...shown.map(name => headOf(name, samples))], rows })
  })
  const title = `Per-trace summary (${conversations.count} ${conversations.count === 1 ? 'trace' : 'traces'}):`
  const footnote = runFootnote(samples, levelsOf(runColumns))
  return [title, table, footnote].filter(text => text !== undefined).join('\n')
}

/** One block per run that has such conversations, one line per figure that any has; undefined where no run has them. */
export const perTraceTable = (results: readonly RunResult[], columns?: number): string | undefined => {
  const shown = shownFigures(results)
  if (shown.length === 0) return undefined
  const samples = sampledRows(results, shown)
  const table = heavyTable({
    title: 'Per-Trace Metrics',
    head: ['Conc.', 'Rate', 'Metric', ...sweepColumns.map(name => headOf(name, samples))],
    aligns: ['right', 'right', 'left', ...sweepColumns.map(() => 'right' as const)],
    blocks: results
      .filter(({ conversations }) => conversations !== undefined)
      .map(result =>
        shown.map((figure, index) => [
          ...(index === 0 ? loadCells(result.plan) : ['', '']),
          traceText[figure].label,
          ...cells(result, figure, sweepColumns),
        ]),
      ),
    keys: 3,
    columns,
  })
  const footnote = sweepFootnote(samples, levelsOf(sweepColumns))
  return footnote === undefined ? table : `${table}\n${footnote}`
}

const headOf = (name: TraceStatistic, samples: readonly SampledRow[]): string =>
  markedHead(name, levelOf(name) ?? 'max', samples)

const levelsOf = (columns: readonly TraceStatistic[]): readonly number[] =>
  columns.map(levelOf).filter(level => level !== undefined)

const sampledRows = (results: readonly RunResult[], figures: readonly ConversationFigure[]): readonly SampledRow[] =>
  results.flatMap(result =>
    figures.flatMap(figure => {
      const row = rowOf(result, figure)
      return row === undefined ? [] : [{ name: traceText[figure].label.replace(/ \(s\)/, ''), count: row.count }]
    }),
  )

const shownFigures = (results: readonly RunResult[]): readonly ConversationFigure[] =>
  (Object.keys(traceText) as ConversationFigure[]).filter(figure =>
    results.some(result => rowOf(result, figure)?.mean !== undefined),
  )

const rowOf = ({ conversations }: RunResult, figure: ConversationFigure): ConversationStatistics | undefined =>
  conversations?.rows.find(row => row.figure === figure)

const cells = (result: RunResult, figure: ConversationFigure, names: readonly TraceStatistic[]): readonly string[] => {
  const row = rowOf(result, figure)
  return names.map(name => formatFigure(traceText[figure].kind, row && traceValue(row, name)))
}
