import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { ArgumentsError, exitCodes, reasonOf } from '../errors.ts'
import { normalizeArgv } from './argv.ts'
import { oneLine, type RunPerf, runCommandLine } from './commands.ts'
import type { PerfExtras } from './perf.ts'
import { createWrapperCommand, perfArguments, wrapperName } from './wrapper-command.ts'

/** Loaded when the command line is known to be right, so that `--help` does not wait for it. */
const runPerfLazily: RunPerf = async given => {
  const { runPerfCommand } = await import('./perf.ts')
  return runPerfCommand(given, { plotsOneLoad: true, onResults: leavePicture('.') })
}

/**
 * Runs `evalscope-perf` and gives the exit code: its words become those of `evalscope perf`, which does the rest. What
 * follows `--` is handed on as it is.
 */
export const runWrapper = async (argv: readonly string[], runPerf = runPerfLazily): Promise<number> => {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const handedOn = argv.slice(end + 1)
  let exitCode: number = exitCodes.done
  const command = createWrapperCommand(async (operands, options) => {
    exitCode = await runCommandLine([...perfArguments(operands, options), ...handedOn], runPerf)
  })
  try {
    // Without any argument there is nothing to do but to say what could be done.
    const own = argv.length === 0 ? ['--help'] : normalizeArgv(argv.slice(0, end), command.options)
    await command.parseAsync(own, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw new ArgumentsError(oneLine(error.message, wrapperName), { cause: error })
  }
  return exitCode
}

const pictureName = 'performance_metrics.png'

/** Copies the picture of a benchmark to where the wrapper was started, over an older one: its users look there. */
export const leavePicture =
  (directory: string): PerfExtras['onResults'] =>
  (outputPath, say) => {
    const made = join(outputPath, pictureName)
    // Why there is none has been said.
    if (!existsSync(made)) return
    try {
      copyFileSync(made, join(directory, pictureName))
      say(`${pictureName}: the curves of these runs, also in ${outputPath}`)
    } catch (error) {
      say(`the curves are in ${made} alone, they cannot be copied here: ${reasonOf(error)}`)
    }
  }
