// The whole tool, as a program uses it: database, progress and tables included.
import { subscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { machineOffsetMs } from '../clock.mjs'
import { promptText } from './slots.mjs'

/** Parts of a run whose costs are told apart. */
const markCount = 4

/**
 * Tells the meter when the first of `requests` leaves and when the last answer ends, by what undici says of both, from
 * the moment it is armed. It listens from the start: a channel that gets its first listener makes V8 compile undici anew.
 * The rehearsal sends to an address of its own.
 */
const watchRequests = ({ requests, url }, meter) => {
  const { origin } = new URL(url)
  // What is asked of the server for the record's sake is a GET.
  const isMeasured = request => request.origin === origin && request.method === 'POST'
  let isArmed = false
  let [sent, ended] = [0, 0]
  subscribe('undici:request:create', ({ request }) => {
    if (isArmed && isMeasured(request) && ++sent === 1) meter.begin()
  })
  subscribe('undici:request:trailers', ({ request }) => {
    if (!isArmed || !isMeasured(request)) return
    if (++ended % Math.ceil(requests / markCount) === 0) meter.mark()
    if (ended === requests) meter.loadEnd()
  })
  return () => {
    isArmed = true
    // Worker threads do not tell.
    meter.prepare()
  }
}

const task = ({ url, streams, requests, kind, options }, outputsDir) => ({
  url,
  model: 'm',
  prompt: promptText,
  parallel: [streams],
  number: [requests],
  stream: kind !== 'plain',
  seed: 1,
  noTestConnection: true,
  outputsDir,
  ...options,
})

/** What the rows say, with times on the machine's clock. */
const readRows = async (outputsDir, isRecorded, replay) => {
  const name = readdirSync(outputsDir, { recursive: true }).find(path => path.endsWith('.db'))
  const offsetMs = machineOffsetMs() - performance.timeOrigin
  const found = { chunks: 0, sharedReads: 0, streams: [] }
  const onRecord = ({ requestId, sentUs, ttftUs, gapsUs, chunkCount }) => {
    found.chunks += chunkCount
    // Chunks of one read have one stamp.
    for (const gapUs of gapsUs) if (gapUs === 0) found.sharedReads++
    if (!isRecorded || ttftUs === undefined) return
    let arrivalUs = sentUs + ttftUs
    const arrivalsMs = [arrivalUs / 1000 + offsetMs]
    for (const gapUs of gapsUs) {
      arrivalUs += gapUs
      arrivalsMs.push(arrivalUs / 1000 + offsetMs)
    }
    found.streams.push({ id: requestId, sentMs: sentUs / 1000 + offsetMs, arrivalsMs })
  }
  await replay(join(outputsDir, name), onRecord, { withoutResponses: true })
  return found
}

/** One benchmark in a directory of its own; its rows are read before that goes. */
const benchmark = async (load, tool, options) => {
  const outputsDir = mkdtempSync(join(tmpdir(), 'evalscope-bench-'))
  try {
    const [{ summary }] = Object.values(await tool.runPerfBenchmark(task(load, outputsDir), options))
    const returnedMs = performance.now() + machineOffsetMs()
    const found = await readRows(outputsDir, load.record === true, tool.replay)
    return { ...found, returnedMs, requests: summary.succeededRequests }
  } finally {
    rmSync(outputsDir, { recursive: true })
  }
}

/** Puts `load` on the source, after `load.warmRuns` runs of `load.warmRequests` that are not measured. */
export const run = async (load, meter) => {
  const dist = load.dist ?? fileURLToPath(new URL('../../../dist/', import.meta.url))
  const { runPerfBenchmark } = await import(join(dist, 'index.js'))
  const tool = { runPerfBenchmark, ...(await import(join(dist, 'store/replay.js'))) }
  const arm = watchRequests(load, meter)
  for (let warm = 0; warm < (load.warmRuns ?? 0); warm++) {
    await benchmark({ ...load, requests: load.warmRequests }, tool, {})
  }
  arm()
  // The first table is printed when every row is in the database.
  let isFirstTable = true
  const print = () => {
    if (isFirstTable) meter.end()
    isFirstTable = false
  }
  return benchmark(load, tool, { say: () => {}, print })
}
