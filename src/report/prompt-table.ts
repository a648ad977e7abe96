import type { RunResult } from '../model/result.ts'
import { formatFigure, formatSuccess, toSeconds } from './format.ts'
import { loadCells } from './load-cells.ts'
import { markedHead, type SampledRow, sweepFootnote } from './sample-marks.ts'
import { percentileAt } from './series.ts'
import { heavyTable } from './table.ts'

const headsOf = (p99: string): readonly string[] => [
  ...['Conc.', 'Rate', 'RPS', 'Avg\nLat.(s)', `${p99}\nLat.(s)`, 'Avg\nInp.TPS', `${p99}\nInp.TPS`],
  ...['Avg\nInp.Tok', 'Success\nRate'],
]

/** One line per run whose answers have no tokens: latency and what became of the prompts. Fits 80 columns. */
export const promptTable = (results: readonly RunResult[], columns?: number): string => {
  const rows = results.flatMap(sampledRows)
  const heads = headsOf(markedHead('P99', 99, rows))
  const table = heavyTable({
    title: 'Detailed Performance Metrics',
    head: heads,
    aligns: heads.map(() => 'right'),
    blocks: [results.map(promptRow)],
    keys: 2,
    columns,
    isDense: true,
  })
  const footnote = sweepFootnote(rows, [99])
  return footnote === undefined ? table : `${table}\n${footnote}`
}

const sampledRows = ({ quoted }: RunResult): readonly SampledRow[] =>
  quoted.rows
    .filter(({ series }) => series === 'latency' || series === 'inputRate')
    .map(({ series, count }) => ({ name: series, count }))

const promptRow = ({ plan, summary, quoted }: RunResult): readonly string[] => [
  ...loadCells(plan, 'INF'),
  formatFigure('rate', summary.requestsPerSec),
  formatFigure('latencySeconds', toSeconds(summary.meanLatencyMs)),
  formatFigure('latencySeconds', percentileAt(quoted, 'latency', 99)),
  formatFigure('rate', summary.inputTokensPerSec),
  formatFigure('rate', percentileAt(quoted, 'inputRate', 99)),
  formatFigure('meanCount', summary.meanInputTokens),
  formatSuccess(summary.successPercent),
]
