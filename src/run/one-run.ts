import { join } from 'node:path'
import type { Api } from '../apis/api.ts'
import type { Arguments } from '../arguments/arguments.ts'
import { maskWords } from '../arguments/secrets.ts'
import type { Dataset } from '../datasets/dataset.ts'
import { nowMs } from '../load/clock.ts'
import { reasonFor, runLoad } from '../load/engine.ts'
import { LoadWatch } from '../load/load-watch.ts'
import type { PromptThreads } from '../load/prompt-threads.ts'
import type { ConversationSource } from '../load/source.ts'
import type { RecordSink } from '../model/record.ts'
import type { RunResult } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import { Progress } from '../report/progress.ts'
import { verdictJson } from '../report/verdict-json.ts'
import { Accumulator } from '../stats/accumulator.ts'
import { Health } from '../stats/health.ts'
import { makeResult } from '../stats/result.ts'
import { createStore, type SqliteStore } from '../store/sqlite.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { countTokens } from './count-tokens.ts'
import type { CountingThread } from './count-worker.ts'
import { createTrace } from './debug-trace.ts'
import { floorNoteOf } from './doctor/floor-of-run.ts'
import type { FollowedRun } from './following.ts'
import type { Host } from './host.ts'
import type { Log } from './log.ts'
import { openSource } from './open-source.ts'
import { databaseName } from './output-directory.ts'
import type { RunEnding } from './stored-facts.ts'
import { TokenCounter } from './token-counter.ts'

/** What a run is made of, beside its plan. */
export interface RunParts {
  readonly args: Arguments
  readonly api: Api
  readonly dataset: Dataset
  readonly tokenizer: Tokenizer | undefined
  /** Counts tokens with it after the load. */
  readonly counting: CountingThread | undefined
  /** Make prompts where that takes long. */
  readonly promptThreads: PromptThreads
  readonly host: Host
  readonly log: Log
  readonly say: (line: string) => void
  /** What progress is shown under; the run's name by default. */
  readonly shownAs?: string | undefined
  /** Takes every record, where anybody follows the benchmark. */
  readonly followed: FollowedRun | undefined
  /** Facts for table `run`: arguments, versions. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** What one run gave. */
export interface RunOutcome {
  readonly result: RunResult
  /** What its figures were made of. */
  readonly accumulator: Accumulator
  /** A lost thread, a mistake in the dataset, or a database that could not take everything: told when all is shown. */
  readonly problem: Error | undefined
  /** Conversations taken from the dataset, warm-up included. */
  readonly dealt: number
}

/** Runs one plan: load into database, figures and progress; the database stands in `directory`. */
export const runOne = async (plan: RunPlan, directory: string, parts: RunParts): Promise<RunOutcome> => {
  const { host, args } = parts
  const store = await createStore({
    path: join(directory, databaseName),
    commitIntervalRows: args.values.dbCommitInterval,
    withoutRequests: args.values.noSaveRequests,
  })
  for (const [key, value] of Object.entries(parts.facts)) store.writeRun(key, value)
  store.writeRun('sqlite_driver', store.driverName)
  const lastAct = (): void => store.flush()
  host.lastActs.add(lastAct)
  try {
    const source = await openSource(plan, { ...parts, numWorkers: args.values.numWorkers })
    const { accumulator, lost, ...measured } = await measure(plan, { source, store, directory }, parts)
    const outcome: RunEnding = {
      ...outcomeOf(measured, source),
      statement:
        lost && `${reasonFor(lost)} before the run was over: the figures cover the requests that had ended by then`,
      usageUnasked: accumulator.totals.usageUnasked,
      floorNote: floorNoteOf(plan, accumulator, host.env),
    }
    store.writeRun('outcome', { ...outcome, ended_at: new Date().toISOString() })
    const context = { ...outcome, levels: args.values.percentiles, health: measured.health }
    const result = makeResult(plan, accumulator, context)
    store.writeRun('verdict', verdictJson(result.verdict))
    const storeProblem = await closed(store)
    return { result, accumulator, problem: lost ?? source.failure ?? storeProblem, dealt: source.dealt }
  } finally {
    host.lastActs.delete(lastAct)
    await closed(store)
  }
}

interface MeasureParts {
  readonly source: ConversationSource
  readonly store: SqliteStore
  /** Where answers wait to be counted. */
  readonly directory: string
}

interface Measured {
  readonly accumulator: Accumulator
  readonly watch: LoadWatch
  /** What ended the load before its time. */
  readonly lost: Error | undefined
  readonly interrupted: boolean
  readonly tokens: TokenFindings | undefined
  readonly oddUsage: string | undefined
  readonly health: Health
}

/** What is known of a run beside its records and what the threads observed of themselves; kept with it. */
const outcomeOf = (
  { interrupted, tokens, oddUsage, watch }: Omit<Measured, 'accumulator' | 'lost'>,
  source: ConversationSource,
): RunEnding => ({
  interrupted,
  tokens,
  oddUsage,
  datasetFailed: source.failure !== undefined,
  hasThinkTime: source.hasThinkTime,
  gauge: watch.gauge.read(),
  schedule: watch.schedule?.outcome,
  promptWaiting: watch.waits.read(),
  pauses: watch.pauses.read(),
})

/** Sends the load and folds its records, once their tokens are counted. */
const measure = async (
  plan: RunPlan,
  { source, store, directory }: MeasureParts,
  { api, args, host, log, say, counting, followed, shownAs = plan.name }: RunParts,
): Promise<Measured> => {
  const accumulator = new Accumulator(plan.objectives)
  const health = new Health()
  const watch = new LoadWatch(plan.workers)
  const { task, seed } = plan
  const startCounting = counting && (() => counting.start())
  const counter = new TokenCounter({ task, seed, directory, startCounting, next: accumulator })
  const traceMs = traceSpanMs(plan, source)
  const shownPlan = { ...plan, name: shownAs }
  const progress = new Progress({ line: host.status, plan: shownPlan, nowMs, live: () => watch.live(), traceMs })
  const periodic = periodicLog(progress, args.values.logEveryNQuery, log)
  let lost: Error | undefined
  const trace = args.values.debug ? createTrace(log, plan, !args.values.noSaveRequests) : undefined
  try {
    const sinks = [store, counter, progress, periodic, storeWatch(store, say), ...(followed ? [followed] : [])]
    lost = await runLoad({
      plan,
      api,
      source,
      sinks,
      stop: host.stop,
      watch,
      onHealth: sample => {
        store.writeHealth(sample)
        health.add(sample)
      },
      trace,
      onPreparing: ready => progress.preparing(ready),
      onWarmup: () => progress.startWarmup(),
      onStart: () => {
        progress.start()
        followed?.start()
      },
      onLinger: underWay => say(lingerText(plan, underWay)),
    })
    const { ended, failed } = progress.warmup
    if (failed > 0) say(`${plan.name}: ${failed} of ${ended} warm-up requests failed (table warmup_result)`)
  } finally {
    progress.close()
  }
  // A signal from here on ends the counting alone.
  const interrupted = host.stop.draining.aborted || lost !== undefined
  const tokens = await countTokens({ plan, counter, receiver: store, host, say })
  // Servers like to repeat what they were sent.
  const oddUsage = counter.oddUsage && maskWords(counter.oddUsage, plan.target.secrets)
  return { accumulator, watch, lost, interrupted, tokens, oddUsage, health }
}

const lingerText = ({ name, target }: RunPlan, underWay: number): string => {
  const left = underWay === 1 ? '1 request is all that is left' : `${underWay} requests are all that is left`
  const limit = `--total-timeout gives each ${target.timeouts.totalMs / 1000} s`
  return `${name}: ${left}, and none has ended for a minute; ${limit}, Ctrl-C ends them and shows the results`
}

/** From the first to the last measured record of a trace; undefined where their times are not known. */
const traceSpanMs = ({ number, warmupNumber }: RunPlan, source: ConversationSource): number | undefined => {
  if (number === undefined) return undefined
  const [firstMs, lastMs] = [source.arrivalMs(warmupNumber), source.arrivalMs(warmupNumber + number - 1)]
  return firstMs === undefined || lastMs === undefined ? undefined : lastMs - firstMs
}

/** Logs the figures so far after every `every` requests. */
const periodicLog = (progress: Progress, every: number, log: Log): RecordSink => {
  let ended = 0
  return {
    write: ({ phase }) => {
      if (phase === 'measured' && ++ended % every === 0) log.info(JSON.stringify(progress.snapshot(), null, 2))
    },
    close: () => undefined,
  }
}

/** Says at once when the database takes no more: a run may last for hours. `say` repeats nothing. */
const storeWatch = (store: SqliteStore, say: (line: string) => void): RecordSink => ({
  write: () => {
    if (store.failure !== undefined) say(store.failure.message)
  },
  close: () => undefined,
})

/** Closes the store; an error of the database is given back, so that what was measured can still be shown. */
const closed = async (store: SqliteStore): Promise<Error | undefined> => {
  try {
    await store.close()
    return undefined
  } catch (error) {
    return error as Error
  }
}
