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
  mean_latency: { group: 'Latency', part: 'mean', unit: 's', kind: 'latencySeconds' },
  p50_latency: { group: 'Latency', part: 'p50', unit: 's', kind: 'latencySeconds' },
  p99_latency: { group: 'Latency', part: 'p99', unit: 's', kind: 'latencySeconds' },
  mean_ttft: { group: 'TTFT', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_ttft: { group: 'TTFT', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_ttft: { group: 'TTFT', part: 'p99', unit: 'ms', kind: 'ms' },
  mean_itl: { group: 'ITL', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_itl: { group: 'ITL', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_itl: { group: 'ITL', part: 'p99', unit: 'ms', kind: 'ms' },
  mean_tpot: { group: 'TPOT', part: 'mean', unit: 'ms', kind: 'ms' },
  p50_tpot: { group: 'TPOT', part: 'p50', unit: 'ms', kind: 'ms' },
  p99_tpot: { group: 'TPOT', part: 'p99', unit: 'ms', kind: 'ms' },
  output_throughput: { group: 'Output throughput', part: '', unit: 'tok/s', kind: 'rate' },
  input_throughput: { group: 'Input throughput', part: '', unit: 'tok/s', kind: 'rate' },
  request_throughput: { group: 'Request throughput', part: '', unit: 'req/s', kind: 'rate' },
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

/** The unit of a value in JSON: durations are ms there, all of them. */
export const jsonUnit = (metric: ComparedMetric): string =>
  metricTexts[metric].kind === 'latencySeconds' ? 'ms' : metricTexts[metric].unit

/** A value as tables print it: latencies in seconds. */
export const formatMetric = (metric: ComparedMetric, value: number | undefined): string => {
  const { kind } = metricTexts[metric]
  return formatFigure(kind, kind === 'latencySeconds' ? toSeconds(value) : value)
}

/** What a change of a metric is in: a share changes by points, which percent of it would hide. */
export const changeUnit = (metric: ComparedMetric): '%' | 'points' => (metric === 'success_rate' ? 'points' : '%')
