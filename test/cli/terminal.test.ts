import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, fileOf, filesIn, jsonOf, words } from '../support/cli.ts'
import { pause } from '../support/raw-server.ts'
import { query } from '../support/rows.ts'
import { commandOf, hasTerminal, processesWith, startInTerminal } from '../support/terminal.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()

/** Found again by its environment, in whatever process it is. */
const marked = (argv: string, columns = 80, codeFile?: string) => {
  const directory = cli.freshDirectory()
  const mark = randomUUID()
  const place = { columns, directory, ...(codeFile && { codeFile }) }
  const terminal = startInTerminal(words(argv), { ...place, env: { EVALSCOPE_TEST: mark } })
  return { terminal, directory, processes: () => processesWith('EVALSCOPE_TEST', mark) }
}

/** Of a line of text in a terminal; box characters and letters of tables are one column wide. */
const widest = (lines: readonly string[]): number => Math.max(...lines.map(line => line.length))

describe.skipIf(!hasTerminal).concurrent('in a terminal', () => {
  test('of 80 columns tables fit, and the live line comes and goes', async () => {
    const { terminal } = marked('perf --api simulated --parallel 2 5 -n 8 --sleep-interval 0')
    expect(await terminal.finished).toBe(0)
    const shown = terminal.output().split('\r\u001b[2K').slice(1)
    const live = shown.map(text => text.split('\n')[0] ?? '')
    expect(
      live.filter(line => /\d\/8 · 0:0\d left .* req\/s · .* tok\/s · TTFT p50 \d+ ms · \d in flight$/.test(line)),
    ).not.toEqual([])
    expect(widest(live.filter(line => line.includes('req/s')))).toBeLessThan(80)
    const screen = terminal.screen()
    expect(screen.filter(line => line.includes(' · '))).toEqual([])
    expect(widest(screen.filter(line => /[│┃─━]/.test(line)))).toBeLessThanOrEqual(80)
    expect(screen.filter(line => line.startsWith('│ TTFT (ms)'))).toHaveLength(4)
  })

  test('that does not tell its size tables have their full width', async () => {
    const { terminal } = marked('perf --api simulated --max-tokens 2 -n 2 --prompt hi', 0)
    expect(await terminal.finished).toBe(0)
    expect(terminal.screen().filter(line => line.startsWith('│ TTFT (ms)'))).toHaveLength(1)
  })

  test('Ctrl-C lets requests under way finish, as the simulated server survives it; then nothing is left', async () => {
    const { terminal, directory, processes } = marked(
      'perf --api simulated --parallel 5 -n 500 --max-tokens 60 --min-tokens 60',
    )
    await terminal.until(/(?<!\d)1\d\/500 · /)
    expect(processes().map(commandOf).join('\n')).toMatch(/simulated-child/)
    terminal.interrupt()
    await terminal.until(/stopping: requests under way have 5 s/)
    expect(await terminal.finished).toBe(130)
    expect(terminal.screen()).toContain('  • Interrupted: the figures cover the requests that had ended by then.')
    const summary = jsonOf(directory, 'parallel_5_number_500', 'benchmark_summary.json')
    expect(summary).toMatchObject({ Interrupted: true, 'Failed Requests': 0, 'Cut Off Requests': 0 })
    const database = fileOf(directory, 'parallel_5_number_500', 'benchmark_data.db')
    expect(query(database, 'SELECT count(*) AS n FROM result')).toEqual([{ n: summary['Total Requests'] }])
    const report = filesIn(directory).find(path => path.endsWith('performance_summary.txt')) ?? ''
    expect(readFileSync(report, 'utf8')).toContain('The run did not come to its end')
    await waitUntil(() => processes().length === 0)
  })

  test('a second Ctrl-C leaves at once, with the rows safe', async () => {
    const server = await startChatServer({ instead: ({ number }) => number >= 10 })
    const { terminal, directory } = marked(`perf --url ${server.url} --model m --parallel 4 -n 500`)
    await terminal.until(/(?<!\d)10\/500 · /)
    terminal.interrupt()
    await terminal.until(/stopping/)
    // Sooner it would be taken for npm's echo of the first.
    await pause(400)
    const pressedMs = performance.now()
    terminal.interrupt()
    expect(await terminal.finished).toBe(130)
    expect(performance.now() - pressedMs).toBeLessThan(1500)
    await server.close()
    expect(terminal.screen().at(-2)).toBe('left at once; requests that had ended are in the database')
    const database = fileOf(directory, 'parallel_4_number_500', 'benchmark_data.db')
    expect(query(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(query(database, 'SELECT count(*) AS n, sum(success) AS good FROM result')).toEqual([{ n: 10, good: 10 }])
  })
})

test.skipIf(!hasTerminal)(
  'a terminal that is closed ends a run as SIGTERM does: all is written, nothing is left',
  async () => {
    const server = await startChatServer({ tokens: 10, tokenMs: 20 })
    const line = `perf --url ${server.url} --model m --parallel 2 -n 500`
    const { terminal, directory, processes } = marked(line, 80, 'code')
    await terminal.until(/(?<!\d)1\d\/500 · /)
    // With the program that holds its other end the terminal is gone.
    terminal.child.kill('SIGKILL')
    await waitUntil(() => processes().length === 0)
    await server.close()
    const summary = jsonOf(directory, 'parallel_2_number_500', 'benchmark_summary.json')
    expect(summary).toMatchObject({ Interrupted: true, 'Total Requests': server.measured().length })
    const report = filesIn(directory).find(path => path.endsWith('performance_summary.txt')) ?? ''
    expect(readFileSync(report, 'utf8')).toContain('The run did not come to its end')
    expect(readFileSync(join(directory, 'code'), 'utf8')).toBe('129\n')
  },
)

test.skipIf(!hasTerminal)('when the program is killed its simulated server goes too', async () => {
  const mark = randomUUID()
  const running = cli.start(words('perf --api simulated -n 500'), { env: { EVALSCOPE_TEST: mark } })
  const processes = (): number[] => processesWith('EVALSCOPE_TEST', mark)
  await running.until(/connection test: answered/)
  expect(processes()).toHaveLength(2)
  running.child.kill('SIGKILL')
  expect((await running.finished).signal).toBe('SIGKILL')
  await waitUntil(() => processes().length === 0)
})
