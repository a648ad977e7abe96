import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { percentileJson, summaryJson } from '../../src/report/json.ts'
import { workloadThroughputJson } from '../../src/report/workload-json.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { makeResult } from '../../src/stats/result.ts'
import { readRun, replay } from '../../src/store/replay.ts'
import { createCli, fileOf, jsonOf, words } from '../support/cli.ts'
import { resultRows } from '../support/rows.ts'

const cli = createCli()
const run = 'parallel_3_number_30'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

test('figures of embeddings follow from the stored rows, and a replay of them gives the same', async () => {
  const server = await startSimulatedServer({ knobs: { prefillBaseMs: 4, errorRate: 0.2, seed: 3 } })
  const directory = cli.freshDirectory()
  const texts = Array.from({ length: 7 }, (_, index) => 'word '.repeat(3 * index + 1))
  writeFileSync(join(directory, 'texts.txt'), `${texts.join('\n')}\n`)
  const { code, stdout } = await cli.run(
    words(`perf --url ${server.url} --api embedding --model m --dataset line_by_line --dataset-path texts.txt
      --parallel 3 -n 30 --no-test-connection`),
    { directory },
  )
  await server.close()
  expect(code).toBe(0)
  const database = fileOf(directory, run, 'benchmark_data.db')
  const summary = jsonOf(directory, run, 'benchmark_summary.json')

  const rows = resultRows(database)
  const good = rows.filter(row => row.success === 1)
  const [starts, ends] = [rows.map(row => Number(row.start_time)), rows.map(row => Number(row.completed_time))]
  const seconds = Math.max(...ends) - Math.min(...starts)
  expect(good.length).toBeLessThan(30)
  expect(new Set(good.map(row => row.token_source))).toEqual(new Set(['usage']))
  expect(new Set(rows.map(row => row.completion_tokens))).toEqual(new Set([null]))
  expect(summary['Input Throughput (tok/s)']).toBeCloseTo(sum(good.map(row => Number(row.prompt_tokens))) / seconds, 1)
  expect(summary['Token Sources']).toEqual({ usage: good.length, tokenizer: 0, chunks: 0, none: 0 })
  expect(stdout).toContain('Detailed Performance Metrics')
  expect(stdout).not.toMatch(/TTFT|TPOT|ITL|Output T|Completion/)

  const accumulator = new Accumulator()
  await replay(database, record => accumulator.write(record))
  const plan = (await readRun(database)).get('plan') as unknown as RunPlan
  const replayed = makeResult(plan, accumulator, { interrupted: false })
  // What the load loop counted itself is in no row.
  const loadsOwn = new Set(['Notes', 'Prompt Wait (ms)', 'Client Health', 'verdict', 'Verdict'])
  const ofRows = (json: object): object =>
    Object.fromEntries(Object.entries(json).filter(([key]) => !loadsOwn.has(key)))
  expect(ofRows(summaryJson(replayed))).toEqual(ofRows(summary))
  expect(percentileJson(replayed)).toEqual(jsonOf(directory, run, 'benchmark_percentile.json'))
  const { concurrency: _, ...throughput } = jsonOf(directory, run, 'workload_throughput.json')
  expect(workloadThroughputJson(replayed)).toMatchObject(throughput)
})
