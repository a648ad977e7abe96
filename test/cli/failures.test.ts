import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import {
  chatChunk,
  done,
  event,
  httpChunk,
  lastChunk,
  plainAnswer,
  type SeenRequest,
  startRawServer,
  streamHead,
} from '../support/raw-server.ts'
import { resultRows } from '../support/rows.ts'

const cli = createCli()

const text = event(chatChunk({ content: 'A' }))
const whole = streamHead + httpChunk(text + event(chatChunk({}, 'stop')) + done) + lastChunk

/** One way to answer per failure kind that a server can cause; `ok` answers well. */
const manners: [kind: string, answer: (socket: Socket) => void][] = [
  ['ok', socket => socket.write(whole)],
  ['http_3xx', socket => socket.write('HTTP/1.1 307 Moved\r\nlocation: http://other/v1\r\ncontent-length: 0\r\n\r\n')],
  ['http_4xx', socket => socket.write(plainAnswer('404 Not Found', 'application/json', '{"message":"no such model"}'))],
  ['http_429', socket => socket.write(plainAnswer('429 Too Many', 'text/plain', 'slow down'))],
  ['http_5xx', socket => socket.write(plainAnswer('500 Oops', 'text/html', '<h1>\u001b[31mred</h1>\r\nsecond line'))],
  [
    'inband_error',
    socket => socket.write(streamHead + httpChunk(event({ error: { message: 'CUDA oom' } })) + lastChunk),
  ],
  ['empty', socket => socket.write(streamHead + httpChunk(done) + lastChunk)],
  ['truncated', socket => socket.write(streamHead + httpChunk(text), () => socket.resetAndDestroy())],
  ['protocol', socket => socket.write(plainAnswer('200 OK', 'text/html', '<p>hello'))],
  ['protocol', socket => socket.write(streamHead + httpChunk('data: {"a\n\n') + lastChunk)],
  ['timeout_first_byte', () => {}],
  ['timeout_idle', socket => socket.write(streamHead + httpChunk(text))],
  ['timeout_total', socket => everStreaming(socket)],
]

const everStreaming = (socket: Socket): void => {
  socket.write(streamHead)
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(httpChunk(text))), 50)
}

const indexOf = ({ head }: SeenRequest): number => Number(/x-request-id: \w+-(\d+)-1/i.exec(head)?.[1] ?? 0)

describe.concurrent('a server that fails', () => {
  test('in every way at once is classified request by request, and the run goes on', async () => {
    const server = await startRawServer((socket, request) => manners[indexOf(request) % manners.length]?.[1](socket))
    const number = 2 * manners.length
    const { code, stdout, directory } = await cli.run(
      words(`perf --url ${server.url} --model m --parallel 5 -n ${number} --read-timeout 1 --total-timeout 2`),
      { limitMs: 20_000 },
    )
    await server.close()
    expect(code).toBe(0)
    const rows = resultRows(fileOf(directory, `parallel_5_number_${number}`, 'benchmark_data.db'))
    expect(rows.map(row => row.failure_kind ?? 'ok')).toEqual([...manners, ...manners].map(([kind]) => kind))
    expect(rows.filter(row => row.success === 1)).toHaveLength(2)
    for (const row of rows.filter(({ success }) => success === 0)) {
      expect(row.latency).toBeNull()
      expect(row.completed_time as number).toBeGreaterThanOrEqual(row.start_time as number)
      expect(row.error).not.toBe('')
    }
    expect(rows.find(row => row.failure_kind === 'timeout_idle')).toMatchObject({ chunk_count: 1, status_code: 200 })
    const [, table = ''] = stdout.split('Failures:\n')
    for (const kind of new Set(manners.map(([each]) => each))) {
      if (kind !== 'ok') expect(table).toMatch(new RegExp(`│ ${kind} +│ +(\\d+|—) │ +${kind === 'protocol' ? 4 : 2} │`))
    }
    expect(table).toContain('CUDA oom')
    expect(stdout).toContain(`${number} / 2 / ${number - 2}`)
    expect(stdout).not.toContain('\u001b')
    const summary = jsonOf(directory, `parallel_5_number_${number}`, 'benchmark_summary.json')
    expect(summary).toMatchObject({ 'Total Requests': number, 'Success Requests': 2, Interrupted: false })
  })

  test('every time ends with exit code 1 and no figure made up', async () => {
    const server = await startRawServer(socket => void socket.write(plainAnswer('500 Oops', 'text/plain', 'no')))
    const { code, stdout, directory } = await cli.run(
      words(`perf --url ${server.url} --model m -n 3 --no-test-connection --percentiles 50`),
    )
    await server.close()
    expect(code).toBe(1)
    expect(stdout).toMatch(/Avg TTFT \(ms\) +│ +— │/)
    const summary = jsonOf(directory, 'parallel_1_number_3', 'benchmark_summary.json')
    expect(summary).toMatchObject({ 'Avg TTFT (ms)': null, 'Output Throughput (tok/s)': null, 'Failed Requests': 3 })
    expect(JSON.stringify(summary)).not.toMatch(/NaN|Infinity/)
  })

  test('in one run of two ends with exit code 1', async () => {
    const server = await startRawServer(socket => {
      socket.write(server.seen.length <= 3 ? whole : plainAnswer('503 Busy', 'text/plain', 'busy'))
    })
    const { code } = await cli.run(words(`perf --url ${server.url} --model m --parallel 1 2 -n 2 --sleep-interval 0`))
    await server.close()
    expect(code).toBe(1)
  })

  test('by closing every kept connection is met again on a fresh one, once and counted', async () => {
    const server = await startRawServer((socket, { turn }) => {
      if (turn === 0) socket.write(whole)
      else socket.destroy()
    })
    const { code, directory } = await cli.run(words(`perf --url ${server.url} --model m -n 4`))
    await server.close()
    expect(code).toBe(0)
    const rows = resultRows(fileOf(directory, 'parallel_1_number_4', 'benchmark_data.db'))
    expect(rows.map(row => [row.success, row.was_resent])).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  test('after half the run by going away leaves the other half as connect failures', async () => {
    const server = await startRawServer(socket => {
      socket.end(whole)
      if (server.seen.length === 4) void server.close()
    })
    const { code, directory } = await cli.run(words(`perf --url ${server.url} --model m -n 6 --no-keepalive`))
    expect(code).toBe(0)
    const rows = resultRows(fileOf(directory, 'parallel_1_number_6', 'benchmark_data.db'))
    expect(rows.map(row => row.failure_kind).slice(3)).toEqual(['connect', 'connect', 'connect'])
  })
})

describe.concurrent('a broken line in the dataset', () => {
  const broken = (lines: readonly string[]): string => {
    const path = join(cli.freshDirectory(), 'questions.jsonl')
    writeFileSync(path, lines.join('\n'))
    return path
  }
  const good = '{"question":"why?"}'

  test('in the middle of a run: what was measured is shown and written, then one line names it', async () => {
    const server = await startRawServer(socket => void socket.write(whole))
    const path = broken([good, good, '', '{"question": oops', good])
    const { code, stdout, stderr, directory } = await cli.run(
      words(`perf --url ${server.url} --model m -n 10 --dataset-path ${path}`),
    )
    await server.close()
    expect(code).toBe(2)
    expect(stdout).toContain('2 / 2 / 0')
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^evalscope: .*questions\.jsonl:4\b/)
    const summary = jsonOf(directory, 'parallel_1_number_10', 'benchmark_summary.json')
    expect(summary).toMatchObject({ 'Total Requests': 2, 'Expected Requests': 10 })
    expect(resultRows(fileOf(directory, 'parallel_1_number_10', 'benchmark_data.db'))).toHaveLength(2)
  })

  test('in the middle of a run ends the sweep', async () => {
    const server = await startRawServer(socket => void socket.write(whole))
    const path = broken([good, good, good, 'oops'])
    const { code, stdout } = await cli.run(
      words(`perf --url ${server.url} --model m --parallel 1 2 -n 3 --sleep-interval 0 --dataset-path ${path}`),
    )
    await server.close()
    expect(code).toBe(2)
    expect(stdout.match(/Benchmarking summary/g)).toHaveLength(1)
    expect(server.seen).toHaveLength(4)
  })

  test('at the start: nothing is measured, one line', async () => {
    const server = await startRawServer(socket => void socket.write(whole))
    const { code, stdout, stderr } = await cli.run(
      words(`perf --url ${server.url} --model m -n 10 --dataset-path ${broken(['{"answer":"no question"}'])}`),
    )
    await server.close()
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^evalscope: .*questions\.jsonl:1\b.*question.*$/m)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})
