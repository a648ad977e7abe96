import type { RunResult, RunSummary, SeriesName } from '../model/result.ts'
import { decodeTokensPerSec } from '../stats/metrics.ts'
import { showsFirstChunk, showsSpeculation } from '../stats/worth-showing.ts'
import { absent, type FigureKind, formatFigure, toPercent, toSeconds } from './format.ts'
import { loadCells } from './load-cells.ts'
import { markedHead, type SampledRow, sweepFootnote } from './sample-marks.ts'
import { percentileAt } from './series.ts'
import { heavyTable } from './table.ts'

interface Metric {
  readonly label: string
  readonly kind: FigureKind
  /** Undefined also where the figure tells nothing. */
  readonly mean: (summary: RunSummary) => number | undefined
  /** Its percentiles; without them the row has the mean alone. */
  readonly series?: SeriesName
  readonly suffix?: string
}

const metrics: readonly Metric[] = [
  { label: 'Latency (s)', kind: 'latencySeconds', mean: s => toSeconds(s.meanLatencyMs), series: 'latency' },
  {
    label: 'Sched. Latency (s)',
    kind: 'latencySeconds',
    mean: s => toSeconds(s.schedule?.meanLatencyMs),
    series: 'scheduledLatency',
  },
  { label: 'First Chunk (ms)', kind: 'ms', mean: meanFirstChunk, series: 'firstChunk' },
  { label: 'TTFT (ms)', kind: 'ms', mean: s => s.meanTtftMs, series: 'ttft' },
  { label: 'Sched. TTFT (ms)', kind: 'ms', mean: s => s.schedule?.meanTtftMs, series: 'scheduledTtft' },
  { label: 'TTFAT (ms)', kind: 'ms', mean: s => s.meanTtfatMs, series: 'ttfat' },
  { label: 'TPOT (ms)', kind: 'ms', mean: s => s.meanTpotMs, series: 'tpot' },
  { label: 'Input Tokens', kind: 'count', mean: s => s.meanInputTokens, series: 'inputTokens' },
  { label: 'Output Tokens', kind: 'count', mean: s => s.meanOutputTokens, series: 'outputTokens' },
  { label: 'Turns/Req', kind: 'meanCount', mean: s => s.conversations?.meanTurnNumber },
  { label: 'Cache Hit (%)', kind: 'percent', mean: s => s.cachedPercent, suffix: '%' },
  {
    label: 'Cache Hit (%) (estimated)',
    kind: 'percent',
    mean: s => s.conversations?.estimatedCachedPercent,
    suffix: '%',
  },
  { label: '1st-Turn TTFT (ms)', kind: 'ms', mean: s => s.conversations?.meanFirstTtftMs },
  { label: 'Subseq. TTFT (ms)', kind: 'ms', mean: s => s.conversations?.meanLaterTtftMs },
  { label: 'Decode toks/s', kind: 'rate', mean: s => decodeTokensPerSec(s.meanTpotMs) },
  { label: 'Decoded Tok/Iter', kind: 'perIteration', mean: ifSpeculative(s => s.decodedTokensPerIteration) },
  { label: 'Spec. Accept Rate (%)', kind: 'percent', mean: ifSpeculative(s => toPercent(s.specAcceptanceRate)) },
]

const levels = [50, 99, 'max'] as const

/**
 * One block per run, one line per metric that any of the runs has, and what marked percentiles would take; undefined
 * when none has any.
 */
export const perRequestTable = (results: readonly RunResult[], columns?: number): string | undefined => {
  const shown = metrics.filter(metric => results.some(({ summary }) => metric.mean(summary) !== undefined))
  if (shown.length === 0) return undefined
  const rows = results.flatMap(result => sampledRows(result, shown))
  const table = heavyTable({
    title: 'Per-Request Metrics',
    head: ['Conc.', 'Rate', 'Metric', 'avg', markedHead('p50', 50, rows), markedHead('p99', 99, rows), 'max'],
    aligns: ['right', 'right', 'left', 'right', 'right', 'right', 'right'],
    blocks: results.map(result => shown.map((metric, index) => metricRow(result, metric, index === 0))),
    keys: 3,
    columns,
  })
  const footnote = sweepFootnote(rows, levels)
  return footnote === undefined ? table : `${table}\n${footnote}`
}

const sampledRows = ({ quoted }: RunResult, shown: readonly Metric[]): readonly SampledRow[] =>
  quoted.rows
    .filter(row => shown.some(({ series }) => series === row.series))
    .map(({ series, count }) => ({ name: series, count }))

const metricRow = (result: RunResult, metric: Metric, isFirst: boolean): readonly string[] => {
  const { series, kind, label } = metric
  const load = isFirst ? loadCells(result.plan) : ['', '']
  const mean = formatFigure(kind, metric.mean(result.summary))
  const percentiles = levels.map(level =>
    series === undefined ? '-' : formatFigure(kind, percentileAt(result.quoted, series, level)),
  )
  return [...load, label, mean === absent ? mean : mean + (metric.suffix ?? ''), ...percentiles]
}

function meanFirstChunk(summary: RunSummary): number | undefined {
  return showsFirstChunk(summary.lateFirstTokenPercent) ? summary.meanFirstChunkMs : undefined
}

function ifSpeculative(mean: Metric['mean']): Metric['mean'] {
  return summary => (showsSpeculation(summary) ? mean(summary) : undefined)
}
