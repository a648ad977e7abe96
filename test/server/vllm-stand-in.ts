import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '../support/wait.ts'

/** What the stand-in notes when it is started. */
export interface StandInNote {
  /** `vllm` or `python`. */
  readonly called: string
  readonly argv: readonly string[]
  /** Its own, and that of a worker which only SIGKILL ends. */
  readonly pids: readonly number[]
  readonly hasToken: boolean
  readonly hasKey: boolean
}

/** How the stand-in behaves: serves, dies at once, dies at the tenth request, never answers. */
export type StandInMode = 'serves' | 'dies' | 'dies-later' | 'sick'

/** `vllm` itself with an `nvidia-smi`, or a Python with vLLM behind one without. */
export type Launcher = 'program' | 'module'

/** Where they are. */
export const standInFolder = (name: Launcher): string =>
  fileURLToPath(new URL(`../fixtures/vllm/${name}`, import.meta.url))

/** An environment whose PATH has nothing but the stand-in, and what became of it. */
export const createStandIn = (directory: string, mode: StandInMode, launcher: Launcher) => {
  const path = join(directory, 'stand-in.notes')
  const text = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const starts = (): readonly StandInNote[] =>
    (text().match(/.*"called".*\n/g) ?? []).map(line => JSON.parse(line) as StandInNote)
  const isGone = (): boolean => starts().every(({ pids }) => pids.every(isOver))
  const env = {
    PATH: standInFolder(launcher),
    STAND_IN_NODE: process.execPath,
    STAND_IN_NOTES: path,
    STAND_IN_MODE: mode,
  }
  const untilLoaded = (): Promise<void> => waitUntil(() => text().includes('"requests":10'))
  return { env, starts, isGone, untilLoaded, untilGone: () => waitUntil(isGone) }
}

/** Whether a process has ended; its parent may not have asked for the exit code. */
export const isOver = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return true
  }
}

/** A port of 127.0.0.1 at which nothing listens. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
