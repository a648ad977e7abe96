import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SpawnedServer, spawnSimulatedServer } from '../../src/server/spawn.ts'
import { createCli, filesIn, words } from '../support/cli.ts'

const cli = createCli()
let server: SpawnedServer

beforeAll(async () => {
  // Four places; who finds none waits for some 80 ms, four times the usual TTFT.
  const knobs = { maxBatch: 4, itlMs: 5, prefillBaseMs: 20, prefillTokensPerSec: Number.POSITIVE_INFINITY }
  server = await spawnSimulatedServer({ knobs })
})
afterAll(() => server.close())

const search = (params: string, more: string): string[] => [
  ...words(`perf --url ${server.url} --model simulated --prompt hello --max-tokens 10 --sleep-interval 0 --seed 1`),
  ...words(`--sla-auto-tune --sla-num-runs 1 --sla-point-seconds 0.3 --no-test-connection ${more}`),
  '--sla-params',
  params,
]

interface Summary {
  readonly search: {
    readonly passed: boolean
    readonly conclusion: string
    readonly groups: readonly { readonly max_satisfied: number | null; readonly path: readonly { value: number }[] }[]
  }
}

const summaryIn = (directory: string): Summary => {
  const [path = ''] = filesIn(directory).filter(name => name.endsWith('/sla_summary.json'))
  return JSON.parse(readFileSync(path, 'utf8')) as Summary
}

test('the search finds the last concurrency that has a place for each request', async () => {
  const { code, stdout, directory } = await cli.run(
    search('{"p90_ttft": "<=60"}', '--parallel 4 --sla-upper-bound 6 --json'),
  )
  const { runs, search: found } = JSON.parse(stdout) as Summary & { readonly runs: Record<string, unknown> }
  const [group] = found.groups
  // Within the next measured value, on a machine that may be busy.
  expect([3, 4, 5]).toContain(group?.max_satisfied)
  expect(code).toBe(0)
  const values = [...new Set(group?.path.map(({ value }) => value))].sort((a, b) => a - b)
  expect(Object.keys(runs)).toEqual(values.map(value => `parallel_${value}`))
  expect(summaryIn(directory).search).toEqual(found)
  for (const value of values) {
    const [path = ''] = filesIn(directory).filter(name => name.includes(`/sla_tuning/sla_parallel_${value}_run_1/`))
    expect(existsSync(path)).toBe(true)
  }
})

describe.concurrent('the exit code', () => {
  test('is 1 where no value satisfies a group, and 2 where a second search would go into its directory', async () => {
    const argv = search('[{"avg_ttft": "<=1"}, {"rps": ">0"}]', '--sla-upper-bound 1 --no-timestamp --name same')
    const { code, stdout, directory } = await cli.run(argv)
    expect(code).toBe(1)
    const second = await cli.run(argv, { directory })
    expect(second).toMatchObject({ code: 2, stdout: '' })
    expect(second.stderr).toMatch(/sla_tuning is there already, from another search; give another --name/)
    expect(stdout).toMatch(/avg_ttft <= 1\.0 +│ parallel │ +None │ Failed at lower bound \(1\)/)
    expect(stdout).toMatch(/rps > 0\.0 +│ parallel │ +1 │ Satisfied/)
    expect(stdout.replaceAll('\n', ' ')).toMatch(/no value down to --parallel 1 keeps avg_ttft <= 1\.0/i)
  })

  test('is 130 where it is interrupted, and what is known by then is shown and kept', async () => {
    const running = cli.start(search('{"avg_ttft": "<=10000"}', '--parallel 1 --sla-point-seconds 60'))
    await running.until(/--parallel 1 is within/)
    running.child.kill('SIGINT')
    const { code, stdout, directory } = await running.finished
    expect(code).toBe(130)
    expect(stdout).toContain('Satisfied, cut short')
    expect(summaryIn(directory).search.groups[0]?.max_satisfied).toBeGreaterThan(0)
  })
})
