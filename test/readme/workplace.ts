import { spawn } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../src/model/json.ts'

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a program left behind. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A directory as a user has it: `evalscope` is on the PATH and in node_modules. */
export interface Workplace {
  write(name: string, text: string): void
  /** Runs a program here; never longer than 15 s. */
  run(program: string, args: readonly string[]): Promise<Outcome>
  /** `benchmark_summary.json` of the run with this name. */
  summary(name: string): JsonObject
  remove(): void
}

/** Makes the directory below the system's temporary one. */
export const makeWorkplace = (): Workplace => {
  const path = mkdtempSync(join(tmpdir(), 'evalscope-readme-'))
  mkdirSync(join(path, 'bin'))
  mkdirSync(join(path, 'node_modules'))
  writeFileSync(join(path, 'bin/evalscope'), `#!/bin/sh\nexec "${process.execPath}" "${root}bin/evalscope.mjs" "$@"\n`)
  chmodSync(join(path, 'bin/evalscope'), 0o755)
  symlinkSync(root, join(path, 'node_modules/evalscope'), 'dir')

  const run = (program: string, args: readonly string[]): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, PATH: `${join(path, 'bin')}${delimiter}${process.env.PATH}` }
      const child = spawn(program, args, { cwd: path, env, timeout: 15_000 })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', bytes => (stdout += bytes))
      child.stderr.on('data', bytes => (stderr += bytes))
      child.once('error', reject)
      child.once('close', code => resolve({ code, stdout, stderr }))
    })

  const summary = (name: string): JsonObject => {
    const files = readdirSync(join(path, 'outputs'), { recursive: true, encoding: 'utf8' })
    const file = files.find(candidate => candidate.endsWith(join(name, 'benchmark_summary.json')))
    if (file === undefined) throw new Error(`no run is called ${name}`)
    return JSON.parse(readFileSync(join(path, 'outputs', file), 'utf8')) as JsonObject
  }

  return {
    write: (name, text) => writeFileSync(join(path, name), text),
    run,
    summary,
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
