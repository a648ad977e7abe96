import type {
  ConversationFigure,
  ConversationStatistics,
  ConversationSummary,
  ConversationTable,
} from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { type ConversationSamples, conversationFigureNames } from './conversation-samples.ts'
import type { Conversations } from './conversations.ts'
import { share, toMs } from './metrics.ts'

/** What became of the conversations; undefined where none has several turns. */
export const summarizeConversations = (
  conversations: Conversations,
  { number }: RunPlan,
): ConversationSummary | undefined => {
  if (!conversations.haveSeveralTurns) return undefined
  const { counts, samples } = conversations
  const { cachedTokens, ofTokens } = samples.estimated
  return {
    expected: number,
    begun: counts.begun,
    abandoned: counts.abandoned,
    cutOff: counts.begun - counts.whole - counts.abandoned,
    meanTurnNumber: meanOf(counts.turnNumbers, counts.successes),
    meanFirstTtftMs: toMs(meanOf(counts.firstTtftUs, counts.firstTtfts)),
    meanLaterTtftMs: toMs(meanOf(counts.laterTtftUs, counts.laterTtfts)),
    estimatedCachedPercent: share(cachedTokens, ofTokens),
  }
}

/** The statistics over all conversations; undefined where none has several turns, and without a success. */
export const conversationTable = (conversations: Conversations): ConversationTable | undefined => {
  if (!conversations.haveSeveralTurns) return undefined
  const { samples } = conversations
  if (samples.count === 0) return undefined
  return { count: samples.count, rows: conversationFigureNames.map(figure => statisticsOf(samples, figure)) }
}

const durations: ReadonlySet<ConversationFigure> = new Set(['latency', 'firstTtft', 'ttfat'])

const statisticsOf = (samples: ConversationSamples, figure: ConversationFigure): ConversationStatistics => {
  const values = samples.of(figure)
  const shown = (value: number | undefined): number | undefined => (durations.has(figure) ? toMs(value) : value)
  const at = (percent: number): number | undefined => shown(values.percentile(percent))
  return {
    figure,
    mean: shown(values.mean),
    min: at(0),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    max: at(100),
    count: values.count,
  }
}

const meanOf = (sum: number, count: number): number | undefined => (count === 0 ? undefined : sum / count)
