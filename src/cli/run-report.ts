import { basename, join } from 'node:path'
import { flags } from '../arguments/flags.ts'
import { readValue } from '../arguments/read-value.ts'
import { exitCodes } from '../errors.ts'
import type { RunResult } from '../model/result.ts'
import { benchmarkJsonText } from '../report/benchmark-json.ts'
import { withDefinitions } from '../report/definitions.ts'
import { runReport } from '../report/run-report.ts'
import { StatusLine } from '../report/status-line.ts'
import { sweepReport } from '../report/sweep-report.ts'
import { checkCiTargets, storedCiReport, tellCi } from '../run/ci-reports.ts'
import { explainSlaRuns } from '../run/sla/tune.ts'
import { readResults, type StoredBenchmark } from '../run/stored-benchmark.ts'
import { writeAgain } from '../run/write-again.ts'
import { gateOutcome } from '../stats/gates.ts'
import { readReplan } from './judge-again.ts'
import type { ReportOptions } from './report.ts'

/**
 * Reads a benchmark out of its databases: tables on stdout as `perf` printed them, everything else on stderr, and the
 * files beside the databases written again. Gives the exit code.
 */
export const runReportCommand = async (path: string, options: ReportOptions): Promise<number> => {
  const { json = false, definitions = false, percentiles, write } = options
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const targets = { junit: options.junit, markdown: options.markdown, github: false }
  const surroundings = { env: process.env, status: new StatusLine(process.stderr) }
  checkCiTargets(targets, surroundings)
  const levels = percentiles && (readValue('percentiles', flags.percentiles, percentiles) as number[])
  const replan = await readReplan(options, say)
  const benchmark = await readResults(path, { levels, replan, say })
  const results = benchmark.runs.map(({ result }) => result)
  const explained = withDefinitions(sweepReport(results, benchmark), results)
  const isInterrupted = wasInterrupted(results, benchmark)
  const { outputPath } = benchmark
  const ofSearch = explainSlaRuns(outputPath)
  if (ofSearch !== undefined) say(ofSearch)
  if (json) process.stdout.write(benchmarkJsonText(results, { outputPath, interrupted: isInterrupted, definitions }))
  else printTables(benchmark, definitions)
  if (write && replan === undefined) await writeAgain(benchmark, explained, say)
  const gates = replan && gateOutcome(results)
  const unwritten = tellCi(targets, storedCiReport(benchmark, isInterrupted, ofSearch), surroundings)
  if (unwritten !== undefined) throw unwritten
  return gates === undefined || gates.hasPassed || gates.isAdvisory ? exitCodes.done : exitCodes.notPassed
}

const printTables = (benchmark: StoredBenchmark, definitions: boolean): void => {
  const { runs, outputPath } = benchmark
  // A terminal that does not tell its size says 0.
  const columns = (process.stdout.isTTY && process.stdout.columns) || undefined
  for (const { directory, databasePath, result } of runs) {
    const dbPath = join(outputPath, basename(directory), basename(databasePath))
    process.stdout.write(`\n${runReport(result, { dbPath, columns })}\n`)
  }
  const results = runs.map(({ result }) => result)
  const report = sweepReport(results, { ...benchmark, columns })
  process.stdout.write(`\n${definitions ? withDefinitions(report, results) : report}\n`)
}

/** A dataset that breaks ends a benchmark, too; any other end before the last run was somebody's doing. */
const wasInterrupted = (results: readonly RunResult[], { plannedRuns }: StoredBenchmark): boolean => {
  const isCutShort = results.length < plannedRuns && !results.some(({ datasetFailed }) => datasetFailed)
  return isCutShort || results.some(result => result.interrupted)
}
