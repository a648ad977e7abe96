import type { PercentileTable, RunSummary } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { samplesNeeded, uncarriedLevels } from './sample-rule.ts'

/** The percentiles that the reader is shown, and what they rest on. */
export interface ShownSamples {
  readonly tables: readonly PercentileTable[]
  /** Conversations that have figures; undefined where none has several turns. */
  readonly conversationCount: number | undefined
}

interface Run {
  readonly plan: Pick<RunPlan, 'load' | 'number' | 'durationMs'>
  readonly summary: Pick<RunSummary, 'totalRequests' | 'succeededRequests' | 'conversations'>
  readonly samples: ShownSamples
}

/** How long a run would carry all percentiles of its latencies that are shown; undefined where this one does. */
export const sampleNote = (run: Run): string | undefined => {
  const levels = run.samples.tables.flatMap(table => uncarriedLevels(table).get('latency') ?? [])
  if (levels.length === 0) return undefined
  const level = levels.reduce((most, other) => (samplesNeeded(other) >= samplesNeeded(most) ? other : most))
  const remedy = longerRun(run, samplesNeeded(level))
  return `Percentiles marked * rest on too few samples${remedy === undefined ? '' : `; ${remedy} would carry p${level}`}.`
}

/** Of a trace there is no more than it has. */
const longerRun = ({ plan, summary, samples }: Run, needed: number): string | undefined => {
  const { totalRequests, succeededRequests, conversations } = summary
  if (plan.load.kind === 'trace') return undefined
  if (plan.number === undefined) return longerDuration(plan.durationMs, needed / succeededRequests)
  const [asked, had] =
    conversations === undefined
      ? [totalRequests, succeededRequests]
      : [conversations.begun, samples.conversationCount ?? 0]
  if (had === 0) return undefined
  const flag = `--number ${Math.ceil((needed * asked) / had)}`
  return had < asked ? `${flag}, at this rate of failures,` : flag
}

const longerDuration = (durationMs: number | undefined, times: number): string | undefined =>
  durationMs === undefined ? undefined : `--duration ${Math.ceil((durationMs / 1000) * times)}`
