import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, fileOf, filesIn, jsonOf, type Running, words } from '../support/cli.ts'
import { pause, startRawServer } from '../support/raw-server.ts'
import { query } from '../support/rows.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()

/** Below the 5 s that requests under way are given, and well above what a slow machine needs to report. */
const atOnceMs = 4500

/** Sends the signal; gives what the program left behind, and how long it took to leave. */
const signalled = async (running: Running, signal: NodeJS.Signals) => {
  const sentMs = performance.now()
  running.child.kill(signal)
  const finished = await running.finished
  return { ...finished, tookMs: performance.now() - sentMs }
}

const untilMeasured = (server: ChatServer, count: number): Promise<void> =>
  waitUntil(() => server.measured().length >= count)

describe.concurrent('before anything is measured a signal ends the program at once', () => {
  test.each<[what: string, model: string, signal: NodeJS.Signals, code: number]>([
    ['the connection test', '--model m', 'SIGINT', 130],
    ['the connection test', '--model m', 'SIGTERM', 143],
    ['the question for the model', '', 'SIGINT', 130],
  ])('a server that is silent in %s (%s, %s)', async (_, model, signal, code) => {
    const server = await startRawServer(() => {})
    const running = cli.start(words(`perf --url ${server.url} ${model} -n 2`))
    await waitUntil(() => server.connections() === 1)
    const finished = await signalled(running, signal)
    await server.close()
    expect(finished).toMatchObject({ code, stdout: '' })
    expect(finished.stderr).toMatch(/^evalscope: stopped before anything was measured$/m)
    expect(finished.tookMs).toBeLessThan(atOnceMs)
  })

  test('a server that is waited for', async () => {
    const server = await startRawServer(() => {})
    await server.close()
    const running = cli.start(words(`perf --url ${server.url} --model m -n 2`))
    await running.until(/trying again/)
    const finished = await signalled(running, 'SIGINT')
    expect(finished).toMatchObject({ code: 130, stdout: '' })
    expect(finished.tookMs).toBeLessThan(atOnceMs)
  })
})

describe.concurrent('a signal during the load', () => {
  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s: requests under way are finished, then all is shown and written, exit code %i', async (signal, code) => {
    const server = await startChatServer({ tokens: 10, tokenMs: 40 })
    const running = cli.start(words(`perf --url ${server.url} --model m --parallel 4 -n 400`))
    await untilMeasured(server, 9)
    const { stdout, directory, ...finished } = await signalled(running, signal)
    await server.close()
    expect(finished.code).toBe(code)
    expect(finished.tookMs).toBeLessThan(atOnceMs)
    const sent = server.measured().length
    expect(sent).toBeLessThan(100)
    expect(stdout).toContain(`${sent} / ${sent} / 0`)
    expect(stdout).toContain('Interrupted: the figures cover the requests that had ended by then.')
    expect(stdout).toContain('The run did not come to its end')
    const summary = jsonOf(directory, 'parallel_4_number_400', 'benchmark_summary.json')
    expect(summary).toMatchObject({ Interrupted: true, 'Total Requests': sent, 'Expected Requests': 400 })
    const database = fileOf(directory, 'parallel_4_number_400', 'benchmark_data.db')
    expect(query(database, 'SELECT count(*) AS n, sum(success) AS good FROM result')).toEqual([{ n: sent, good: sent }])
    const [outcome] = query(database, "SELECT value FROM run WHERE key = 'outcome'")
    expect(JSON.parse(String(outcome?.value))).toMatchObject({ interrupted: true })
  })

  test('what does not end in 5 s is cut off, counted apart and no failure', async () => {
    const server = await startChatServer({ tokens: 10_000, tokenMs: 20, instead: ({ number }) => number === 1 })
    const running = cli.start(words(`perf --url ${server.url} --model m --parallel 3 -n 10 --no-test-connection`))
    await untilMeasured(server, 3)
    const { stdout, directory, ...finished } = await signalled(running, 'SIGINT')
    await server.close()
    expect(finished.code).toBe(130)
    expect(finished.tookMs).toBeGreaterThan(4900)
    expect(finished.tookMs).toBeLessThan(12_000)
    expect(stdout).toMatch(/Cut off +│ +3 │/)
    expect(stdout).toContain('0 / 0 / 0')
    const database = fileOf(directory, 'parallel_3_number_10', 'benchmark_data.db')
    const rows = query(database, 'SELECT failure_kind AS kind, chunk_count > 100 AS streamed FROM result ORDER BY 2')
    expect(rows).toEqual([
      { kind: 'aborted', streamed: 0 },
      { kind: 'aborted', streamed: 1 },
      { kind: 'aborted', streamed: 1 },
    ])
  })

  test('a second one leaves at once, with the rows safe', async () => {
    const server = await startChatServer({ instead: ({ number }) => number >= 20 })
    const running = cli.start(words(`perf --url ${server.url} --model m --parallel 5 -n 400`))
    await untilMeasured(server, 25)
    running.child.kill('SIGINT')
    await running.until(/stopping/)
    // Another signal counts at once; the same one this soon would be taken for npm's echo of the first.
    const finished = await signalled(running, 'SIGTERM')
    await server.close()
    expect(finished.code).toBe(143)
    expect(finished.tookMs).toBeLessThan(atOnceMs)
    const database = fileOf(finished.directory, 'parallel_5_number_400', 'benchmark_data.db')
    expect(query(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(query(database, 'SELECT count(*) AS n FROM result')).toEqual([{ n: 20 }])
  })

  test('the same one twice within a blink, as npm hands it on, is one', async () => {
    const server = await startChatServer({ tokens: 10, tokenMs: 40 })
    const running = cli.start(words(`perf --url ${server.url} --model m --parallel 2 -n 400`))
    await untilMeasured(server, 5)
    running.child.kill('SIGINT')
    await pause(30)
    const finished = await signalled(running, 'SIGINT')
    await server.close()
    expect(finished.code).toBe(130)
    expect(finished.stdout).toContain('Interrupted')
  })

  test('between two runs ends the sleep; the runs before are reported', async () => {
    const server = await startChatServer()
    const running = cli.start(words(`perf --url ${server.url} --model m --parallel 1 2 -n 3 --sleep-interval 60`))
    await waitUntil(() => running.stdout().includes('Result DB path'))
    await pause(100)
    const finished = await signalled(running, 'SIGINT')
    await server.close()
    expect(finished.code).toBe(130)
    expect(finished.tookMs).toBeLessThan(atOnceMs)
    expect(server.measured()).toHaveLength(3)
    const report = filesIn(finished.directory).find(path => path.endsWith('performance_summary.txt')) ?? ''
    expect(readFileSync(report, 'utf8')).toContain('Only 1 of 2 runs came to their end')
  })
})
