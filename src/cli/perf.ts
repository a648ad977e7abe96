import { Arguments } from '../arguments/arguments.ts'
import { exitCodes, reasonOf, UserError } from '../errors.ts'
import type { RunResult } from '../model/result.ts'
import { benchmarkJsonText } from '../report/benchmark-json.ts'
import { isDoubtful } from '../report/ci/checks.ts'
import { outcomeText } from '../report/gate-table.ts'
import { StatusLine } from '../report/status-line.ts'
import { type Host, Stopped } from '../run/host.ts'
import { runBenchmark } from '../run.ts'
import { answeredResults } from '../stats/sla/outcome.ts'
import { withoutOwnSecrets } from './own-secrets.ts'
import type { RawArguments } from './perf-options.ts'
import { watchSignals } from './signals.ts'

/** Hears where the results of a benchmark stand, and may say a line of them. */
export type OnResults = (outputPath: string, say: (line: string) => void) => void

/** `evalscope perf`: tables on stdout, everything else on stderr; gives the exit code. */
export const runPerfCommand = async (given: RawArguments, onResults?: OnResults): Promise<number> => {
  const args = new Arguments(given)
  const status = new StatusLine(process.stderr)
  const leave = (line: string): void => {
    // Nothing is drawn again below this one.
    status.clear()
    process.stderr.write(`${line}\n`)
  }
  const signals = watchSignals(line => status.say(line), leave)
  const host: Host = {
    print: text => {
      if (!args.values.json) process.stdout.write(`\n${text}`)
    },
    status,
    // A terminal that does not tell its size says 0.
    columns: (process.stdout.isTTY && process.stdout.columns) || undefined,
    stop: signals.stop,
    env: process.env,
    lastActs: signals.lastActs,
  }
  try {
    const { results, problem, outputPath, gates, sla } = await runBenchmark(args, host)
    const isInterrupted = signals.exitCode() !== undefined
    onResults?.(outputPath, line => status.say(line))
    if (args.values.json) {
      const { definitions } = args.values
      const context = { outputPath, interrupted: isInterrupted, definitions, sla }
      process.stdout.write(benchmarkJsonText(results, context))
    }
    if (problem !== undefined) throw problem
    // A search may well go beyond what a server can take.
    const hasPassed = sla?.hasPassed ?? results.every(({ summary }) => summary.succeededRequests > 0)
    const judged = sla === undefined ? results : answeredResults(sla)
    const doubtful = args.values.strict ? judged.filter(isDoubtful) : []
    if (doubtful.length > 0) status.say(strictLine(doubtful, judged))
    const isHeld = gates === undefined || gates.hasPassed
    if (!isHeld) status.say(`gates: ${outcomeText(gates)}`)
    const isFine = hasPassed && doubtful.length === 0 && (isHeld || gates.isAdvisory)
    return signals.exitCode() ?? (isFine ? exitCodes.done : exitCodes.notPassed)
  } catch (error) {
    status.clear()
    const exitCode = signals.exitCode()
    if (exitCode === undefined || !(error instanceof Stopped || error instanceof UserError)) throw error
    process.stderr.write(`evalscope: ${withoutOwnSecrets(reasonOf(error))}\n`)
    return exitCode
  } finally {
    signals.close()
  }
}

const strictLine = (doubtful: readonly RunResult[], all: readonly RunResult[]): string =>
  `--strict: ${doubtful.length} of ${all.length} runs ${doubtful.length === 1 ? 'is' : 'are'} not VALID: ${doubtful.map(({ plan }) => plan.name).join(' ')}`
