import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, words } from '../support/cli.ts'

const cli = createCli()

/** Answers of 6 tokens, one each 10 ms, or each 20 ms of the model `slow`. */
let server: ChatServer
let slowServer: ChatServer
/** The results of a run that passed its gates. */
let base: Finished

const textOf = (directory: string): string => readFileSync(fileOf(directory, 'base', 'performance_summary.txt'), 'utf8')

const perf = (more: string, { url = server.url, directory }: { url?: string; directory?: string } = {}) =>
  cli.run(
    [
      ...words(`perf --url ${url} --no-timestamp --no-test-connection --seed 1 --parallel 2 --number 12`),
      ...words(more),
    ],
    directory === undefined ? {} : { directory },
  )

beforeAll(async () => {
  server = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 10 })
  slowServer = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 20 })
  base = await perf('--name base --goodput latency:10 --fail-if avg_latency>10 goodput_rate<100')
})
afterAll(async () => {
  await server.close()
  await slowServer.close()
})

test('gates that pass leave the exit code, and stand in the report and its file', () => {
  expect(base.code, base.stderr).toBe(0)
  const table =
    /Gates: all 2 passed\n┌[\s\S]*│ avg_latency > 10 +│ +[\d.]+ s │ passed +│\n│ goodput_rate < 100 +│ +100 % │ passed +│/
  expect(base.stdout).toMatch(table)
  expect(textOf(base.directory)).toMatch(table)
  expect(base.stdout).toMatch(/Good \/ Total +│ +12 \/ 12 \(100%\)/)
  expect(base.stderr).not.toContain('gates:')
})

describe('stored runs', () => {
  const report = (more: string) => cli.run(words(`report outputs/base ${more}`), { directory: base.directory })

  test('are shown with their gates again, and judged anew where that is asked for', async () => {
    const [again, failing, advisory, unmeasurable] = await Promise.all([
      report('--no-write'),
      report('--fail-if avg_latency>0.001'),
      report('--fail-if avg_latency>0.001 --advisory'),
      report('--fail-if p99_itl>1000 --json'),
    ])
    expect(again.stdout).toContain('Gates: all 2 passed')
    expect([again, failing, advisory, unmeasurable].map(({ code }) => code)).toEqual([0, 1, 0, 1])
    expect(failing.stdout).toMatch(
      /Gates: 1 of 1 failed\n[\s\S]* • parallel_2_number_12: avg_latency is [\d.]+ s, above 0.001 s/,
    )
    expect(advisory.stdout).toContain('Gates: 1 of 1 failed (--advisory: without an effect on the exit code)')
    expect(JSON.parse(unmeasurable.stdout).gates).toMatchObject({
      passed: false,
      checks: [{ figure: 'p99_itl', verdict: 'unmeasurable', reason: expect.stringContaining('takes 662') }],
    })
    expect(textOf(base.directory)).toContain('Gates: all 2 passed')
  })

  test('may be a baseline: equal runs pass, slower ones fail', async () => {
    const { directory } = base
    const more = '--baseline outputs/base --tolerance tps:40% avg_latency:40% --json'
    const [equal, slower] = await Promise.all([
      perf(`--name equal ${more}`, { directory }),
      perf(`--name slower ${more}`, { directory, url: slowServer.url }),
    ])
    expect(equal.code, equal.stdout).toBe(0)
    expect(slower.code).toBe(1)
    const { checks } = JSON.parse(slower.stdout).gates
    const failed = checks.flatMap(({ figure, verdict }: Record<string, string>) => (verdict === 'failed' ? figure : []))
    expect(failed).toEqual(expect.arrayContaining(['p50_itl', 'avg_tpot', 'tps', 'avg_latency']))
    expect(slower.stderr).toMatch(/^gates: \d of 5 failed$/m)
  })
})

test('mistakes are exit code 2 before anything is sent', async () => {
  const before = server.seen.length
  const mistakes = await Promise.all([
    perf('--fail-if p99_ttft'),
    perf('--fail-if p99_tfft>5'),
    perf('--goodput ttft=5'),
    perf('--baseline outputs/gone'),
    perf('--baseline outputs/base --parallel 3', { directory: base.directory }),
  ])
  expect(mistakes.map(({ code, stdout }) => [code, stdout])).toEqual(mistakes.map(() => [2, '']))
  expect(mistakes.map(({ stderr }) => stderr.trim().split('\n').at(-1))).toEqual([
    expect.stringContaining('--fail-if p99_ttft is no condition'),
    expect.stringContaining('did you mean p99_ttft?'),
    expect.stringContaining('--goodput ttft=5 is no objective'),
    expect.stringContaining('--baseline: cannot read outputs/gone: ENOENT'),
    expect.stringContaining('--baseline outputs/base has no run at --parallel 3: it has --parallel 2'),
  ])
  expect(server.seen.length).toBe(before)
})
