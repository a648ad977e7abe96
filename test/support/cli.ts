import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The program as users start it; needs a build. */
export const bin = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))

/** The same by the name of a wrapper. */
export const wrapperBin = fileURLToPath(new URL('../../bin/evalscope-perf.mjs', import.meta.url))

/** How to start the program. */
export interface StartOptions {
  /** Default: `bin`. */
  readonly program?: string
  /** Added to an environment that holds nothing of the machine's but where its programs are. */
  readonly env?: Readonly<Record<string, string>>
  /** Working directory; a fresh one by default. */
  readonly directory?: string
  /** A command line that the program's own is put behind, such as one that sets a limit for it. */
  readonly through?: readonly string[]
  /** The program is killed after this, and the run then has no exit code. */
  readonly limitMs?: number
}

/** What a run of the program left behind. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Where it ran, and where its `outputs` stand. */
  readonly directory: string
}

/** A run of the program that is under way. */
export interface Running {
  readonly child: ChildProcess
  readonly directory: string
  /** What has come so far. */
  stdout(): string
  stderr(): string
  /** Resolves when stderr matches; rejects when the program ends without. */
  until(pattern: RegExp): Promise<void>
  readonly finished: Promise<Finished>
}

/** Keeps runs off the hubs, and what was once downloaded out of them. */
export const offHubs = { HF_HUB_OFFLINE: '1', EVALSCOPE_CACHE: '/nonexistent' } as const

/** The environment of a run, without what the machine or its user may have set. */
export const cleanEnvironment = (env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...offHubs,
  ...env,
})

/** Runs the program for the tests of one file, in directories that are removed after the last of them. */
export const createCli = () => {
  const root = mkdtempSync(join(tmpdir(), 'evalscope-cli-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const freshDirectory = (): string => mkdtempSync(join(root, 'run-'))

  const start = (argv: readonly string[], options: StartOptions = {}): Running => {
    const directory = options.directory ?? freshDirectory()
    const { program = bin, through = [] } = options
    const [command = process.execPath, ...rest] = [...through, process.execPath, program, ...argv]
    const child = spawn(command, rest, {
      cwd: directory,
      env: cleanEnvironment(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 30_000)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ code, signal, stdout, stderr, directory })
      })
    })
    const until = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(stderr)) resolve()
        }
        child.stderr.on('data', look)
        child.once('close', () => reject(new Error(`ended without ${String(pattern)}:\n${stderr}`)))
        look()
      })
    return { child, directory, stdout: () => stdout, stderr: () => stderr, until, finished }
  }

  return {
    freshDirectory,
    start,
    run: (argv: readonly string[], options?: StartOptions): Promise<Finished> => start(argv, options).finished,
  }
}

/** A command line in one string, split at blanks. */
export const words = (line: string): string[] => line.split(/\s+/).filter(word => word !== '')

/** Every file below a directory. */
export const filesIn = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

/** Path of the one file of this name in the run `name`, such as `parallel_1_number_10`. */
export const fileOf = (directory: string, name: string, file: string): string => {
  const found = filesIn(directory).filter(path => path.endsWith(join('/', name, file)))
  if (found.length === 1) return found[0] as string
  throw new Error(`${found.length} files ${name}/${file} in ${directory}: ${filesIn(directory).join(' ')}`)
}

/** A JSON file of the run `name`. */
export const jsonOf = (directory: string, name: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(fileOf(directory, name, file), 'utf8')) as Record<string, unknown>

/** The directories of the runs, in order of their names. */
export const runDirectories = (directory: string): string[] =>
  filesIn(directory)
    .filter(path => path.endsWith('benchmark_data.db'))
    .map(path => dirname(path).split('/').at(-1) as string)
    .sort()
