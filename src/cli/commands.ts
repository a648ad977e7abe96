import { Command, CommanderError } from 'commander'
import { ArgumentsError, exitCodes } from '../errors.ts'
import { version } from '../version.ts'
import { normalizeArgv } from './argv.ts'
import { addCompareCommand, type CompareOptions } from './compare.ts'
import { addDoctorCommand, type DoctorOptions } from './doctor.ts'
import { addPerfOptions, givenFlags, type RawArguments } from './perf-options.ts'
import { addReportCommand, type ReportOptions } from './report.ts'
import { addServeCommand } from './serve.ts'

/** Runs a benchmark and gives the exit code. */
export type RunPerf = (given: RawArguments) => Promise<number>

/** Everything a benchmark needs is loaded here, so that `--help` does not wait for it. */
const runPerfLazily: RunPerf = async given => (await import('./perf.ts')).runPerfCommand(given)

/**
 * Reads a command line, runs its command and gives the exit code. Mistakes in it are `ArgumentsError`s; help and
 * version go to stdout.
 */
export const runCommandLine = async (argv: readonly string[], runPerf = runPerfLazily): Promise<number> => {
  let exitCode: number = exitCodes.done
  const program = createProgram(
    async given => {
      exitCode = await runPerf(given)
    },
    async options => {
      exitCode = await (await import('./run-doctor.ts')).runDoctorCommand(options)
    },
    async (path, options) => {
      exitCode = await (await import('./run-report.ts')).runReportCommand(path, options)
    },
    async (paths, options) => {
      exitCode = await (await import('./run-compare.ts')).runCompareCommand(paths, options)
    },
  )
  const command = program.commands.find(known => known.name() === argv[0])
  try {
    const rest = command ? normalizeArgv(argv.slice(1), command.options) : argv.slice(1)
    // Without any argument there is nothing to do but to say what could be done.
    await program.parseAsync(argv.length === 0 ? ['--help'] : [argv[0] as string, ...rest], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw new ArgumentsError(oneLine(error.message, nameOf(argv)), { cause: error })
  }
  return exitCode
}

const createProgram = (
  runPerf: (given: RawArguments) => Promise<void>,
  runDoctor: (options: DoctorOptions) => Promise<void>,
  runReportAgain: (path: string, options: ReportOptions) => Promise<void>,
  runCompare: (paths: readonly string[], options: CompareOptions) => Promise<void>,
): Command => {
  const program = new Command('evalscope')
    .description('A load tester for LLM endpoints that says whether its own numbers can be trusted.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .enablePositionalOptions()
    .exitOverride()
    // Its messages are printed like all others, by the caller.
    .configureOutput({ outputError: () => {} })
  const perf = program
    .command('perf')
    .description('test an endpoint under load: one run for each value of --parallel, --rate or --number')
    .usage('[flags]')
    .allowExcessArguments()
    .action(async (_, command: Command) => {
      const [extra] = command.args
      if (extra !== undefined)
        throw new ArgumentsError(`${JSON.stringify(extra.slice(0, 200))} belongs to no flag; see evalscope perf --help`)
      await runPerf(givenFlags(command))
    })
  addPerfOptions(perf)
  addServeCommand(program)
  addDoctorCommand(program, runDoctor)
  addReportCommand(program, runReportAgain)
  addCompareCommand(program, runCompare)
  return program
}

/** Commander's message in our form, with a way on, the help of `command`, when it has no suggestion of its own. */
export const oneLine = (message: string, command: string): string => {
  const text = message
    .replace(/^error: /, '')
    // A misspelt flag with its value, which may be a secret.
    .replace(/^(unknown option '[^'=]*)=.*'/s, "$1'")
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  return text.includes('Did you mean') ? text : `${text}; see ${command} --help`
}

const nameOf = ([command]: readonly string[]): string => {
  const isCommand = command !== undefined && ['perf', 'serve', 'doctor', 'report', 'compare'].includes(command)
  return isCommand ? `evalscope ${command}` : 'evalscope'
}
