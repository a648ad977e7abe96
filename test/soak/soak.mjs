// Whether a long run at a high rate stays as it began: `npm run test:soak -- --minutes 10`.
//
// First the load is climbed, until the verdict is no longer VALID or the server cannot keep its times; then a share of
// the last load that held is put on for minutes. Every 5 s the process tells what it holds; its own table `health` says
// how late its stamps were. Judged is the second half: at first code is compiled and buffers find their size. The server
// counts what it got. Ends with 1 when something grew, was lost or was left behind. `--write` keeps the result in
// test/soak/result.md, `--samples FILE` all that was seen.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from '../bench/machine.mjs'
import { startSource } from '../bench/processes.mjs'
import { fixed, table } from '../bench/table.mjs'
import { judge } from './judge.mjs'
import { filesIn, runPerf } from './run.mjs'
import { countRows, healthSamples } from './stored.mjs'

/** Answers of a small model on a GPU: a second each, so that requests begin and end all the time, too. */
const answers = { kind: 'stream', tokens: 50, ttftMs: 100, ratePerSec: 50 }
const ladder = [50, 100, 150, 200, 300, 400, 500, 600, 800, 1000]
const rungSec = 8
const sampleMs = 5000

const mb = bytes => bytes / 2 ** 20

/** The most that each figure may gain in a minute. */
const figures = [
  // Of a request 16 bytes and three ratios are kept, and the allocator rounds up.
  { key: 'rssMb', label: 'RSS', unit: 'MB', most: 3, hasTeeth: true },
  { key: 'heapMb', label: 'heap used', unit: 'MB', most: 2, hasTeeth: true },
  { key: 'externalMb', label: 'external', unit: 'MB', most: 1, hasTeeth: true },
  { key: 'openFiles', label: 'open files', unit: '', most: 0.5 },
  { key: 'sockets', label: 'sockets', unit: '', most: 0.5 },
  { key: 'timers', label: 'timers', unit: '', most: 0.5 },
  { key: 'resources', label: 'active resources', unit: '', most: 0.5 },
  { key: 'walMb', label: 'write-ahead log', unit: 'MB', most: 10, hasTeeth: true },
]
const delays = [
  { key: 'selfDelayP50', label: 'self-delay p50', unit: 'ms', most: 0.05 },
  { key: 'selfDelayP99', label: 'self-delay p99', unit: 'ms', most: 0.25 },
]

const flagsFor = (url, streams, seconds, more = []) => [
  ...['--url', url, '--model', 'm', '--seed', '1', '--no-test-connection', '--max-tokens', '64'],
  ...['--parallel', String(streams), '--duration', String(seconds), '--grace', '10', ...more],
]

/** Puts so many streams on for seconds; whether they are VALID while the server keeps its times. */
const tryRung = async (source, directory, streams) => {
  await source.configure(answers)
  const { figures: found } = await runPerf(flagsFor(source.url, streams, rungSec), { directory, sampleMs })
  const { wasLimit } = await source.report()
  rmSync(directory, { recursive: true })
  const { verdict } = found.verdict
  const rate = fixed(found['Req Throughput (req/s)'], 0)
  const reasons = [...found.verdict.reasons.map(({ name }) => name), ...(wasLimit ? ['the server was late'] : [])]
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`
  console.log(`${String(streams).padStart(5)} streams: ${rate} req/s, ${verdict}${why}`)
  return verdict === 'VALID' && !wasLimit
}

/** The most streams that hold; what something else on the machine has disturbed is tried again. */
const climb = async (source, directory) => {
  let best
  for (const streams of ladder) {
    let holds = false
    for (let tries = 0; tries < 3 && !holds; tries++) holds = await tryRung(source, join(directory, 'climb'), streams)
    if (!holds) break
    best = streams
  }
  if (best === undefined) throw new Error(`not even ${ladder[0]} streams are VALID here; free the machine`)
  return best
}

const soak = async (source, directory, { streams, minutes, more }) => {
  await source.configure(answers)
  const [samples, startMs] = [[], Date.now()]
  const take = ({ atMs, rss, heapUsed, external, ...counts }) => {
    const files = filesIn(directory)
    const size = ending =>
      mb(files.filter(({ path }) => path.endsWith(ending)).reduce((sum, { bytes }) => sum + bytes, 0))
    const minute = (atMs - startMs) / 60_000
    samples.push({
      minute,
      ...{ rssMb: mb(rss), heapMb: mb(heapUsed), externalMb: mb(external), ...counts },
      ...{ databaseMb: size('.db'), walMb: size('.db-wal') },
    })
    const last = samples.at(-1)
    process.stderr.write(
      `${fixed(minute, 1)} min: RSS ${fixed(last.rssMb, 0)} MB, heap ${fixed(last.heapMb, 0)} MB, ${last.sockets} sockets, database ${fixed(last.databaseMb + last.walMb, 0)} MB\n`,
    )
  }
  const ended = await runPerf(flagsFor(source.url, streams, Math.round(60 * minutes), more), {
    directory,
    sampleMs,
    onSample: take,
  })
  // Sockets that were closed are told to the server in its own time.
  await sleep(500)
  return { ...ended, startMs, samples, source: await source.report() }
}

/** Connections to the server that are still open, as Linux tells; undefined elsewhere. */
const openConnections = url => {
  try {
    const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0')
    const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
    return lines.filter(line => new RegExp(`^\\s*\\d+: \\S+ \\S+:${port} 01 `).test(line)).length
  } catch {
    return undefined
  }
}

const isAlive = pid => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const usualFile =
  /(benchmark\.log|perf_report\.html|performance_metrics\.(svg|png)|benchmark_data\.db|performance_summary\.txt|\w+\.json)$/

/** What is to be so at the end, and whether it is. */
const checks = (run, { directory, url, rows, minutes }) => {
  const { figures: found, source } = run
  const [sent, ended] = [rows.all, rows.succeeded + rows.failed + rows.cutOff]
  const extra = filesIn(directory)
    .map(({ path }) => path)
    .filter(path => !usualFile.test(path))
  const open = openConnections(url)
  return [
    [`exit code 0: ${run.code}`, run.code === 0],
    [`${run.samples.length} samples taken`, run.samples.length >= Math.floor((0.8 * 60_000 * minutes) / sampleMs)],
    [
      `requests sent: ${sent} = ${rows.succeeded} succeeded + ${rows.failed} failed + ${rows.cutOff} cut off`,
      sent === ended && sent > 0,
    ],
    [
      `the summary has as many: ${found['Total Requests']} ended, ${found['Cut Off Requests'] ?? 0} cut off`,
      found['Total Requests'] + (found['Cut Off Requests'] ?? 0) === sent,
    ],
    [
      `the server got as many: ${source.requests}, and answered ${source.answered}`,
      source.requests === sent + rows.resent && source.answered >= rows.succeeded && source.answered <= sent,
    ],
    [
      `chunks stored ${rows.chunks}, written by the server ${source.chunks}`,
      rows.cutOff + rows.failed > 0 || rows.chunks === source.chunks,
    ],
    [`no file left over${extra.length > 0 ? `: ${extra.join(' ')}` : ''}`, extra.length === 0],
    [`no connection left open${open ? `: ${open}` : ''}`, !open],
    ['no process left', !isAlive(run.pid)],
  ]
}

const line = ({ label, unit, first, last, slope, most, isFlat }) => {
  const decimals = unit === 'ms' ? 3 : 1
  return [
    label,
    unit,
    fixed(first, decimals),
    fixed(last, decimals),
    fixed(slope, decimals + 1),
    fixed(most, 2),
    isFlat ? 'flat' : 'GROWS',
  ]
}

const head = ['figure', 'unit', 'first quarter', 'last quarter', 'slope a minute', 'at most', '']

const asMarkdown = rows => [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const report = ({ run, carried, streams, minutes, judged, ends, loads, databaseMb }) => {
  const { cpu, cores, memoryGb, node, platform } = machine()
  const { figures: found } = run
  return `# Soak: ${minutes} minutes at a high rate

\`npm run test:soak -- --minutes ${minutes} --write\`, ${new Date(run.startMs).toISOString().slice(0, 10)}, on ${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${platform};
client and server on the same machine, whose load average was ${loads.map(load => load.toFixed(1)).join(' before and ')} after.

The most that was VALID here: ${carried} streams. Soaked with ${streams}: answers of ${answers.tokens} tokens at ${answers.ratePerSec}/s after ${answers.ttftMs} ms;
${fixed(found['Req Throughput (req/s)'], 0)} requests and ${fixed(found['Req Throughput (req/s)'] * answers.tokens, 0)} chunks a second, ${found['Total Requests']} requests in all, a database of ${fixed(databaseMb, 0)} MB. Verdict: ${found.verdict.verdict}.

${asMarkdown(judged.map(line))}

The slope is that of the second half, by least squares; of memory by the least of every 30 s.

${ends.map(([what, isSo]) => `* ${isSo ? 'yes' : '**NO**'}: ${what}`).join('\n')}
`
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    streams: { type: 'string' },
    share: { type: 'string', default: '0.6' },
    flag: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
    samples: { type: 'string' },
  },
})
const work = mkdtempSync(join(tmpdir(), 'evalscope-soak-'))
const source = await startSource()
try {
  const loadBefore = loadavg()[0]
  const carried = values.streams === undefined ? await climb(source, work) : Number(values.streams)
  const streams = values.streams === undefined ? Math.round(carried * Number(values.share)) : carried
  const minutes = Number(values.minutes)
  const directory = join(work, 'soak')
  mkdirSync(directory)
  console.log(`soaking with ${streams} streams for ${minutes} minutes`)
  const run = await soak(source, directory, { streams, minutes, more: values.flag })
  const database = filesIn(directory).find(({ path }) => path.endsWith('benchmark_data.db'))
  const inHealth = healthSamples(database.path, run.startMs)
  const judged = [
    ...figures.map(figure => judge(run.samples, figure)),
    ...delays.map(figure => judge(inHealth, figure)),
  ]
  const ends = checks(run, { directory, url: source.url, rows: countRows(database.path), minutes })
  console.log(`\n${table(head, judged.map(line)).join('\n')}\n`)
  for (const [what, isSo] of ends) console.log(`${isSo ? 'yes' : 'NO '}  ${what}`)
  if (ends.some(([, isSo]) => !isSo) || judged.some(({ isFlat }) => !isFlat)) process.exitCode = 1
  const loads = [loadBefore, loadavg()[0]]
  const text = report({ run, carried, streams, minutes, judged, ends, loads, databaseMb: mb(database.bytes) })
  if (values.samples) writeFileSync(values.samples, JSON.stringify({ samples: run.samples, inHealth }))
  if (values.write) writeFileSync(fileURLToPath(new URL('./result.md', import.meta.url)), text)
} finally {
  source.close()
  rmSync(work, { recursive: true, force: true })
}
