import { Arguments } from '../arguments/arguments.ts'
import { reasonOf, UserError } from '../errors.ts'
import { StatusLine } from '../report/status-line.ts'
import { type Host, Stopped } from '../run/host.ts'
import { runBenchmark } from '../run.ts'
import { withoutOwnSecrets } from './own-secrets.ts'
import type { RawArguments } from './perf-options.ts'
import { watchSignals } from './signals.ts'

/** What a command does beyond `evalscope perf`. */
export interface PerfExtras {
  readonly plotsOneLoad: boolean
  /** Hears where the results stand, and may say a line of them. */
  readonly onResults: (outputPath: string, say: (line: string) => void) => void
}

/** `evalscope perf`: tables on stdout, everything else on stderr; gives the exit code. */
export const runPerfCommand = async (given: RawArguments, extras?: PerfExtras): Promise<number> => {
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
    plotsOneLoad: extras?.plotsOneLoad ?? false,
    lastActs: signals.lastActs,
  }
  try {
    const outcome = await runBenchmark(args, host)
    const { results, problem, outputPath, sla } = outcome
    const isInterrupted = signals.exitCode() !== undefined
    extras?.onResults(outputPath, line => status.say(line))
    if (args.values.json) {
      const { benchmarkJsonText } = await import('../report/benchmark-json.ts')
      const { definitions } = args.values
      const context = { outputPath, interrupted: isInterrupted, definitions, sla }
      process.stdout.write(benchmarkJsonText(results, context))
    }
    if (problem !== undefined) throw problem
    const { exitCodeOf } = await import('./exit-code.ts')
    const exitCode = exitCodeOf(outcome, { isStrict: args.values.strict, say: line => status.say(line) })
    return signals.exitCode() ?? exitCode
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
