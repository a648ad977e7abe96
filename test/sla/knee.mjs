// Whether the SLA search finds the knee that a server is known to have: `npm run build && node test/sla/knee.mjs`.
//
//   --seeds 5     searches, each with another seed of the server and of the prompts
//   --variable parallel   or rate
//
// The simulated server has places for a known number of requests (`evalscope serve --explain`); more of them wait, and
// their TTFT shows it. Ends with 1 where an answer is further from that than the next value that was measured.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startServer } from './server.mjs'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    variable: { type: 'string', default: 'parallel' },
  },
})

const cli = fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url))

/**
 * Ten places. A request holds one for 200 ms and 15 steps, of 24 ms when all are taken: 0.56 s, so that 17.8 requests a
 * second are the most. Evenly spaced ones find a place up to there; beyond, each waits longer than the one before.
 */
const knobs = { '--max-batch': 10, '--itl': 20, '--prefill-base': 200, '--prefill-rate': 'Infinity' }
const known = {
  parallel: { knee: 10, flags: '--parallel 2 --sla-upper-bound 64 --sla-number-multiplier 3 --sla-point-seconds 10' },
  rate: {
    knee: 17.8,
    flags: '--rate 8 --arrival constant --sla-upper-bound 100 --sla-number-multiplier 10 --sla-point-seconds 20',
  },
}[values.variable]

/** Searches once; gives the `search` of sla_summary.json. */
const search = async (url, seed) => {
  const outputs = mkdtempSync(join(tmpdir(), 'evalscope-sla-'))
  const flags =
    `--url ${url} --prompt hello --max-tokens 16 --seed ${seed} --sleep-interval 0 --outputs-dir ${outputs} ` +
    `--sla-auto-tune --sla-variable ${values.variable} --sla-num-runs 2 ${known.flags}`
  const params = ['--sla-params', '{"p95_ttft": "<=450"}']
  try {
    await new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [cli, 'perf', ...flags.split(' '), ...params],
        { maxBuffer: 2 ** 26 },
        (error, _, stderr) =>
          error ? reject(new Error(`evalscope perf failed: ${stderr.trim().split('\n').at(-1)}`)) : resolve(),
      )
    })
    const [path] = readdirSync(outputs, { recursive: true }).filter(name => name.endsWith('sla_summary.json'))
    return JSON.parse(readFileSync(join(outputs, path), 'utf8')).search
  } finally {
    rmSync(outputs, { recursive: true, force: true })
  }
}

/** Whether no measured value lies between the answer and the knee. */
const isNext = (answer, measured, knee) => {
  const [low, high] = [Math.min(answer, knee), Math.max(answer, knee)]
  return measured.filter(value => value > low && value < high).length === 0
}

let missed = 0
console.log(`knee at --${values.variable} ${known.knee}`)
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const server = await startServer({ ...knobs, '--seed': seed })
  const startMs = performance.now()
  try {
    const { groups, queue_starts: queue } = await search(server.url, seed)
    const [{ max_satisfied: answer, path }] = groups
    const visits = path.map(({ value }) => value)
    const isFound = answer !== null && isNext(answer, visits, known.knee)
    if (!isFound) missed++
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
    const doubts = path.filter(({ verdict }) => verdict !== 'VALID').length
    console.log(
      `seed ${seed}: ${answer} ${isFound ? 'ok' : 'MISSED'}, path ${visits.join(' ')}, queue ${queue?.after} to ${queue?.at}, ` +
        `${doubts} of ${visits.length} values not VALID, ${seconds} s`,
    )
  } finally {
    server.close()
  }
}
process.exitCode = missed === 0 ? 0 : 1
