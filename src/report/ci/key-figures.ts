import type { RunResult, SeriesName } from '../../model/result.ts'
import type { RunPlan } from '../../model/run-plan.ts'
import { isCarried } from '../../stats/sample-rule.ts'
import { absent, type FigureKind, formatFigure, formatSuccess } from '../format.ts'
import type { SampledRow } from '../sample-marks.ts'
import { percentileAt } from '../series.ts'

/** One of the few figures that CI shows of a run. */
export interface KeyFigure {
  /** As gates call it, with its unit. */
  readonly name: string
  /** Head of its column. */
  readonly label: string
  /** As tables show it, without marks. */
  readonly text: (result: RunResult) => string
  /** Where it is a percentile. */
  readonly of?: { readonly series: SeriesName; readonly level: number }
}

const plain = (name: string, label: string, read: (result: RunResult) => number | undefined): KeyFigure => ({
  name,
  label,
  text: result => formatFigure('rate', read(result)),
})

const percentile = (name: string, label: string, kind: FigureKind, series: SeriesName, level: number): KeyFigure => ({
  name,
  label,
  text: ({ quoted }) => formatFigure(kind, percentileAt(quoted, series, level)),
  of: { series, level },
})

const figures: readonly KeyFigure[] = [
  plain('rps', 'req/s', ({ summary }) => summary.requestsPerSec),
  plain('tps', 'tok/s', ({ summary }) => summary.outputTokensPerSec),
  plain('input_tps', 'input tok/s', ({ summary }) => summary.inputTokensPerSec),
  percentile('p50_ttft_ms', 'TTFT p50 (ms)', 'ms', 'ttft', 50),
  percentile('p99_ttft_ms', 'TTFT p99 (ms)', 'ms', 'ttft', 99),
  percentile('p50_tpot_ms', 'TPOT p50 (ms)', 'ms', 'tpot', 50),
  percentile('p99_itl_ms', 'ITL p99 (ms)', 'ms', 'itl', 99),
  percentile('p99_latency_s', 'Latency p99 (s)', 'latencySeconds', 'latency', 99),
  { name: 'success_rate', label: 'Success', text: ({ summary }) => formatSuccess(summary.successPercent) },
]

/** What the prompts of a run are from. */
export const datasetName = ({ dataset }: RunPlan): string => (dataset.prompt === undefined ? dataset.spec : '--prompt')

/** Those that any of the runs has. */
export const keyFigures = (results: readonly RunResult[]): readonly KeyFigure[] =>
  figures.filter(({ text }) => results.some(result => text(result) !== absent))

/** Whether a figure rests on too few samples of a run. */
export const isMarked = ({ of }: KeyFigure, result: RunResult): boolean =>
  of !== undefined && !isCarried(of.level, countOf(result, of.series))

/** The rows that these figures are read from, for the line below their table. */
export const sampledRows = (shown: readonly KeyFigure[], results: readonly RunResult[]): readonly SampledRow[] => {
  const names = [...new Set(shown.flatMap(({ of }) => of?.series ?? []))]
  return results.flatMap(result => names.map(name => ({ name, count: countOf(result, name) })))
}

const countOf = ({ quoted }: RunResult, series: SeriesName): number =>
  quoted.rows.find(row => row.series === series)?.count ?? 0
