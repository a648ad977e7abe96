import type { JsonObject } from '../model/json.ts'
import type { ConversationFigure, ConversationStatistics, RunResult } from '../model/result.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { isCarried } from '../stats/sample-rule.ts'
import { type FigureKind, toSeconds } from './format.ts'

interface TraceText {
  readonly label: string
  readonly kind: FigureKind
  /** In seconds, where results have ms. */
  readonly isDuration?: true
}

/** How the figures of conversations are named and printed; the original calls a conversation a trace. */
export const traceText: Readonly<Record<ConversationFigure, TraceText>> = {
  latency: { label: 'Latency (s)', kind: 'latencySeconds', isDuration: true },
  firstTtft: { label: 'First-Turn TTFT (s)', kind: 'ofConversation', isDuration: true },
  ttfat: { label: 'TTFAT (s)', kind: 'ofConversation', isDuration: true },
  decodeRate: { label: 'Decode TPS', kind: 'ofConversation' },
  cachedPercent: { label: 'Cache Hit Rate (%)', kind: 'ofConversation' },
  eligibleCachedPercent: { label: 'Eligible Cache Hit Rate (%)', kind: 'ofConversation' },
  estimatedCachedPercent: { label: 'Cache Hit Rate (%) (estimated)', kind: 'ofConversation' },
}

/** The statistics that each figure has. */
export type TraceStatistic = Exclude<keyof ConversationStatistics, 'figure' | 'count'>

const statistics: readonly TraceStatistic[] = ['mean', 'min', 'p50', 'p90', 'p95', 'p99', 'max']

/** The level of a statistic that is a percentile: 99 of `p99`. */
export const levelOf = (name: TraceStatistic): number | undefined =>
  /^p\d/.test(name) ? Number(name.slice(1)) : undefined

/** `trace_summary.json`; undefined where no conversation has several turns. Numbers have at most six decimals. */
export const traceSummaryJson = ({ conversations }: RunResult): JsonObject | undefined =>
  conversations && {
    n_traces: conversations.count,
    rows: conversations.rows.map(row => ({
      metric: traceText[row.figure].label,
      ...Object.fromEntries(statistics.map(name => [name, orNull(traceValue(row, name))])),
    })),
    not_carried: Object.fromEntries(
      conversations.rows.flatMap(row => {
        const missing = uncarriedStatistics(row)
        return missing.length === 0 ? [] : [[traceText[row.figure].label, missing]]
      }),
    ),
  }

const uncarriedStatistics = ({ count }: ConversationStatistics): readonly string[] =>
  statistics.filter(name => {
    const level = levelOf(name)
    return level !== undefined && !isCarried(level, count)
  })

/** A statistic in the unit it is shown in: durations in seconds, all else as it is. */
export const traceValue = (row: ConversationStatistics, name: TraceStatistic): number | undefined =>
  traceText[row.figure].isDuration ? toSeconds(row[name]) : row[name]

const orNull = (value: number | undefined): number | null => (value === undefined ? null : roundHalfUp(value, 6))
