import type { ComparedMetric, FirstToken } from '../model/comparison.ts'
import { type FigureKind, formatFigure, toSeconds } from './format.ts'

interface MetricText {
  /** `Latency`: what rows of it have in common. */
  readonly group: string
  /** `mean`; empty where there is only one. */
  readonly part: string
  readonly unit: string
  readonly kind: FigureKind
}

/** How each compared metric is named and printed. */
const metricTexts: Readonly<Record<ComparedMetric, MetricText>> = {
  avg_latency: { group: 'Latency', part: 'mean', unit: 's', kind: 'latencySeconds' },
  p50_latency: { group: 'Latency', part: 'p50', unit: 's', kind: 'latencySeconds' },
  p99_latency: { group: 'Latency', part: 'p99', unit: 's', kind: 'latencySeconds' },
  avg_ttft: { group: 'TTFT', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_ttft: { group: 'TTFT', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_ttft: { group: 'TTFT', part: 'p99', unit: 'ms', kind: 'ms' },
  avg_itl: { group: 'ITL', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_itl: { group: 'ITL', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_itl: { group: 'ITL', part: 'p99', unit: 'ms', kind: 'ms' },
  avg_tpot: { group: 'TPOT', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_tpot: { group: 'TPOT', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_tpot: { group: 'TPOT', part: 'p99', unit: 'ms', kind: 'ms' },
  tps: { group: 'Output throughput', part: '', unit: 'tok/s', kind: 'rate' },
  input_tps: { group: 'Input throughput', part: '', unit: 'tok/s', kind: 'rate' },
  rps: { group: 'Request throughput', part: '', unit: 'req/s', kind: 'rate' },
  success_rate: { group: 'Success rate', part: '', unit: '%', kind: 'percent' },
}

/** `Latency p99 (s)`, and with the first chunk in place of TTFT `First Chunk p99 (ms)`. */
export const metricLabel = (metric: ComparedMetric, firstToken: FirstToken): string =>
  `${metricName(metric, firstToken)} (${metricTexts[metric].unit})`

/** `Latency p99`. */
export const metricName = (metric: ComparedMetric, firstToken: FirstToken): string => {
  const { group, part } = metricTexts[metric]
  const shown = group === 'TTFT' && firstToken === 'chunk' ? 'First Chunk' : group
  return part === '' ? shown : `${shown} ${part}`
}

/** The unit that a value is shown in, in JSON as in tables: latencies in seconds. */
export const metricUnit = (metric: ComparedMetric): string => metricTexts[metric].unit

/** A value in that unit. */
export const inMetricUnit = (metric: ComparedMetric, value: number | undefined): number | undefined =>
  metricTexts[metric].kind === 'latencySeconds' ? toSeconds(value) : value

/** A value as tables print it. */
export const formatMetric = (metric: ComparedMetric, value: number | undefined): string =>
  formatFigure(metricTexts[metric].kind, inMetricUnit(metric, value))

/** What a change of a metric is in: a share changes by points, which percent of it would hide. */
export const changeUnit = (metric: ComparedMetric): '%' | 'points' => (metric === 'success_rate' ? 'points' : '%')
