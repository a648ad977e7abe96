import type { RunResult } from '../model/result.ts'
import { formatFigure, formatSuccess, toSeconds } from './format.ts'
import { loadCells } from './load-cells.ts'
import { percentileAt } from './series.ts'
import { heavyTable } from './table.ts'

const heads = [
  ...['Conc.', 'Rate', 'RPS', 'Avg\nLat.(s)', 'P99\nLat.(s)', 'Avg\nInp.TPS', 'P99\nInp.TPS', 'Avg\nInp.Tok'],
  'Success\nRate',
]

/** One line per run whose answers have no tokens: latency and what became of the prompts. Fits 80 columns. */
export const promptTable = (results: readonly RunResult[]): string =>
  heavyTable({
    title: 'Detailed Performance Metrics',
    head: heads,
    aligns: heads.map(() => 'right'),
    blocks: [results.map(promptRow)],
    isDense: true,
  })

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
