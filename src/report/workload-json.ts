import type { JsonObject } from '../model/json.ts'
import type { ConcurrencySummary, RunResult, TokenRates } from '../model/result.ts'
import { hasOutputTokens, type Task } from '../model/run-plan.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { lastWindowSec } from '../stats/workload.ts'
import { toSeconds } from './format.ts'

type NamedRate = readonly [rate: keyof TokenRates, name: string]

const promptRates: readonly NamedRate[] = [
  ['totalPrompt', 'Total Prompt tok/s'],
  ['newPrompt', 'New Prompt tok/s'],
  ['cachedPrompt', 'Cached Prompt tok/s'],
]

/** The token rates that a run for this task has and how they are named, in tables and JSON as in the original. */
export const namedRates = (task: Task): readonly NamedRate[] =>
  hasOutputTokens(task) ? [...promptRates, ['completion', 'Completion tok/s']] : promptRates

/** `workload_throughput.json`; undefined without a success. Numbers have at most six decimals. */
export const workloadThroughputJson = ({ plan, throughput, concurrency }: RunResult): JsonObject | undefined => {
  if (throughput === undefined) return undefined
  const { samples, wallMs, overall, last30s, steady, steadyWindow } = throughput
  return {
    n_samples: samples,
    wall_time_s: orNull(toSeconds(wallMs)),
    last_window_s: lastWindowSec,
    steady_start_s: orNull(toSeconds(steadyWindow?.fromMs)),
    steady_end_s: orNull(toSeconds(steadyWindow?.toMs)),
    rows: namedRates(plan.task).map(([rate, metric]) => ({
      metric,
      overall: orNull(overall[rate]),
      last_window: orNull(last30s[rate]),
      steady_state: orNull(steady?.[rate]),
    })),
    concurrency: concurrencyJson(concurrency),
  }
}

/** `workload_timeline.json`; undefined when nothing was sent. Times are in s, from `wall_start` on. */
export const workloadTimelineJson = ({ plan, timeline }: RunResult): JsonObject | undefined =>
  timeline && {
    wall_start: orNull(timeline.startUs / 1_000_000),
    points: timeline.points.map(({ tMs, completion, newPrompt, cachedPrompt, meanInFlight }) => ({
      t: orNull(toSeconds(tMs)),
      cum_completion: hasOutputTokens(plan.task) ? completion : null,
      cum_new_prompt: newPrompt,
      cum_cached_prompt: cachedPrompt,
      mean_in_flight: orNull(meanInFlight),
    })),
  }

const concurrencyJson = (concurrency: ConcurrencySummary | undefined): JsonObject => ({
  mean: orNull(concurrency?.mean),
  max: orNull(concurrency?.max),
  steady_mean: orNull(concurrency?.steadyMean),
  gauge_mean: orNull(concurrency?.gauge?.mean),
  gauge_max: orNull(concurrency?.gauge?.max),
})

const orNull = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : roundHalfUp(value, 6)
