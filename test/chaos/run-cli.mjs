import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expired, good, wrongHost } from './certificates.mjs'

const here = name => fileURLToPath(new URL(name, import.meta.url))
const bin = here('../../bin/evalscope.mjs')
/** A run that takes longer has hung. */
const hungAfterMs = 100_000

/** Runs `evalscope perf` on these prompts, and gives what it printed, stored and took. */
export const runCli = async (prompts, flags, env = {}, model = 'm') => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-chaos-'))
  try {
    writeFileSync(join(directory, 'prompts.txt'), prompts.join('\n'))
    writeFileSync(join(directory, 'trusted.pem'), [good, wrongHost, expired].map(({ cert }) => cert).join('\n'))
    const argv = [
      'perf',
      ...(model === null ? [] : ['--model', model]),
      '--dataset',
      'line_by_line',
      '--dataset-path',
      'prompts.txt',
    ]
    const finished = await spawned([...argv, '-n', String(prompts.length), ...flags], directory, env)
    return { ...finished, rows: rowsIn(directory), peakMb: peakIn(directory) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const spawned = (argv, directory, env) =>
  new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const child = spawn(process.execPath, ['--expose-gc', '--import', here('memory-hook.mjs'), bin, ...argv], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        HF_HUB_OFFLINE: '1',
        EVALSCOPE_CACHE: join(directory, 'cache'),
        NODE_EXTRA_CA_CERTS: join(directory, 'trusted.pem'),
        CHAOS_MEMORY_FILE: join(directory, 'memory'),
        ...env,
      },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), hungAfterMs)
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', text => {
        said[name] += text
      })
    }
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, hung: signal === 'SIGKILL', tookSec: (performance.now() - startedMs) / 1000, ...said })
    })
  })

const peakIn = directory => {
  const file = join(directory, 'memory')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) / 1024 ** 2 : undefined
}

const rowsIn = directory => {
  const [path] = readdirSync(directory, { recursive: true }).filter(name => name.endsWith('benchmark_data.db'))
  return path === undefined ? [] : query(join(directory, path), 'SELECT * FROM result ORDER BY record_index')
}

const load = createRequire(import.meta.url)

const query = (path, sql) => {
  try {
    const Native = load('better-sqlite3')
    const database = new Native(path, { readonly: true })
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    const { Database } = load('node-sqlite3-wasm')
    const database = new Database(path, { fileMustExist: true })
    try {
      return database.all(sql)
    } finally {
      database.close()
    }
  }
}
