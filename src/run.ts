import { join } from 'node:path'
import type { Arguments } from './arguments/arguments.ts'
import { maskPlan } from './arguments/masked-arguments.ts'
import { checkRepeatedKey } from './arguments/repeat.ts'
import { UserError } from './errors.ts'
import { rehearse } from './load/rehearsal.ts'
import type { GateOutcome } from './model/gate.ts'
import type { Provenance } from './model/provenance.ts'
import type { RunResult } from './model/result.ts'
import type { RunPlan } from './model/run-plan.ts'
import { explainSweep, planSweep, sleepBetweenRunsMs, withLaterOffset } from './plan/sweep.ts'
import { readyLimitMs } from './plan/target.ts'
import { testConnection, withUsualPatience } from './run/connection-test.ts'
import { explainRepeat } from './run/differences.ts'
import { type Followers, openFollowers } from './run/followers.ts'
import { withGates } from './run/gates.ts'
import { endingWith, type Host, Stopped, unlessStopped } from './run/host.ts'
import type { MeasuredRun } from './run/html-report.ts'
import { explainLimits } from './run/load-limits.ts'
import { type Log, openLog } from './run/log.ts'
import { readMachineLimits } from './run/machine-limits.ts'
import { runOne } from './run/one-run.ts'
import { createOutputDirectory, createRunDirectory, databaseName } from './run/output-directory.ts'
import { pauseBefore } from './run/pause.ts'
import { type Prepared, prepare } from './run/prepare.ts'
import { problemOf } from './run/problem-of.ts'
import { gatherProvenance } from './run/provenance.ts'
import { writeArguments, writeResult } from './run/result-files.ts'
import { runArguments } from './run/run-arguments.ts'
import { thisProcess } from './run/run-process.ts'
import { createTeller, type Teller } from './run/teller.ts'
import type { SlaOutcome } from './stats/sla/outcome.ts'

/** What a benchmark gave: one result per run, in order, and where it all stands. */
export interface BenchmarkOutcome {
  readonly results: readonly RunResult[]
  /** The runs as files tell of them, their plans without secrets; of a search each run that was made. */
  readonly measured: readonly MeasuredRun[]
  readonly plannedRuns: number
  readonly outputPath: string
  /** What became of the gates; undefined where none was asked for. */
  readonly gates: GateOutcome | undefined
  /** What a search came to: results are then those of its values, each of all its runs. */
  readonly sla?: SlaOutcome | undefined
  /** What went wrong beside failing requests: a broken dataset, a database that could not be written. */
  readonly problem: Error | undefined
}

/**
 * The program, top to bottom: arguments → plans → connection test → runs → reports. Throws `UserError` for what the
 * user can mend before anything is measured, `Stopped` when the run is stopped before that. What not every benchmark
 * needs, or none before its load, is imported where it is called: the first request does not wait for it.
 */
export const runBenchmark = async (args: Arguments, host: Host): Promise<BenchmarkOutcome> => {
  const { junit, markdown, github } = args.values
  if (junit === undefined && markdown === undefined && !github) return prepareAndMeasure(args, host)
  const { withCiReports } = await import('./run/ci-reports.ts')
  return withCiReports(args.values, host, () => prepareAndMeasure(args, host))
}

const prepareAndMeasure = async (args: Arguments, host: Host): Promise<BenchmarkOutcome> => {
  if (args.values.slaAutoTune) (await import('./run/sla/tune.ts')).checkSlaParams(args)
  const tell = createTeller(host)
  for (const line of [...args.warnings, ...args.notices]) tell.say(line)
  if (args.earlier !== undefined) checkRepeatedKey(args.earlier, args.values, host.env)
  // Before anything is asked or loaded: a key may be missing.
  const followers = await openFollowers(args, host, tell.say)
  try {
    const prepared = await prepare(args, host, tell.say)
    return await unlessLost(prepared.lost, () =>
      measureAndClose(args, { ...prepared, followers }, endingWith(host, prepared.lost), tell),
    )
  } finally {
    await followers.close()
  }
}

/** What `work` gives; where the server that we started has ended by itself, that is what went wrong. */
const unlessLost = async (
  lost: AbortSignal | undefined,
  work: () => Promise<BenchmarkOutcome>,
): Promise<BenchmarkOutcome> => {
  try {
    const outcome = await work()
    return lost?.aborted ? { ...outcome, problem: outcome.problem ?? lost.reason } : outcome
  } catch (error) {
    throw lost?.aborted && (error instanceof Stopped || error instanceof UserError) ? lost.reason : error
  }
}

/** All that is there before runs are planned. */
type Ready = Prepared & { readonly followers: Followers }

/** Closing tells whether the server had ended by itself right before. */
const measureAndClose = async (...parts: Parameters<typeof measure>): Promise<BenchmarkOutcome> => {
  try {
    return await measure(...parts)
  } finally {
    await parts[1].close()
  }
}

const measure = async (args: Arguments, prepared: Ready, host: Host, tell: Teller): Promise<BenchmarkOutcome> => {
  const plans = withGates(planSweep(args, prepared.facts), prepared.gates, tell.say)
  for (const line of explainSweep(args, prepared.facts)) tell.say(line)
  for (const line of explainLimits(plans, readMachineLimits())) tell.say(line)
  const startedAt = new Date()
  const outputPath = createOutputDirectory(args, plans, startedAt)
  const log = openLog(join(outputPath, 'benchmark.log'), args.values.debug)
  tell.useLog(log)
  const { followers } = prepared
  try {
    await followers.track({ plans, outputPath, startedAt })
    // Threads that send rehearse by themselves.
    const rehearsed = rehearse(plans.filter(plan => plan.workers === 1))
    const tested = args.isSet('readTimeout') ? plans[0] : withUsualPatience(plans[0] as RunPlan)
    if (!args.values.noTestConnection) {
      const parts = { ...prepared, readyLimitMs: readyLimitMs(args.values) }
      await testConnection(tested as RunPlan, parts, host, tell.say)
    }
    await rehearsed
    const gathering = gatherProvenance(args, { plan: plans[0] as RunPlan, prepared, startedAt }, host)
    const provenance = await unlessStopped(gathering, host.stop)
    for (const line of args.earlier ? explainRepeat(args.earlier, provenance) : []) tell.say(line)
    await followers.show({ plans, outputPath, startedAt })
    const measureAll = args.values.slaAutoTune ? search : sweep
    const outcome = await measureAll(plans, outputPath, { args, prepared, provenance, host, log, say: tell.say })
    if (isComplete(outcome, plans.length)) followers.following.complete()
    return outcome
  } finally {
    await followers.close()
    log.close()
  }
}

/** Whether every run came to its end. */
const isComplete = ({ results, problem, sla }: BenchmarkOutcome, plannedRuns: number): boolean =>
  problem === undefined &&
  results.every(({ interrupted }) => !interrupted) &&
  (sla === undefined ? results.length === plannedRuns : sla.answers.every(({ isWhole }) => isWhole))

interface SweepParts {
  readonly args: Arguments
  readonly prepared: Ready
  readonly provenance: Provenance
  readonly host: Host
  readonly log: Log
  readonly say: (line: string) => void
}

const sweep = async (plans: readonly RunPlan[], outputPath: string, parts: SweepParts): Promise<BenchmarkOutcome> => {
  const { args, host } = parts
  const results: RunResult[] = []
  const measured: MeasuredRun[] = []
  let problem: Error | undefined
  // What runs without a number took from the dataset, which no plan could know.
  let taken = 0
  for (const [position, planned] of plans.entries()) {
    const plan = withLaterOffset(planned, taken)
    if (position > 0) await pauseBefore(plan, sleepBetweenRunsMs(args), host)
    if (host.stop.draining.aborted) break
    try {
      const benchmark = { output_path: outputPath, planned_runs: plans.length }
      const outcome = await runAndReport(plan, createRunDirectory(outputPath, plan), { ...parts, benchmark })
      results.push(outcome.result)
      measured.push(outcome.measured)
      problem = outcome.problem
      if (plan.number === undefined) taken += outcome.dealt - plan.warmupNumber
    } catch (error) {
      // What the runs before it found is still reported.
      if (results.length === 0) throw error
      problem = error as Error
    }
    if (problem !== undefined) break
  }
  const { conclude } = await import('./run/conclude.ts')
  return await conclude({ results, measured, outputPath, plannedRuns: plans.length, problem }, parts)
}

/** A search in place of a sweep: which loads are run follows from what was measured. */
const search = async ([base]: readonly RunPlan[], outputPath: string, parts: SweepParts): Promise<BenchmarkOutcome> => {
  const { args, host, prepared, say } = parts
  const { slaAnswer, slaDirectory, tuneSla, writeSlaSummary } = await import('./run/sla/tune.ts')
  const measured: MeasuredRun[] = []
  const directory = slaDirectory(outputPath)
  // The tables of so many runs would bury the answer; the log has them.
  const quiet = { ...parts, host: { ...host, print: () => undefined }, benchmark: { output_path: directory } }
  const { sla, problem } = await tuneSla({
    args,
    say,
    base: base as RunPlan,
    cores: prepared.facts.cores,
    isStopped: () => host.stop.draining.aborted,
    pause: next => pauseBefore(next, sleepBetweenRunsMs(args), host),
    run: async (plan, shownAs) => {
      for (const line of explainLimits([plan], readMachineLimits())) say(line)
      const outcome = await runAndReport(plan, createRunDirectory(directory, plan), { ...quiet, shownAs })
      measured.push(outcome.measured)
      return outcome
    },
  })
  const results = sla.points.map(({ result }) => result)
  const found = { results, measured, outputPath, plannedRuns: results.length, problem }
  const { conclude } = await import('./run/conclude.ts')
  const outcome = await conclude(found, parts, slaAnswer(sla))
  const unwritten = problemOf(() => parts.log.info(`SLA search saved to: ${writeSlaSummary(outputPath, sla)}`))
  return { ...outcome, sla, problem: outcome.problem ?? unwritten }
}

/** What a run is part of, for its database. */
interface RunOfSweepParts extends SweepParts {
  readonly benchmark: { readonly output_path: string; readonly planned_runs?: number }
  /** What its progress is shown under; its name by default. */
  readonly shownAs?: string
}

/** One run with its files and tables. */
const runAndReport = async (plan: RunPlan, directory: string, parts: RunOfSweepParts) => {
  const { args, prepared, provenance, host, log, say, benchmark, shownAs } = parts
  const argumentsShown = runArguments(plan, args, { provenance, secrets: plan.target.secrets })
  writeArguments(directory, argumentsShown)
  log.info(`Starting benchmark with args:\n${JSON.stringify(argumentsShown, null, 4)}`)
  const startedAt = new Date().toISOString()
  const facts = {
    plan: maskPlan(plan),
    arguments: argumentsShown,
    versions: provenance.versions,
    ...benchmark,
    started_at: startedAt,
    process: thisProcess(),
  }
  const { following } = prepared.followers
  const followed = following.begin(plan)
  const outcome = await runOne(plan, directory, { ...prepared, args, host, log, say, facts, followed, shownAs })
  following.ended(outcome.result)
  const dbPath = join(directory, databaseName)
  const { runReport } = await import('./report/run-report.ts')
  // Shown first: a full disk must not take what was measured.
  host.print(`${runReport(outcome.result, { dbPath, columns: host.columns })}\n`)
  log.info(`${plan.name}\n${runReport(outcome.result, { dbPath, columns: undefined })}`)
  const problem = problemOf(() => writeResult(directory, outcome.result))
  const measured = {
    result: { ...outcome.result, plan: facts.plan },
    startedAt,
    arguments: argumentsShown,
    databasePath: dbPath,
  }
  return { ...outcome, measured, problem: outcome.problem ?? problem }
}
