import { exitCodes } from '../errors.ts'
import type { StopSignals } from '../load/stop.ts'

/** Requests under way get this long after the first signal. */
const drainMs = 5000

/** The process's signals as a run sees them. */
export interface SignalWatch {
  readonly stop: StopSignals
  /** Run before a second signal ends the process at once. */
  readonly lastActs: Set<() => void>
  /** The code to leave with when a signal has come. */
  exitCode(): number | undefined
  /** Gives signals back to their defaults. */
  close(): void
}

/**
 * Ctrl-C and SIGTERM: the first stops dispatching and gives requests under way 5 s, then cuts them; the second leaves
 * at once, with the rows safe.
 */
export const watchSignals = (): SignalWatch => {
  const draining = new AbortController()
  const cutting = new AbortController()
  const lastActs = new Set<() => void>()
  let exitCode: number | undefined
  let timer: NodeJS.Timeout | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted
    if (exitCode !== undefined) {
      for (const act of lastActs) act()
      process.exit(code)
    }
    exitCode = code
    process.stderr.write(`\nstopping: requests under way have ${drainMs / 1000} s; once more leaves at once\n`)
    draining.abort()
    timer = setTimeout(() => cutting.abort(), drainMs)
    timer.unref()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    stop: { draining: draining.signal, cutting: cutting.signal },
    lastActs,
    exitCode: () => exitCode,
    close: () => {
      clearTimeout(timer)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
