import type { LoadOutcome } from '../model/load-outcome.ts'
import type { GaugeReading, Incomplete, RunResult } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import type { Accumulator } from './accumulator.ts'
import { conversationTable } from './conversation-summary.ts'
import { gatedFigures, judgeGates } from './gates.ts'
import type { Health } from './health.ts'
import { readFigures } from './named-figures.ts'
import { makeNotes } from './notes.ts'
import { percentileTable, quotedLevels } from './percentiles.ts'
import { summarize } from './summary.ts'
import { judge } from './verdict.ts'
import { workloadOf } from './workload.ts'

/** What is known about a run beside its records. */
export interface ResultContext extends LoadOutcome {
  /** Percentile levels, 0 < level < 100; without them the usual nine. */
  readonly levels?: readonly number[] | undefined
  readonly interrupted: boolean
  /** The dataset broke on the way; default: it did not. */
  readonly datasetFailed?: boolean
  /** The load loop's own count of requests in flight; there is none on replay. */
  readonly gauge?: GaugeReading | undefined
  /** What a tokenizer found after the load. */
  readonly tokens?: TokenFindings | undefined
  /** What the client observed of itself. */
  readonly health?: Health | undefined
  /** Whether turns waited before they were sent; default: they did not. */
  readonly hasThinkTime?: boolean
  /** Streams without usage whose body did not ask for it, where bodies are not kept; default: as the records tell. */
  readonly usageUnasked?: number | undefined
  /** What the server's usage had where a count should be, in words. */
  readonly oddUsage?: string | undefined
  /** What is to be said of the floor that the doctor found on the machine of the run. */
  readonly floorNote?: string | undefined
  /** Why nobody can judge the run as a whole, where more is known of that than the rest tells. */
  readonly statement?: string | undefined
  /** Why a database may lack requests of the run. */
  readonly incomplete?: Incomplete | undefined
  /** Names of figures that are to be read, beside those of the plan's gates. */
  readonly figures?: readonly string[] | undefined
}

/** What a run found, from its plan and its folded records. */
export const makeResult = (plan: RunPlan, accumulator: Accumulator, context: ResultContext): RunResult => {
  const { levels, interrupted, datasetFailed = false, gauge, schedule, promptWaiting, tokens } = context
  const { health, hasThinkTime = false, pauses = [], usageUnasked, floorNote, statement, incomplete } = context
  const summary = summarize(accumulator, plan, { schedule, promptWaiting })
  const { throughput, concurrency, timeline } = workloadOf(accumulator, plan, gauge)
  const percentiles = percentileTable(accumulator, plan, levels)
  const quoted = percentileTable(accumulator, plan, quotedLevels)
  const conversations = conversationTable(accumulator.conversations)
  const { gates } = plan
  const names = [...(gates === undefined ? [] : gatedFigures(gates)), ...(context.figures ?? [])]
  const figures = readFigures(names, { accumulator, summary })
  const facts = { plan, summary, accumulator, tokens, interrupted, datasetFailed, statement, figures }
  const verdict = judge({ ...facts, health, hasThinkTime, pauses })
  const noted = { ...facts, incomplete, oddUsage: context.oddUsage }
  const samples = { tables: [percentiles, quoted], conversationCount: conversations?.count }
  return {
    plan,
    summary,
    percentiles,
    quoted,
    failures: accumulator.failures.list(),
    speed: isSpeedBenchmark(plan) ? accumulator.speedRows() : [],
    conversations,
    throughput,
    concurrency,
    timeline,
    tokens,
    verdict,
    figures,
    gates: gates && judgeGates(plan.name, gates, figures),
    health: health?.summary,
    datasetFailed,
    interrupted,
    incomplete,
    notes: makeNotes({ ...noted, concurrency, samples, verdict, health: health?.summary, usageUnasked, floorNote }),
  }
}

const isSpeedBenchmark = ({ dataset }: RunPlan): boolean =>
  dataset.prompt === undefined && /^speed_benchmark(_long)?$/.test(dataset.spec)
