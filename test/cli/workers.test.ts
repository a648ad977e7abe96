import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { startChatServer } from '../support/chat-server.ts'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { query } from '../support/rows.ts'
import { waitUntil } from '../support/wait.ts'

const cli = createCli()
const troubledApi = fileURLToPath(new URL('../fixtures/troubled-api.mjs', import.meta.url))

test('1, 2 and 4 workers ask the same of the dataset, with the same limits, and count the same', async () => {
  const asked: string[][] = []
  for (const workers of [1, 2, 4]) {
    const server = await startChatServer()
    const { code, directory, stdout } = await cli.run(
      words(`perf --url ${server.url} --model m --parallel 5 -n 40 --seed 11 --max-tokens 8 64 --workers ${workers}`),
    )
    await server.close()
    expect(code).toBe(0)
    expect(stdout).toContain('40 / 40 / 0')
    const run = 'parallel_5_number_40'
    expect(jsonOf(directory, run, 'benchmark_args.json')).toMatchObject({ workers })
    expect(jsonOf(directory, run, 'benchmark_summary.json')).toMatchObject({
      'Total Requests': 40,
      'Avg Input Tokens': 7,
      'Avg Output Tokens': 3,
    })
    asked.push(
      server
        .measured()
        .map(({ body }) => JSON.stringify(body))
        .toSorted(),
    )
  }
  expect(new Set(asked[0]).size).toBe(40)
  expect(asked[1]).toEqual(asked[0])
  expect(asked[2]).toEqual(asked[0])
})

test('one request in flight needs no threads, and that is said', async () => {
  const server = await startChatServer()
  const { code, stderr, directory } = await cli.run(
    words(`perf --url ${server.url} --model m --parallel 1 -n 3 --workers 4`),
  )
  await server.close()
  expect(code).toBe(0)
  expect(stderr).toContain('\n--workers 4: 1 worker thread, no more than requests can be in flight\n')
  expect(jsonOf(directory, 'parallel_1_number_3', 'benchmark_args.json')).toMatchObject({ workers: 1 })
})

test('a worker that dies is told in one line, exit code 70, with rows and tables', async () => {
  const server = await startChatServer({ tokens: 3, tokenMs: 10 })
  const directory = cli.freshDirectory()
  const prompts = Array.from({ length: 60 }, (_, index) => (index === 30 ? 'throw' : 'hello'))
  writeFileSync(join(directory, 'prompts.txt'), prompts.join('\n'))
  const { code, stdout, stderr } = await cli.run(
    words(
      `perf --url ${server.url} --model m --api ${troubledApi} --dataset line_by_line --dataset-path prompts.txt --parallel 4 -n 60 --workers 2`,
    ),
    { directory },
  )
  await server.close()
  expect(code).toBe(70)
  const said = stderr.split('\n').filter(line => line.startsWith('evalscope: '))
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(
    /^evalscope: worker thread [12] of 2 ended: TypeError: boom \(at .*\); .*; --workers 1 does without threads$/,
  )
  expect(stderr).not.toContain('    at ')
  expect(stdout).toContain(
    'Verdict: none: a worker thread was lost before the run was over: the figures cover the requests that had ended by then\n',
  )
  const database = fileOf(directory, 'parallel_4_number_60', 'benchmark_data.db')
  const [row] = query(database, 'SELECT sum(success) AS good FROM result')
  expect(row?.good).toBeGreaterThanOrEqual(20)
  expect(stdout).toContain(` / ${row?.good} / 0 │`)
})

test('Ctrl-C lets all threads finish what is under way, then shows and writes all', async () => {
  const server = await startChatServer({ tokens: 10, tokenMs: 40 })
  const running = cli.start(words(`perf --url ${server.url} --model m --parallel 6 -n 600 --workers 3`))
  await waitUntil(() => server.measured().length >= 13)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.finished
  await server.close()
  const sent = server.measured().length
  expect(code).toBe(130)
  expect(sent).toBeLessThan(100)
  expect(stdout).toContain(`${sent} / ${sent} / 0`)
})

test.each<[input: ArgumentsInput, message: string]>([
  [{ workers: 0 }, '--workers must be a whole number from 1 to 256, or auto, got 0'],
  [{ workers: 'many' }, '--workers must be a whole number from 1 to 256, or auto, got many'],
  [{ workers: '1.5' }, '--workers must be a whole number from 1 to 256, or auto, got 1.5'],
])('%j is refused in one line', (input, message) => {
  expect(() => new Arguments({ api: 'simulated', ...input })).toThrow(new ArgumentsError(message))
})
