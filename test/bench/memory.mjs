// Whether memory stays flat in a long run: `npm run build && node --expose-gc test/bench/memory.mjs [--to 50000]`.
//
// Each load shape sends 1000 requests and then `--to`, in this process, to a server in another one. Measured is
// `heapUsed + external` after forced collections, with the run still on: the server holds its last answer back until
// that is done, so all that a run keeps of its requests (figures, timeline, rows on their way to the database) counts;
// results that were returned do not. "Highest" is taken every 5 s meanwhile. SQLite's own memory is not in it.
// Ends with 1 when a shape holds over 30 MB more in the long run than in the short one.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const shapes = {
  closed: () => ({ parallel: [32] }),
  paced: rate => ({ parallel: [32], rate: [rate] }),
  open: rate => ({ rate: [rate], openLoop: true }),
}
const fewRequests = 1000
const mostGrowthMb = 30
const sampleEveryMs = 5000
/** Longer than a row waits for its commit: what is still held then, is held for good. */
const settleMs = 500

const chunk = content => `data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`
const ending =
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}\n\ndata: [DONE]\n\n'

/** The server: tells its URL, then, for each number it is sent, when that many requests have come; the last one waits. */
const serve = () => {
  let left = Number.POSITIVE_INFINITY
  let answerLast = () => {}
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('A'))
        response.end(chunk('B') + ending)
      }
      if (--left > 0) return answer()
      answerLast = answer
      process.send({ allHaveCome: true })
    })
  })
  process.on('message', ({ expect }) => {
    if (expect === undefined) answerLast()
    else left = expect
  })
  process.on('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}/v1` }))
}

const heldMb = () => {
  // What finalizers let go in the first is collected by the second.
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/** One run: MB held at its end, the highest every 5 s, and how fast it was. */
const measure = async (shape, number, { server, url, outputsDir, runPerfBenchmark }) => {
  let [endMb, highestMb] = [0, 0]
  const timer = setInterval(() => {
    highestMb = Math.max(highestMb, heldMb())
  }, sampleEveryMs)
  const onMessage = async ({ allHaveCome }) => {
    if (!allHaveCome) return
    await sleep(settleMs)
    endMb = heldMb()
    server.send({})
  }
  server.on('message', onMessage).send({ expect: number })
  const task = { ...shape, number: [number], url, model: 'm', seed: 1, noTestConnection: true, outputsDir }
  const [run] = Object.values(await runPerfBenchmark(task))
  clearInterval(timer)
  server.off('message', onMessage)
  const { succeededRequests, durationMs } = run.summary
  if (succeededRequests !== number) throw new Error(`only ${succeededRequests} of ${number} requests succeeded`)
  // Nothing was sent while the last answer was held back.
  const requestsPerSec = (1000 * number) / (durationMs - settleMs)
  return { endMb, highestMb: Math.max(highestMb, endMb), requestsPerSec }
}

const compare = async (toRequests, ratePerSec, names) => {
  const { runPerfBenchmark } = await import('../../dist/index.js')
  const outputsDir = mkdtempSync(join(tmpdir(), 'evalscope-memory-'))
  const server = fork(fileURLToPath(import.meta.url), ['--serve'], { execArgv: [] })
  try {
    const { url } = await new Promise(resolve => server.once('message', resolve))
    const parts = { server, url, outputsDir, runPerfBenchmark }
    const columns = ['shape', 'req/s', `MB at ${fewRequests}`, `MB at ${toRequests}`, 'highest MB', 'growth MB']
    console.log(columns.map(column => column.padStart(14)).join(''))
    for (const name of names) {
      const shape = shapes[name](ratePerSec)
      const short = await measure(shape, fewRequests, parts)
      const long = await measure(shape, toRequests, parts)
      const growthMb = long.highestMb - short.endMb
      const figures = [long.requestsPerSec, short.endMb, long.endMb, long.highestMb, growthMb]
      console.log([name, ...figures.map(figure => figure.toFixed(1))].map(text => text.padStart(14)).join(''))
      if (growthMb > mostGrowthMb) process.exitCode = 1
    }
    if (process.exitCode === 1) console.error(`memory grows by more than ${mostGrowthMb} MB`)
  } finally {
    server.disconnect()
    rmSync(outputsDir, { recursive: true })
  }
}

const { values } = parseArgs({
  options: {
    serve: { type: 'boolean' },
    to: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '1500' },
    shape: { type: 'string', multiple: true, default: Object.keys(shapes) },
  },
})
const unknown = values.shape.find(name => !Object.hasOwn(shapes, name))
const mistake =
  unknown === undefined
    ? globalThis.gc === undefined && 'what is held can only be told after a collection: start with node --expose-gc'
    : `--shape must be one of ${Object.keys(shapes).join(', ')}, got ${unknown}`
if (values.serve) serve()
else if (mistake) {
  console.error(mistake)
  process.exitCode = 2
} else await compare(Number(values.to), Number(values.rate), values.shape)
