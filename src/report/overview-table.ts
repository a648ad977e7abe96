import type { RunResult } from '../model/result.ts'
import { formatFigure, formatSuccess } from './format.ts'
import { loadCells } from './load-cells.ts'
import { heavyTable } from './table.ts'

/** One line per run: load, throughput, success. */
export const overviewTable = (results: readonly RunResult[]): string =>
  heavyTable({
    title: 'Performance Overview',
    head: ['Conc.', 'Rate', 'Num', 'RPS', 'Gen/s', 'Success'],
    aligns: ['right', 'right', 'right', 'right', 'right', 'right'],
    blocks: [results.map(overviewRow)],
  })

const overviewRow = ({ plan, summary }: RunResult): readonly string[] => [
  ...loadCells(plan),
  formatFigure('count', summary.totalRequests),
  formatFigure('rate', summary.requestsPerSec),
  formatFigure('rate', summary.outputTokensPerSec),
  formatSuccess(summary.successPercent),
]
