import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { writeResult } from '../../src/run/result-files.ts'
import { planOf, resultOf } from '../report/results.ts'
import { failed, k01Records, k05Records } from '../stats/records.ts'

const made: string[] = []
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true })
})

const written = (records: readonly RequestRecord[]) => {
  const directory = mkdtempSync(join(tmpdir(), 'evalscope-'))
  made.push(directory)
  writeResult(directory, resultOf(planOf(2, records.length), records))
  const read = (name: string) => readFileSync(join(directory, name), 'utf8')
  return { names: readdirSync(directory).sort(), read }
}

test('a run with a success has its workload in files', () => {
  const { names, read } = written(k01Records)
  expect(names).toEqual([
    'benchmark_percentile.json',
    'benchmark_summary.json',
    'workload_throughput.json',
    'workload_timeline.json',
  ])
  expect(JSON.parse(read('workload_throughput.json'))).toMatchObject({ n_samples: 5, wall_time_s: 4 })
  expect(JSON.parse(read('workload_timeline.json')).points.at(-1)).toMatchObject({ t: 4, cum_completion: 34 })
  expect(read('workload_timeline.json')).toMatch(/^\{\n {4}"/)
})

test('a run without one has not', () => {
  const { names } = written([failed('connect', { start: 0, end: 1 })])
  expect(names).toEqual(['benchmark_percentile.json', 'benchmark_summary.json'])
})

test('a run with a conversation of several turns has its traces in a file', () => {
  const { names, read } = written(k05Records)
  expect(names).toContain('trace_summary.json')
  expect(JSON.parse(read('trace_summary.json'))).toMatchObject({ n_traces: 1 })
  expect(written([failed('empty', { start: 0, end: 1 }, { isLastTurn: false })]).names).not.toContain(
    'trace_summary.json',
  )
})
