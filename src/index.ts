import { Arguments } from './arguments/arguments.ts'
import type { ArgumentsInput } from './arguments/arguments-input.ts'
import { maskPlan } from './arguments/masked-arguments.ts'
import { neverStops, type StopSignals } from './load/stop.ts'
import type { JsonObject } from './model/json.ts'
import type { PercentileTable, RunResult, RunSummary } from './model/result.ts'
import { summaryJson } from './report/json.ts'
import { StatusLine } from './report/status-line.ts'
import { traceSummaryJson } from './report/trace-json.ts'
import { Stopped } from './run/host.ts'
import { runBenchmark } from './run.ts'

export type { Api, ChunkContent, ResponseDraft } from './apis/api.ts'
export { Arguments } from './arguments/arguments.ts'
export type { ArgumentsInput } from './arguments/arguments-input.ts'
export type { Dataset, DatasetContext } from './datasets/dataset.ts'
export { ArgumentsError, PluginError, TargetUnreachableError, UserError } from './errors.ts'
export type { Conversation, HeaderMap, Message, Prompt, Turn } from './model/conversation.ts'
export type { GateCheck } from './model/gate.ts'
export type { GoodputSummary } from './model/goodput.ts'
export type { HealthSample, HealthSummary } from './model/health.ts'
export type { JsonObject, JsonValue } from './model/json.ts'
export type { RequestRecord, RequestTimes } from './model/record.ts'
export type { FailureGroup, PercentileTable, RunResult, RunSummary } from './model/result.ts'
export type { DatasetSettings, RequestSettings, RunPlan, Sampling } from './model/run-plan.ts'
export type { Verdict, VerdictReason } from './model/verdict.ts'
export { readResults, type StoredBenchmark } from './run/stored-benchmark.ts'
export type { RecordSelection, StoredRun, StoredRunOptions } from './run/stored-run.ts'
export type { Tokenizer } from './tokenizers/tokenizer.ts'

/** What one run of a benchmark gave. */
export interface PerfRun {
  /** The figures under the keys of `benchmark_summary.json`: `metrics['Avg TTFT (ms)']`. */
  readonly metrics: JsonObject
  /** The same figures typed, in ms and per second: `summary.meanTtftMs`. */
  readonly summary: RunSummary
  readonly percentiles: PercentileTable
  /** The figures of its conversations as in `trace_summary.json`; empty where none has several turns. */
  readonly trace_summary: JsonObject
  /** All that is known of the run. */
  readonly result: RunResult
}

/** How a benchmark behaves inside another program; by default it is silent. */
export interface PerfOptions {
  /** Takes the tables, as the command line prints them. */
  readonly print?: (text: string) => void
  /** Takes lines about what happens: what was decided, progress, retries. */
  readonly say?: (line: string) => void
  /** Stops the run: nothing new is sent, what is under way gets 5 s. */
  readonly signal?: AbortSignal
}

/** Requests under way get this long after `signal`. */
const drainMs = 5000

/**
 * Runs `evalscope perf` from a program. Results are keyed by run, `parallel_1_number_10`; files are written as from the
 * command line. Throws `UserError`s for what the caller can mend, and the signal's reason when it was stopped before
 * anything was measured.
 */
export const runPerfBenchmark = async (
  task: Arguments | ArgumentsInput,
  options: PerfOptions = {},
): Promise<Readonly<Record<string, PerfRun>>> => {
  const args = task instanceof Arguments ? task : new Arguments(task)
  const { print = () => undefined, say = () => undefined } = options
  const over = new AbortController()
  const benchmark = runBenchmark(args, {
    print,
    status: new StatusLine({ write: text => say(text.replace(/\n$/, '')) }),
    columns: undefined,
    stop: options.signal === undefined ? neverStops() : stopOn(options.signal, over.signal),
    env: process.env,
    lastActs: new Set(),
  })
  const { results, problem } = await benchmark
    .catch(error => {
      if (error instanceof Stopped) options.signal?.throwIfAborted()
      throw error
    })
    .finally(() => over.abort())
  if (problem !== undefined) throw problem
  return Object.fromEntries(
    results.map(result => {
      const { summary, percentiles } = result
      // Programs log what they get: no key may be in it.
      const plan = maskPlan(result.plan)
      const [metrics, traces] = [summaryJson(result), traceSummaryJson(result) ?? {}]
      return [plan.name, { metrics, summary, percentiles, trace_summary: traces, result: { ...result, plan } }]
    }),
  )
}

/** The caller's signal, listened to until `over` fires: a program may use one for many runs. */
const stopOn = (signal: AbortSignal, over: AbortSignal): StopSignals => {
  const cutting = new AbortController()
  const cutLater = (): void => void setTimeout(() => cutting.abort(), drainMs).unref()
  if (signal.aborted) cutLater()
  else signal.addEventListener('abort', cutLater, { once: true, signal: over })
  return { draining: signal, cutting: cutting.signal }
}
