import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { createCli, type Finished, fileOf, words } from '../support/cli.ts'

const cli = createCli()

/** Answers of 6 tokens, one each 10 ms, or each 60 ms of the slow one. */
let server: ChatServer
let slowServer: ChatServer
/** The results of a run that passed its gates. */
let base: Finished

const textOf = (directory: string): string => readFileSync(fileOf(directory, 'base', 'performance_summary.txt'), 'utf8')

const perf = (more: string, { url = server.url, directory }: { url?: string; directory?: string } = {}) =>
  cli.run(
    [
      ...words(`perf --url ${url} --no-timestamp --no-test-connection --seed 1 --parallel 4 --number 12`),
      ...words(more),
    ],
    directory === undefined ? {} : { directory },
  )

beforeAll(async () => {
  server = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 10 })
  slowServer = await startChatServer({ models: ['m'], tokens: 6, tokenMs: 60 })
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
      /Gates: 1 of 1 failed\n[\s\S]* • parallel_4_number_12: avg_latency is [\d.]+ s, above 0.001 s/,
    )
    expect(advisory.stdout).toContain('Gates: 1 of 1 failed (--advisory: without an effect on the exit code)')
    expect(JSON.parse(unmeasurable.stdout).gates).toMatchObject({
      passed: false,
      checks: [{ figure: 'p99_itl', verdict: 'unmeasurable', reason: expect.stringContaining('takes 662') }],
    })
    expect(textOf(base.directory)).toContain('Gates: all 2 passed')
  })

  test('tell CI of the gates that they had', async () => {
    const { directory } = await perf('--name late --fail-if avg_latency>0.001')
    const { code, stdout } = await cli.run(words('report outputs/late --no-write --junit again.xml'), { directory })
    expect([code, stdout]).toEqual([0, expect.stringContaining('Gates: 1 of 1 failed')])
    expect(readFileSync(join(directory, 'again.xml'), 'utf8')).toMatch(
      /name="fails if avg_latency &gt; 0.001" time="0">\s+<failure message="avg_latency is [\d.]+ s, above 0.001 s"/,
    )
  })

  test('may be a baseline: equal runs pass, slower ones fail', async () => {
    const { directory } = base
    // The machine may be busy: a server six times as slow shows all the same.
    const bounds = 'p50_ttft:200%,+200ms p50_itl:200% avg_tpot:200% tps:70% avg_latency:200%'
    const more = `--baseline outputs/base --tolerance ${bounds} --json`
    const equal = await perf(`--name equal ${more}`, { directory })
    const slower = await perf(`--name slower ${more}`, { directory, url: slowServer.url })
    expect(equal.code, equal.stdout).toBe(0)
    expect(slower.code).toBe(1)
    const { checks } = JSON.parse(slower.stdout).gates
    const failed = checks.flatMap(({ figure, verdict }: Record<string, string>) => (verdict === 'failed' ? figure : []))
    expect(failed).toEqual(expect.arrayContaining(['p50_itl', 'avg_tpot', 'tps', 'avg_latency']))
    expect(slower.stderr).toMatch(/^gates: \d of 6 failed$/m)
  })
})

test('mistakes are exit code 2 before anything is sent', async () => {
  const before = server.seen.length
  const mistakes = await Promise.all([
    perf('--fail-if p99_ttft'),
    perf('--baseline outputs/gone'),
    perf('--baseline outputs/base --parallel 3', { directory: base.directory }),
  ])
  expect(mistakes.map(({ code, stdout }) => [code, stdout])).toEqual(mistakes.map(() => [2, '']))
  expect(mistakes.map(({ stderr }) => stderr.trim().split('\n').at(-1))).toEqual([
    expect.stringContaining('--fail-if p99_ttft is no condition'),
    expect.stringContaining('--baseline: cannot read outputs/gone: ENOENT'),
    expect.stringContaining('--baseline outputs/base has no run at --parallel 3: it has --parallel 4'),
  ])
  expect(server.seen.length).toBe(before)
})
