// Whether the verdict is right where it must be: `npm run build && node test/bench/verdict.mjs [--sweeps 20]`.
//
// The README's own sweep has to be VALID each time, and 2000 streams of 50 tokens a second on one worker must not be.
// Ends with 1 where either is not so. On a busy machine the first is none of the client's doing: its reasons are shown.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startSource } from './processes.mjs'

const { values } = parseArgs({ options: { sweeps: { type: 'string', default: '20' } } })
const sweeps = Number(values.sweeps)
if (!Number.isSafeInteger(sweeps) || sweeps < 0) {
  console.error(`--sweeps must be a whole number from 0, got ${values.sweeps}`)
  process.exit(2)
}

const cli = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))

/** Runs `evalscope perf`; gives each run's summary. */
const perf = async args => {
  const outputs = mkdtempSync(join(tmpdir(), 'evalscope-bench-'))
  try {
    await new Promise((resolve, reject) => {
      const all = [cli, 'perf', ...args, '--outputs-dir', outputs]
      execFile(process.execPath, all, { maxBuffer: 2 ** 26 }, (error, _, stderr) =>
        error ? reject(new Error(`evalscope perf failed: ${stderr.trim().split('\n').at(-1)}`)) : resolve(),
      )
    })
    return readdirSync(outputs, { recursive: true })
      .filter(path => path.endsWith('benchmark_summary.json'))
      .map(path => JSON.parse(readFileSync(join(outputs, path), 'utf8')))
  } finally {
    rmSync(outputs, { recursive: true, force: true })
  }
}

const wordsOf = ({ verdict, statement, reasons }) =>
  [verdict ?? 'none', ...(statement === null ? [] : [statement]), ...reasons.map(({ message }) => message)].join(
    '\n    ',
  )

/** How many sweeps had nothing but VALID runs. */
const countValid = async () => {
  let valid = 0
  for (let sweep = 1; sweep <= sweeps; sweep++) {
    const runs = await perf(['--api', 'simulated', '--parallel', '1', '10', '50'])
    const others = runs.filter(({ verdict }) => verdict.verdict !== 'VALID')
    if (others.length === 0) valid++
    console.log(`sweep ${sweep}: ${runs.length - others.length} of ${runs.length} runs VALID`)
    for (const run of others) console.log(`  ${run.Concurrency} in flight: ${wordsOf(run.verdict)}`)
  }
  return valid
}

const streams = 2000
const tokens = 250

/** The verdict of more than one thread can take. */
const overloaded = async () => {
  const source = await startSource()
  try {
    await source.configure({ kind: 'stream', pace: 'spread', tokens, ratePerSec: 50 })
    const load = ['--parallel', streams, '--number', 2 * streams, '--workers', 1, '--read-timeout', 60]
    const [run] = await perf(['--url', source.url, '--model', 'm', '--no-test-connection', ...load].map(String))
    const { wasLimit } = await source.report()
    return { verdict: run.verdict, wasLimit }
  } finally {
    source.close()
  }
}

const valid = await countValid()
console.log(`${valid} of ${sweeps} sweeps VALID`)
const { verdict, wasLimit } = await overloaded()
console.log(`${streams} streams x 50/s on one worker: ${wordsOf(verdict)}`)
if (wasLimit) console.log('  the source was late, too: what is said of latencies is not the client alone')
if (valid < sweeps || verdict.verdict === 'VALID') process.exitCode = 1
