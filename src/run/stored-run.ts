import { dirname, resolve } from 'node:path'
import { ArgumentsError, reasonOf, UserError } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import type { JsonObject } from '../model/json.ts'
import type { RequestRecord, RequestTimes } from '../model/record.ts'
import type { RunResult } from '../model/result.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { Accumulator } from '../stats/accumulator.ts'
import { Health } from '../stats/health.ts'
import { makeResult } from '../stats/result.ts'
import { type OnUnreadable, openStored, type StoredDatabase } from '../store/replay.ts'
import { isUnfinished } from '../store/unfinished.ts'
import { isAlive } from './run-process.ts'
import { type RunEnding, readFacts, type StoredFacts } from './stored-facts.ts'

/** Which records are read, and how much of each. */
export interface RecordSelection {
  /** Default: `measured`. */
  readonly phase?: RequestRecord['phase']
  /** With the answers' JSON (`responseJson`), the largest part of a record; default: without. */
  readonly withAnswers?: boolean
  /** Only these requests; default: all. */
  readonly requestIds?: readonly string[]
}

/** One run as its database tells of it. */
export interface StoredRun {
  /** Where its database stands, and its files; from the root. */
  readonly directory: string
  readonly databasePath: string
  /** ISO 8601; undefined where the database does not tell. */
  readonly startedAt: string | undefined
  /**
   * `over`: it wrote how it ended, be it by Ctrl-C. `under way`: its process is still at work. `unfinished`: it was
   * killed, or could not write its database any more.
   */
  readonly state: 'over' | 'under way' | 'unfinished'
  /** Not all of its rows can be read: figures cover the others, and the verdict is not VALID. */
  readonly isDamaged: boolean
  /** What it was asked for, as in `benchmark_args.json`; undefined where that is lost. */
  readonly arguments: JsonObject | undefined
  /**
   * All that `perf` found, with its plan. What nobody can know of a run without an end is absent, and `interrupted` is
   * true.
   */
  readonly result: RunResult
  /** The requests in the order in which they ended; memory stays small. Those that cannot be read are left out. */
  records(selection?: RecordSelection): AsyncGenerator<RequestRecord>
  /** Times and tokens of the measured requests, likewise. */
  times(): AsyncGenerator<RequestTimes>
  /** What the client observed of itself, about a second at a time. */
  health(): AsyncGenerator<HealthSample>
}

/** A run, and what table `run` tells beside it. */
export interface ReadRun {
  readonly run: StoredRun
  readonly facts: StoredFacts
}

/** How a stored run is read. */
export interface StoredRunOptions {
  /** Levels of the percentile table; default: those that the run was asked for. */
  readonly levels?: readonly number[] | undefined
  /** Names of figures that are to be read beside: `p99_ttft`. */
  readonly figures?: readonly string[] | undefined
  /** What the plan of the run is to be in place of the stored one. */
  readonly replan?: ((plan: RunPlan) => RunPlan) | undefined
  /** Hears in a line what cannot be read. */
  readonly say: (line: string) => void
}

/**
 * Folds the records of a stored run to what was found. Throws an ArgumentsError where the database cannot be read, or
 * does not tell what was run.
 */
export const readStoredRun = async (databasePath: string, options: StoredRunOptions): Promise<ReadRun> => {
  const { levels, figures, replan = plan => plan, say } = options
  const stored = await openStored(databasePath)
  try {
    const facts = readFacts(
      stored.facts(reason => say(`a row of table run cannot be read: ${reason}`)),
      say,
    )
    const { ending, startedAt } = facts
    const plan = facts.plan && replan(facts.plan)
    const isUncounted = ending === undefined && plan?.dataset.tokenizerPath !== undefined
    if (plan === undefined) {
      throw new ArgumentsError(`database ${databasePath} does not tell what was run: there is nothing to report`)
    }
    const state = stateOf(databasePath, facts)
    const { accumulator, health, isDamaged } = foldTables(stored, plan, { isUncounted, say })
    const incomplete = state === 'over' ? (isDamaged ? ('damaged' as const) : undefined) : state
    const statement = statementOf(state, isDamaged, accumulator) ?? ending?.statement
    const context = {
      ...(ending ?? unknownEnding),
      statement,
      incomplete,
      levels: levels ?? facts.levels,
      figures,
      health,
    }
    const absolutePath = resolve(databasePath)
    const run: StoredRun = {
      directory: dirname(absolutePath),
      databasePath: absolutePath,
      startedAt,
      state,
      isDamaged,
      arguments: facts.arguments,
      result: makeResult(plan, accumulator, context),
      records: selection => storedRecords(absolutePath, { ...selection, isUncounted }),
      times: () => storedTimes(absolutePath, { isUncounted, isDamaged }),
      health: () => storedHealth(absolutePath),
    }
    return { run, facts }
  } finally {
    await stored.close()
  }
}

/** Whether turns waited is not known: then slots may have stood empty because they were meant to. */
const unknownEnding: RunEnding = { interrupted: true, hasThinkTime: true }

const stateOf = (databasePath: string, { ending, process }: StoredFacts): StoredRun['state'] => {
  if (ending !== undefined) return 'over'
  // A program that made a run may go on after it.
  return process !== undefined && isUnfinished(databasePath) && isAlive(process) ? 'under way' : 'unfinished'
}

interface FoldOptions {
  readonly isUncounted: boolean
  readonly say: (line: string) => void
}

/**
 * All that the tables hold of a run. Apart from its caller, whose run goes on to read records: functions of one scope
 * keep all that any of them uses, and an accumulator of 100 000 requests is 20 MB.
 */
const foldTables = (stored: StoredDatabase, { objectives }: RunPlan, { isUncounted, say }: FoldOptions) => {
  const [accumulator, health] = [new Accumulator(objectives), new Health()]
  const records = (onUnreadable: OnUnreadable) => stored.records('measured', 'figures', onUnreadable)
  const areWhole = [
    fold('result', records, record => accumulator.write(isUncounted ? withoutChunks(record) : record), say),
    fold('health', stored.health, sample => health.add(sample), say),
  ]
  return { accumulator, health, isDamaged: areWhole.includes(false) }
}

/** Takes all rows of a table that can be read; false where they are not all. */
const fold = <T>(
  table: 'result' | 'health',
  open: (onUnreadable: OnUnreadable) => Iterable<T>,
  take: (item: T) => void,
  say: (line: string) => void,
): boolean => {
  let [taken, left] = [0, 0]
  let firstReason: string | undefined
  const onUnreadable: OnUnreadable = reason => {
    left++
    firstReason ??= reason
  }
  try {
    for (const item of open(onUnreadable)) {
      take(item)
      taken++
    }
  } catch (error) {
    // Without a request there is nothing to report, while without health there is less to judge by.
    if (!(error instanceof UserError) || (table === 'result' && taken === 0)) throw error
    say(`table ${table} can be read no further than ${taken} rows: ${reasonOf(error)}`)
    return false
  }
  if (left === 0) return true
  say(`${left} of ${taken + left} rows of table ${table} cannot be read and are left out; the first: ${firstReason}`)
  return false
}

/** Why nobody can judge the run as a whole, where more is known of that than that it was interrupted. */
const statementOf = (
  state: StoredRun['state'],
  isDamaged: boolean,
  { totals: { succeeded, failed, cutOff } }: Accumulator,
): string | undefined => {
  const count = succeeded + failed + cutOff
  const requests = `${count} request${count === 1 ? '' : 's'}`
  if (state === 'under way') return `the run is still under way, and its database holds ${requests} so far`
  if (state === 'unfinished') return `the run did not come to its end, and its database holds ${requests}`
  return isDamaged ? `the database of the run is damaged, and ${requests} of it can be read` : undefined
}

/** Chunks stand for tokens only where no tokenizer was to count them. */
const withoutChunks = <T extends RequestTimes>(record: T): T =>
  record.tokenSource === 'chunks' ? { ...record, outputTokens: undefined, tokenSource: undefined } : record

interface StoredSelection extends RecordSelection {
  /** The run ended before its tokenizer had counted. */
  readonly isUncounted?: boolean
}

/** The requests of a database; those that cannot be read are left out. */
export async function* storedRecords(
  databasePath: string,
  { phase = 'measured', withAnswers = false, requestIds, isUncounted = false }: StoredSelection = {},
): AsyncGenerator<RequestRecord> {
  const stored = await openStored(databasePath)
  try {
    const found = stored.records(phase, withAnswers ? 'all' : 'withoutResponses', () => undefined, requestIds)
    for (const record of found) yield isUncounted ? withoutChunks(record) : record
  } finally {
    await stored.close()
  }
}

/**
 * Times and tokens of the measured requests of a database; requests of which anything cannot be read are left out, for
 * which those of a damaged one are read whole.
 */
export async function* storedTimes(
  databasePath: string,
  { isUncounted = false, isDamaged = false } = {},
): AsyncGenerator<RequestTimes> {
  const stored = await openStored(databasePath)
  const ignore = () => undefined
  try {
    const found = isDamaged ? stored.records('measured', 'figures', ignore) : stored.times(ignore)
    for (const times of found) yield isUncounted ? withoutChunks(times) : times
  } finally {
    await stored.close()
  }
}

/** What the client observed of itself in the run of a database. */
export async function* storedHealth(databasePath: string): AsyncGenerator<HealthSample> {
  const stored = await openStored(databasePath)
  try {
    yield* stored.health(() => undefined)
  } finally {
    await stored.close()
  }
}
