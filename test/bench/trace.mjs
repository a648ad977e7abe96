// How soon a long trace begins to be replayed: `npm run build && node test/bench/trace.mjs [--lines 1000000]`.
//
// Writes a trace of lines of 300 bytes, replays it with the command line against a server in this process, and prints
// how long it took from the start of the program to the first request, and the most memory that the program had taken
// by then (VmHWM, Linux only). `--shuffled` writes the lines in no order. Ends with 1 above 3 s or 250 MB a million lines.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    shuffled: { type: 'boolean', default: false },
    cli: { type: 'string', default: fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url)) },
  },
})
const lines = Number(values.lines)
const lineBytes = 300

const lineOf = index => {
  // A step that has no divisor in common with any round number visits all of them.
  const position = values.shuffled ? (index * 7_368_787) % lines : index
  const head = `{"timestamp":${(1_700_000_000 + position / 1000).toFixed(3)},"request_id":"r${position}","body":{"model":"m","messages":[{"role":"user","content":"`
  const tail = '"}],"max_tokens":64,"stream":true,"stream_options":{"include_usage":true}}}\n'
  return head + 'x'.repeat(lineBytes - head.length - tail.length) + tail
}

const writeTrace = path => {
  const file = openSync(path, 'w')
  for (let index = 0; index < lines; ) {
    let text = ''
    for (let end = Math.min(lines, index + 4096); index < end; index++) text += lineOf(index)
    writeSync(file, text)
  }
  closeSync(file)
}

const highestMb = pid => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const directory = mkdtempSync(join(tmpdir(), 'trace-'))
const trace = join(directory, 'trace.jsonl')
writeTrace(trace)
let child
const first =
  Promise.withResolvers?.() ??
  (() => {
    const parts = {}
    parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
    return parts
  })()
let startMs = 0
const server = createServer((request, response) => {
  first.resolve({ ms: performance.now() - startMs, mb: highestMb(child.pid) })
  request.resume()
  response.end('{"choices":[{"message":{"content":"A"},"finish_reason":"stop"}]}')
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/v1/chat/completions`
const flags = ['--dataset', 'workload_trace', '--dataset-path', trace, '--open-loop', '--no-test-connection']
startMs = performance.now()
child = spawn(
  process.execPath,
  [values.cli, 'perf', '--url', url, '--model', 'm', ...flags, '--outputs-dir', join(directory, 'outputs')],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
child.on('exit', code => first.reject(new Error(`the program ended with ${code} before it sent anything`)))
try {
  const { ms, mb } = await first.promise
  console.log(`${lines} lines: first request after ${(ms / 1000).toFixed(2)} s, memory ${mb.toFixed(0)} MB`)
  const millions = Math.max(1, lines / 1e6)
  process.exitCode = ms > 3000 * millions || mb > 250 * millions ? 1 : 0
} finally {
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
  server.closeAllConnections()
  server.close()
  rmSync(directory, { recursive: true })
}
