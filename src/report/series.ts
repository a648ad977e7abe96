import type { PercentileLevel, PercentileTable, SeriesName } from '../model/result.ts'
import { type FigureKind, toSeconds } from './format.ts'

interface SeriesText {
  /** As in the percentile table and its JSON. */
  readonly label: string
  readonly kind: FigureKind
}

/** How each percentile series is named and printed. */
export const seriesText: Readonly<Record<SeriesName, SeriesText>> = {
  latency: { label: 'Latency (s)', kind: 'latencySeconds' },
  scheduledLatency: { label: 'Sched. Latency (s)', kind: 'latencySeconds' },
  firstChunk: { label: 'First Chunk (ms)', kind: 'ms' },
  ttft: { label: 'TTFT (ms)', kind: 'ms' },
  scheduledTtft: { label: 'Sched. TTFT (ms)', kind: 'ms' },
  ttfat: { label: 'TTFAT (ms)', kind: 'ms' },
  itl: { label: 'ITL (ms)', kind: 'ms' },
  tpot: { label: 'TPOT (ms)', kind: 'ms' },
  inputTokens: { label: 'Input tokens', kind: 'count' },
  outputTokens: { label: 'Output tokens', kind: 'count' },
  outputRate: { label: 'Output (tok/s)', kind: 'rate' },
  inputRate: { label: 'Input (tok/s)', kind: 'rate' },
  totalRate: { label: 'Total (tok/s)', kind: 'rate' },
  decodeRate: { label: 'Decode (tok/s)', kind: 'rate' },
  connect: { label: 'Connect (ms)', kind: 'ms' },
  slotWait: { label: 'Slot wait (ms)', kind: 'ms' },
  lateness: { label: 'Lateness (ms)', kind: 'ms' },
}

/** A value of a series in the unit it is shown in: latencies in seconds, all else as it is. */
export const inShownUnit = (series: SeriesName, value: number | undefined): number | undefined =>
  seriesText[series].kind === 'latencySeconds' ? toSeconds(value) : value

/** The value of a series at a level, in the unit it is shown in; undefined when the table lacks either. */
export const percentileAt = (
  table: PercentileTable,
  series: SeriesName,
  level: PercentileLevel,
): number | undefined => {
  const row = table.rows.find(candidate => candidate.series === series)
  return inShownUnit(series, row?.values[table.levels.indexOf(level)])
}

/** `min`, `50%`, `max`. */
export const levelText = (level: PercentileLevel): string => (typeof level === 'number' ? `${level}%` : level)
