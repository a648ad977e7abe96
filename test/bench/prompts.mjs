// How soon a large file of prompts begins to be sent, and what memory that takes:
// `npm run build && node test/bench/prompts.mjs [--formats jsonl,json,csv,parquet] [--mb 1024]`.
//
// Writes a file of each format, sends 2000 of its prompts with the command line to a server in this process, and prints
// how long it took from the start of the program to the first request, and the most memory that the program had taken
// (VmHWM, Linux only) by then and by the end. Ends with 1 above 2 s or 200 MB.
import { spawn } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    formats: { type: 'string', default: 'jsonl,json,csv,parquet' },
    mb: { type: 'string', default: '1024' },
    chars: { type: 'string', default: '4000' },
    cli: { type: 'string', default: fileURLToPath(new URL('../../bin/evalscope.mjs', import.meta.url)) },
  },
})
const wantedBytes = Number(values.mb) * 2 ** 20
const sentence = 'The river that runs by the old house is wider than the one behind it. '
const textOf = index => `${index}: ${sentence.repeat(Math.ceil(Number(values.chars) / sentence.length))}`

/** Lines with something in front of the first and behind the last. */
const writeLines = (path, { head = '', lineOf, tail = '' }) => {
  const file = openSync(path, 'w')
  writeSync(file, head)
  for (let index = 0, bytes = 0; bytes < wantedBytes; index++) bytes += writeSync(file, lineOf(index))
  writeSync(file, tail)
  closeSync(file)
}

/** Else the machine writes while it is measured. */
const sync = path => {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

/** Row groups of 10 000 prompts, of which the column is read whole, in pages of 1 MiB. */
const writeParquet = async path => {
  const { fileWriter } = await import('hyparquet-writer/src/node.js')
  const { parquetWrite } = await import('hyparquet-writer')
  const data = Array.from({ length: Math.ceil(wantedBytes / textOf(0).length) }, (_, index) => textOf(index))
  const columnData = [{ name: 'instruction', data, type: 'STRING', offsetIndex: false }]
  await parquetWrite({ writer: fileWriter(path), columnData, codec: 'UNCOMPRESSED', rowGroupSize: 10_000 })
}

const formats = {
  jsonl: {
    dataset: 'custom',
    write: path =>
      writeLines(path, { lineOf: index => `${JSON.stringify({ instruction: textOf(index), id: index })}\n` }),
  },
  json: {
    dataset: 'longalpaca',
    write: path =>
      writeLines(path, {
        head: '[\n',
        lineOf: index => `${JSON.stringify({ instruction: textOf(index), output: 'Wide.' }, undefined, 2)},\n`,
        tail: `${JSON.stringify({ instruction: textOf(0) })}]\n`,
      }),
  },
  csv: {
    dataset: 'custom',
    write: path =>
      writeLines(path, { head: 'id,instruction\n', lineOf: index => `${index},"${textOf(index)},\nwhy?"\n` }),
  },
  parquet: { dataset: 'custom', write: writeParquet },
}

const highestMb = pid => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const measure = async (directory, format) => {
  const { dataset, write } = formats[format]
  const path = join(directory, `prompts.${format}`)
  await write(path)
  sync(path)
  let child
  let first
  let mb = 0
  const startMs = performance.now()
  const server = createServer((request, response) => {
    mb = Math.max(mb, highestMb(child.pid))
    first ??= { ms: performance.now() - startMs, mb }
    request.resume()
    response.end('{"choices":[{"message":{"content":"A"},"finish_reason":"stop"}]}')
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}/v1/chat/completions`
  const flags = [
    '--dataset',
    dataset,
    '--dataset-path',
    path,
    '--no-test-connection',
    '--no-stream',
    '--number',
    '2000',
    '--seed',
    '1',
  ]
  if (dataset === 'custom') flags.push('--dataset-args', '{"field": "instruction"}')
  child = spawn(
    process.execPath,
    [values.cli, 'perf', '--url', url, '--model', 'm', ...flags, '--outputs-dir', join(directory, 'outputs')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const code = await new Promise(resolve => child.on('exit', resolve))
  server.close()
  if (code !== 0 || first === undefined) throw new Error(`the program ended with ${code} for ${format}`)
  const size = (statSync(path).size / 2 ** 20).toFixed(0)
  const figures = `first request after ${(first.ms / 1000).toFixed(2)} s, memory ${first.mb.toFixed(0)} MB, later ${mb.toFixed(0)} MB`
  console.log(`${size} MB of ${format}: ${figures}`)
  rmSync(path)
  return first.ms <= 2000 && mb <= 200
}

const directory = mkdtempSync(join(tmpdir(), 'prompts-'))
try {
  for (const format of values.formats.split(',')) if (!(await measure(directory, format))) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true })
}
