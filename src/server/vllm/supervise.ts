import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../arguments/endpoint.ts'
import { signalGroup } from './process-group.ts'
import type { Command } from './vllm-command.ts'

/** What the supervisor is to start and how to end it; sent to it as it is. */
export interface Order {
  readonly command: Command
  readonly env: Environment
  /** Everything the command prints goes to the end of this file. */
  readonly logPath: string
  /** Masked in what it prints. */
  readonly secrets: readonly string[]
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
}

/** What the supervisor tells: the group it has made, a line of the command's output, how the command ended by itself. */
export type Report = { readonly groupId: number } | { readonly line: string } | { readonly ended: string }

/** What is said to the supervisor: that lines are not read any more, that all is to end. A closed channel says that too. */
export type Request = 'hush' | 'end'

/** Takes what the supervisor tells. */
export interface Listener {
  /** A late line of the output, a few times a second. */
  onLine(line: string): void
  /** The command is over by itself: `exit code 1`, `SIGKILL`. */
  onEnded(how: string): void
}

/** A command that ends with this process, however that ends. */
export interface Supervised {
  /** No more lines: a load generator must not be woken by a server's log. */
  hush(): void
  /** Ends the command with all it has started, and resolves when that is gone; false when some of it is not. */
  close(): Promise<boolean>
}

/**
 * Starts a command in a process group of its own, below a supervisor that ends this group when its channel to this
 * process closes. Both have sessions of their own: a terminal's Ctrl-C does not reach them, and who kills our group
 * does not kill them.
 */
export const supervise = (order: Order, listener: Listener): Supervised => {
  const child = fork(supervisorPath(), { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  let groupId: number | undefined
  let isClosing = false
  let hasEnded = false
  const onEnded = (how: string): void => {
    if (!hasEnded) listener.onEnded(how)
    hasEnded = true
  }
  child.on('message', (report: Report) => {
    if ('groupId' in report) groupId = report.groupId
    else if ('line' in report) listener.onLine(report.line)
    else onEnded(report.ended)
  })
  // Also for what could not be sent to a supervisor that is gone.
  child.on('error', error => {
    if (!isClosing) onEnded(`its supervisor cannot run: ${error.message}`)
  })
  // After `exit`, which may come before the group that it told of is read: nobody else would end that then.
  child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
    if (code !== 0 && code !== notAllGone && groupId !== undefined) signalGroup(groupId, 'SIGKILL')
    if (!isClosing) onEnded(`its supervisor ended, ${signal ?? `exit code ${code}`}`)
  })
  child.send(order)
  child.unref()
  child.channel?.unref()
  return {
    hush: () => ask(child, 'hush'),
    close: () => {
      isClosing = true
      return close(child)
    },
  }
}

/** Exit code of a supervisor that could not end all of the group. */
export const notAllGone = 9

/** Beside this file; from source, where Node could not run it, the built one. */
const supervisorPath = (): string => {
  const fromSource = import.meta.url.endsWith('.ts')
  const name = 'vllm-supervisor.js'
  const path = fileURLToPath(new URL(fromSource ? `../../../dist/server/vllm/${name}` : `./${name}`, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`)
  return path
}

const ask = (child: ChildProcess, request: Request): void => {
  // One that is gone is told of by `close`.
  if (child.connected) child.send(request, () => {})
}

const close = async (child: ChildProcess): Promise<boolean> => {
  if (child.exitCode === null && child.signalCode === null) {
    child.ref()
    child.channel?.ref()
    // After all that it has told.
    const closed = new Promise(resolve => child.once('close', resolve))
    ask(child, 'end')
    await closed
  }
  return child.exitCode !== notAllGone
}
