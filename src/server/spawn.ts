import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ArgumentsError } from '../errors.ts'
import type { SimulationKnobs } from './knobs.ts'

/** How to start a simulated server in a process of its own; sent to the child as it is. */
export interface SpawnOptions {
  /** What differs from `defaultKnobs`. */
  readonly knobs?: Partial<SimulationKnobs>
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Directory of the tokenizer that counts prompt tokens. */
  readonly tokenizerPath?: string | undefined
}

/** What the child says once: that it listens, or why it cannot. */
export type ChildReport = { readonly url: string } | { readonly error: string; readonly isUserError: boolean }

/** A server in a child process. */
export interface SpawnedServer {
  /** Base address without a path, `http://127.0.0.1:41234`. */
  readonly url: string
  /** Ends the child and resolves when it is gone; kills it after 2 s. */
  close(): Promise<void>
}

const START_LIMIT_MS = 30_000
const CLOSE_LIMIT_MS = 2000

/**
 * Starts the simulated server in a child process and resolves when it listens. The child ignores the signals of a
 * terminal and lives as long as its channel to this process, so it cannot outlive us. It does not keep this process
 * alive either. Rejects with `ArgumentsError` for impossible options and with `Error` when the child does not start.
 */
export const spawnSimulatedServer = async (options: SpawnOptions = {}): Promise<SpawnedServer> => {
  const child = fork(builtEntry('simulated-child'), {
    execArgv: [],
    // Knobs may be Infinity, which JSON cannot say.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    child.send(options)
    const { url } = await report(child)
    child.unref()
    child.channel?.unref()
    return { url, close: () => closeChild(child) }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** Path of the entry `name` of a child process, below this folder; from source, where Node could not run it, the built one. */
export const builtEntry = (name: string): string => {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/server/' : './'
  const path = fileURLToPath(new URL(`${folder}${name}.js`, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`)
  return path
}

const report = (child: ChildProcess): Promise<{ readonly url: string }> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error(`${failed} within ${START_LIMIT_MS / 1000} s`)), START_LIMIT_MS)
    // More than once: sending to a child that is gone is one, its broken channel another.
    child.on('error', fail)
    child.once('exit', (code, signal) => fail(new Error(`${failed}: it ended at once (${signal ?? code})`)))
    child.once('message', (message: ChildReport) => {
      if ('error' in message)
        return fail(message.isUserError ? new ArgumentsError(message.error) : new Error(message.error))
      clearTimeout(timer)
      resolve(message)
    })
  })

const failed = 'the simulated server did not start'

/** Ends a child that lives as long as its channel, and resolves when it is gone; kills it after 2 s. */
export const closeChild = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.ref()
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    if (child.connected) child.disconnect()
  })
