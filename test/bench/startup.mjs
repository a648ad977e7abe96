// How long the command takes to start, as ratios to a bare Node: `npm run build && node test/bench/startup.mjs`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'bin/evalscope.mjs')
const answer = 'data: {"choices":[{"delta":{"content":"A"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

// Without a network, the look for the default dataset on its hub would be most of it.
const env = { ...process.env, HF_HUB_OFFLINE: '1' }

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/**
 * Medians in ms over `rounds` rounds, each of which runs every command once, so that a machine that gets slower does
 * so for all: bare Node, `--version`, `--help`, and from the start of `perf --url …` to its first request.
 */
export const measureStartup = async (rounds, withNpx = false) => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-startup-'))
  let onRequest = () => {}
  const server = createServer((request, response) => {
    onRequest(performance.now())
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  const run = (command, args, cwd) =>
    new Promise((resolve, reject) => {
      let firstRequestMs
      const startMs = performance.now()
      onRequest = nowMs => {
        firstRequestMs ??= nowMs - startMs
      }
      const child = spawn(command, args, { cwd, env, stdio: 'ignore' })
      child.on('error', reject)
      child.on('exit', () => resolve({ wholeMs: performance.now() - startMs, firstRequestMs }))
    })
  const times = { bare: [], version: [], help: [], firstRequest: [], npx: [] }
  for (let round = 0; round < rounds; round++) {
    times.bare.push((await run(process.execPath, ['-e', '0'], directory)).wholeMs)
    times.version.push((await run(process.execPath, [bin, '--version'], directory)).wholeMs)
    times.help.push((await run(process.execPath, [bin, '--help'], directory)).wholeMs)
    const perf = await run(process.execPath, [bin, 'perf', '--url', url, '--model', 'm', '-n', '1'], directory)
    times.firstRequest.push(perf.firstRequestMs)
    if (withNpx) times.npx.push((await run('npx', ['evalscope', '--version'], root)).wholeMs)
  }
  await new Promise(resolve => server.close(resolve))
  rmSync(directory, { recursive: true })
  return Object.fromEntries(
    Object.entries(times).flatMap(([name, values]) => (values.length > 0 ? [[name, median(values)]] : [])),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bare, ...others } = await measureStartup(10, true)
  console.log(`bare node                     ${bare.toFixed(0)} ms`)
  for (const [name, ms] of Object.entries(others)) {
    console.log(`${name.padEnd(30)}${ms.toFixed(0)} ms, ${(ms / bare).toFixed(2)} x bare`)
  }
}
