import { type ChildProcess, fork } from 'node:child_process'
import { ArgumentsError, TargetUnreachableError } from '../../errors.ts'
import { monotonicMs } from '../clock.ts'
import { builtEntry, closeChild, type SpawnedServer } from '../spawn.ts'
import type { LocalOptions, LocalReport, Telling } from './local-messages.ts'

/** What to serve, and who is told of it. */
export interface StartLocalOptions extends LocalOptions {
  readonly tell: Telling
  /** Gives up the start; the promise then rejects, with the child gone. */
  readonly signal: AbortSignal
}

/** A model that is served. */
export interface LocalServerProcess extends SpawnedServer {
  /** Aborts when its process ends by itself, with the `TargetUnreachableError` that says so. */
  readonly lost: AbortSignal
}

/**
 * Serves a model in a child process and resolves when it is loaded. Like the simulated server's, the child ignores the
 * signals of a terminal and ends with its channel to this process. Rejects with `ArgumentsError` for what the user can
 * mend: no library, no such model, a port in use.
 */
export const startLocalServer = async ({
  tell,
  signal,
  ...options
}: StartLocalOptions): Promise<LocalServerProcess> => {
  signal.throwIfAborted()
  const child = fork(builtEntry('local/local-child'), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const giveUp = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', giveUp)
  try {
    child.send(options)
    const url = await loaded(child, tell)
    child.unref()
    child.channel?.unref()
    const { lost, unwatch } = watchEnd(child)
    const close = (): Promise<void> => {
      unwatch()
      return closeChild(child)
    }
    return { url, lost, close }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** The server's address once the model is loaded; meanwhile tells what it is at, and since when. */
const loaded = (child: ChildProcess, tell: Telling): Promise<string> =>
  new Promise((resolve, reject) => {
    let [phase, sinceMs] = ['starting a process for the model' as string | undefined, monotonicMs()]
    const show = (): void => {
      if (phase === undefined) return
      const tookSec = Math.floor((monotonicMs() - sinceMs) / 1000)
      tell.show(tookSec === 0 ? phase : `${phase}, ${tookSec} s`)
    }
    show()
    const timer = setInterval(show, 1000)
    const fail = (error: Error): void => {
      clearInterval(timer)
      reject(error)
    }
    child.on('error', fail)
    child.once('exit', (code, signal) => fail(lostError('while it was loading', code, signal)))
    child.on('message', (report: LocalReport) => {
      if ('error' in report) fail(report.isUserError ? new ArgumentsError(report.error) : new Error(report.error))
      else if ('say' in report) tell.say(report.say)
      else if ('progress' in report) {
        // Tells more than what is waited for.
        phase = undefined
        tell.progress(report.progress)
      } else if ('show' in report) {
        ;[phase, sinceMs] = [report.show, report.show === phase ? sinceMs : monotonicMs()]
        show()
      } else {
        clearInterval(timer)
        resolve(report.url)
      }
    })
  })

const lostError = (when: string, code: number | null, signal: NodeJS.Signals | null, words = ''): Error => {
  const hint = signal === 'SIGKILL' ? '; the machine may have too little memory for the model' : words
  return new TargetUnreachableError(`the local model's process ended ${when} (${signal ?? code})${hint}`)
}

/** Tells when the child ends by itself. */
const watchEnd = (child: ChildProcess): { readonly lost: AbortSignal; unwatch(): void } => {
  const lost = new AbortController()
  let words = ''
  child.on('message', (report: LocalReport) => {
    if ('error' in report) words = `: ${report.error}`
  })
  const tell = (code: number | null, signal: NodeJS.Signals | null): void =>
    lost.abort(lostError('during the benchmark', code, signal, words))
  child.once('exit', tell)
  return { lost: lost.signal, unwatch: () => void child.off('exit', tell) }
}
