import { Arguments } from '../arguments/arguments.ts'
import { exitCodes, UserError } from '../errors.ts'
import type { RunResult } from '../model/result.ts'
import { percentileJson, summaryJson } from '../report/json.ts'
import { StatusLine } from '../report/status-line.ts'
import { type Host, Stopped } from '../run/host.ts'
import { runBenchmark } from '../run.ts'
import type { RawArguments } from './perf-options.ts'
import { watchSignals } from './signals.ts'

/** `evalscope perf`: tables on stdout, everything else on stderr; gives the exit code. */
export const runPerfCommand = async (given: RawArguments): Promise<number> => {
  const args = new Arguments(given)
  const signals = watchSignals()
  const host: Host = {
    print: text => {
      if (!args.values.json) process.stdout.write(`\n${text}`)
    },
    status: new StatusLine(process.stderr),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    stop: signals.stop,
    env: process.env,
    lastActs: signals.lastActs,
  }
  try {
    const { results, problem, outputPath } = await runBenchmark(args, host)
    if (args.values.json) process.stdout.write(`${JSON.stringify(jsonDocument(results, outputPath), null, 2)}\n`)
    if (signals.exitCode() !== undefined) return signals.exitCode() as number
    if (problem !== undefined) throw problem
    return results.every(({ summary }) => summary.succeededRequests > 0) ? exitCodes.done : exitCodes.notPassed
  } catch (error) {
    host.status.clear()
    const exitCode = signals.exitCode()
    if (exitCode !== undefined && (error instanceof Stopped || error instanceof UserError)) {
      process.stderr.write(`evalscope: ${error.message}\n`)
      return exitCode
    }
    throw error
  } finally {
    signals.close()
  }
}

/** The document of `--json`: every run under its name, with the keys of the result files. */
const jsonDocument = (results: readonly RunResult[], outputPath: string): object => ({
  output_path: outputPath,
  runs: Object.fromEntries(
    results.map(result => [result.plan.name, { metrics: summaryJson(result), percentiles: percentileJson(result) }]),
  ),
})
