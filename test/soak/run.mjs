import { fork } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))
const probe = new URL('./probe.mjs', import.meta.url).href

/** Every file below a directory, with its size in bytes. */
export const filesIn = directory =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .map(path => ({ path, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }))

/**
 * Runs `evalscope perf --json` with these flags in a process of its own. `onSample` hears every few seconds what the
 * process holds; resolves with its exit code, its document and what it said.
 */
export const runPerf = (flags, { directory, sampleMs, onSample = () => {} }) =>
  new Promise((resolve, reject) => {
    const child = fork(bin, ['perf', '--json', '--outputs-dir', directory, '--no-timestamp', ...flags], {
      execArgv: ['--import', probe],
      env: { ...process.env, SOAK_SAMPLE_MS: String(sampleMs), EVALSCOPE_CACHE: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('message', onSample)
    child.once('error', reject)
    child.once('close', code => {
      try {
        const [[name, run]] = Object.entries(JSON.parse(stdout).runs)
        resolve({ code, pid: child.pid, name, figures: run.metrics, stderr })
      } catch {
        reject(new Error(`evalscope perf ended with ${code} and no figures:\n${stderr}`))
      }
    })
  })
