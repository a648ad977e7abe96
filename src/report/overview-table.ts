import type { RunResult } from '../model/result.ts'
import { formatFigure, formatSuccess } from './format.ts'
import { loadCells } from './load-cells.ts'
import { heavyTable } from './table.ts'

/** One line per run: load, throughput, success; goodput and conversations of several turns where any run has them. */
export const overviewTable = (results: readonly RunResult[], columns?: number): string => {
  const hasTraces = results.some(({ summary }) => summary.conversations !== undefined)
  const hasGoodput = results.some(({ summary }) => summary.goodput !== undefined)
  const goodHead = hasGoodput ? ['Good/s', 'Good'] : []
  const head = ['Conc.', 'Rate', 'Num', 'RPS', 'Gen/s', 'Success', ...goodHead, ...(hasTraces ? ['Traces'] : [])]
  return heavyTable({
    title: 'Performance Overview',
    head,
    aligns: head.map(() => 'right'),
    blocks: [
      results.map(result => [
        ...overviewRow(result),
        ...(hasGoodput ? goodCells(result) : []),
        ...(hasTraces ? [tracesCell(result)] : []),
      ]),
    ],
    keys: 2,
    columns,
  })
}

const overviewRow = ({ plan, summary }: RunResult): readonly string[] => [
  ...loadCells(plan),
  formatFigure('count', summary.totalRequests),
  formatFigure('rate', summary.requestsPerSec),
  formatFigure('rate', summary.outputTokensPerSec),
  formatSuccess(summary.successPercent),
]

/** Requests that kept all limits, per second and of all. */
const goodCells = ({ summary: { goodput } }: RunResult): readonly string[] => [
  formatFigure('rate', goodput?.requestsPerSec),
  formatSuccess(goodput?.percent),
]

/** Those that the table of traces knows: with a success. */
const tracesCell = ({ summary, conversations }: RunResult): string =>
  formatFigure('count', summary.conversations && (conversations?.count ?? 0))
