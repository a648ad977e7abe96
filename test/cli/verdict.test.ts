import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { verdictJson } from '../../src/report/verdict-json.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { Health } from '../../src/stats/health.ts'
import { makeResult, type ResultContext } from '../../src/stats/result.ts'
import { readHealth, readRun, replay } from '../../src/store/replay.ts'
import { type ChatServer, refuse, startChatServer } from '../support/chat-server.ts'
import { createCli, fileOf, filesIn, jsonOf, words } from '../support/cli.ts'

const cli = createCli()

let server: ChatServer | undefined
afterEach(() => server?.close())

/** Every fifth request fails where `refuses`; an answer takes 60 ms. */
const serve = async (refuses: boolean): Promise<string> => {
  server = await startChatServer({
    models: ['m'],
    tokens: 6,
    tokenMs: 10,
    instead: ({ number }, response) => refuses && number % 5 === 4 && refuse(response, 500, 'no'),
  })
  return server.url
}

const perf = async (refuses: boolean, more = '--parallel 2 --number 10') =>
  cli.run(words(`perf --url ${await serve(refuses)} --no-timestamp --seed 1 ${more}`))

describe('the verdict of a run', () => {
  test('is on the console, in the JSON, in the database and in the report, with its reasons', async () => {
    const { code, stdout, stderr, directory } = await perf(true)
    expect(code, stderr).toBe(0)
    const line =
      'requests failed: 2 of 10 requests failed, 80% succeeded; the bound is 90%. Figures know only of successes, and a server that refuses some has less to do for the others: see the table of failures.'
    expect(stdout).toMatch(/\n\nVerdict: INVALID.*\n( {2}• .*\n)* {2}• requests failed: /)
    expect(stdout).toContain(`  • ${line}\n`)
    const { verdict } = jsonOf(directory, 'parallel_2_number_10', 'benchmark_summary.json')
    expect(verdict).toMatchObject({
      verdict: 'INVALID',
      reasons: expect.arrayContaining([
        expect.objectContaining({ name: 'requests failed', level: 'INVALID', measured: 80, bound: 90, unit: '%' }),
      ]),
    })
    const facts = await readRun(fileOf(directory, 'parallel_2_number_10', 'benchmark_data.db'))
    expect(facts.get('verdict')).toEqual(verdict)
    const [report] = filesIn(directory).filter(path => path.endsWith('performance_summary.txt'))
    expect(readFileSync(report as string, 'utf8')).toMatch(/parallel_2_number_10: INVALID: .*requests failed/)
  })

  test('makes the exit code with --strict', async () => {
    const { code, stderr } = await perf(true, '--number 5 --strict')
    expect(code).toBe(1)
    expect(stderr).toContain('--strict: 1 of 1 runs is not VALID: parallel_1_number_5\n')
  })

  test('makes it by those runs of a sweep that are not VALID alone', async () => {
    // The fourth request is in the second run: one to test the connection, and three of the first.
    const { code, stderr } = await perf(true, '--parallel 1 2 --number 3 5 --sleep-interval 0 --strict')
    expect(code).toBe(1)
    expect(stderr).toContain('--strict: 1 of 2 runs is not VALID: parallel_2_number_5\n')
  })

  test('says so where a run is too short to judge, which --strict lets pass', async () => {
    const { code, stdout, stderr } = await perf(false, '--number 2 --strict')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/\nVerdict: none: the run took 0\.\d+ s, and below 1 s there is too little to judge\n/)
  })

  test.each([
    ['--parallel 2 --number 50', 1],
    ['--parallel 2 --number 50 --workers 2', 3],
    ['--open-loop --rate 25 --number 30', 1],
  ])('is the same when the database is read again: %s', async (more, threads) => {
    const { directory } = await perf(true, more)
    const path = filesIn(directory).find(file => file.endsWith('benchmark_data.db')) as string
    const facts = await readRun(path)
    const [accumulator, health] = [new Accumulator(), new Health()]
    await replay(path, record => accumulator.write(record))
    const samples = await readHealth(path)
    for (const sample of samples) health.add(sample)
    expect(new Set(samples.map(({ thread }) => thread)).size).toBe(threads)
    const context = { ...(facts.get('outcome') as unknown as ResultContext), health }
    const result = makeResult(facts.get('plan') as unknown as RunPlan, accumulator, context)
    expect(verdictJson(result.verdict)).toEqual(facts.get('verdict'))
    expect(result.verdict.reasons.length).toBeGreaterThan(0)
  })
})
