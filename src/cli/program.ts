import { isatty } from 'node:tty'
import { exitCodes, OutputError, reasonOf, UserError } from '../errors.ts'
import { plainLines } from '../plain-text.ts'
import { version } from '../version.ts'
import { hideCommandLine, withoutOwnSecrets } from './own-secrets.ts'

/**
 * The whole program: runs what the command line asks for and gives the exit code. A mistake of the user is one line on
 * stderr, anything else our bug with its stack.
 */
export const main = async (argv: readonly string[]): Promise<number> => {
  try {
    if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
      process.stdout.write(`${version()}\n`)
      return exitCodes.done
    }
    hideCommandLine(argv)
    if (argv[0] === 'evalscope-perf') return await (await import('./run-wrapper.ts')).runWrapper(argv.slice(1))
    const { runCommandLine } = await import('./commands.ts')
    return await runCommandLine(argv)
  } catch (error) {
    return reportError(error)
  }
}

/** For the process of `bin/evalscope.mjs`: a reader that has gone is no error, and a stray bug ends with its code. */
export const guardProcess = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A terminal that was closed takes no more, as a pipe whose reader has gone.
    const isGone = error.code === 'EPIPE' || (error.code === 'EIO' && process.stdout.isTTY)
    if (!isGone) process.exit(reportError(new OutputError(`cannot print: ${reasonOf(error)}`)))
  })
  // Lines about what happens may be lost, figures not: a full disk below `2> log` ends no run.
  process.stderr.on('error', () => {})
  process.on('uncaughtException', error => process.exit(reportError(error)))
  // Node aborts when it cannot set a terminal back that was closed: a hang-up ends the process as well, also with 129.
  const terminals = [0, 1, 2].filter(descriptor => isatty(descriptor))
  process.on('exit', () => {
    if (terminals.some(descriptor => !isatty(descriptor))) process.kill(process.pid, 'SIGHUP')
  })
}

const reportError = (error: unknown): number => {
  if (error instanceof UserError) {
    process.stderr.write(`evalscope: ${withoutOwnSecrets(error.message)}\n`)
    return error.exitCode
  }
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'EMFILE') {
    process.stderr.write('evalscope: no file descriptor is left for this process; raise the limit, ulimit -n 65536\n')
    return exitCodes.badInput
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(
    `evalscope: this is a bug in evalscope, please report it\n${plainLines(withoutOwnSecrets(stack))}\n`,
  )
  return exitCodes.bug
}
