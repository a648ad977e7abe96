import { exitCodes } from '../errors.ts'
import type { StopSignals } from '../load/stop.ts'

/** Requests under way get this long after the first signal. */
const drainMs = 5000

/**
 * npm and npx hand a terminal's Ctrl-C on to us, though it has reached us already: the same signal again within this
 * time is the same key press.
 */
const echoMs = 300

/** The signals that end a run, with the codes it then leaves with. A terminal that is closed hangs up. */
const codes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated, SIGHUP: exitCodes.hungUp } as const

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
 * Ctrl-C, SIGTERM and SIGHUP: the first stops dispatching and gives requests under way 5 s, then cuts them; the second leaves
 * at once, with the rows safe. `say` and `leave` take the lines that tell so.
 */
export const watchSignals = (say: (line: string) => void, leave: (line: string) => void): SignalWatch => {
  const draining = new AbortController()
  const cutting = new AbortController()
  const lastActs = new Set<() => void>()
  let exitCode: number | undefined
  let timer: NodeJS.Timeout | undefined
  let echo: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === echo) return
    const code = codes[signal as keyof typeof codes]
    if (exitCode !== undefined) {
      for (const act of lastActs) act()
      leave(`left at once${lastActs.size > 0 ? '; requests that had ended are in the database' : ''}`)
      process.exit(code)
    }
    exitCode = code
    echo = signal
    setTimeout(() => {
      echo = undefined
    }, echoMs).unref()
    say(`stopping: requests under way have ${drainMs / 1000} s; once more leaves at once`)
    draining.abort()
    timer = setTimeout(() => cutting.abort(), drainMs)
    timer.unref()
  }
  const signals = Object.keys(codes) as (keyof typeof codes)[]
  for (const signal of signals) process.on(signal, onSignal)
  return {
    stop: { draining: draining.signal, cutting: cutting.signal },
    lastActs,
    exitCode: () => exitCode,
    close: () => {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
