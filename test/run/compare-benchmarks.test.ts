import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Comparison, RunComparison } from '../../src/model/comparison.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { comparisonJsonText } from '../../src/report/comparison-json.ts'
import { comparisonText } from '../../src/report/comparison-text.ts'
import { comparisonPicture } from '../../src/report/pictures/comparison-picture.ts'
import { compareBenchmarks } from '../../src/run/compare-benchmarks.ts'
import { readCompared } from '../../src/run/compared-benchmark.ts'
import { planOf } from '../report/results.ts'
import { drawRecords } from '../stats/record-sets.ts'
import { failed } from '../stats/records.ts'
import { makeRun } from './make-run.ts'
import { makeOriginalRun } from './original-benchmark.ts'

const records = (concurrency: number, slowdown = 1): readonly RequestRecord[] =>
  drawRecords({ seed: concurrency, requests: 120, concurrency, slowdown, tokens: 8, tokenSpread: 0.1 })

let root: string
const said: string[] = []

/** A run of ours at such a load. */
const store = (benchmark: string, concurrency: number, own: readonly RequestRecord[], more: object = {}) => {
  const name = `parallel_${concurrency}_number_120`
  const plan = { ...planOf(concurrency, 120), name }
  const given = { max_tokens: 64, seed: 1, number: 120, api_key: '**********', url: 'http://h', ...more }
  return makeRun(join(root, benchmark), name, { facts: { plan, arguments: given }, records: own })
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'evalscope-compare-'))
  await store('a', 2, records(2))
  await store('a', 4, records(4))
  await store('b', 4, records(4, 1.3), { max_tokens: 128, seed: 2, number: 500 })
  await store('b', 8, records(8))
  makeOriginalRun(join(root, 'python'), 'parallel_4_number_120', {
    records: records(4, 1.3),
    given: { model: 'qwen', parallel: 4, number: 120, rate: -1, max_tokens: 64, url: 'http://h' },
  })
  makeOriginalRun(join(root, 'nameless'), 'parallel_4_number_120', { records: records(4) })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const compared = async (...names: readonly string[]): Promise<Comparison> => {
  const benchmarks = []
  for (const name of names) benchmarks.push(await readCompared(join(root, name), line => said.push(line)))
  return compareBenchmarks(benchmarks)
}

const onlyRun = ({ others }: Comparison): RunComparison => others[0]?.runs[0] as RunComparison

describe('two benchmarks', () => {
  test('are compared load by load, and runs without a partner are named', async () => {
    const comparison = await compared('a', 'b')
    expect(comparison.others[0]?.runs.map(({ load }) => load)).toEqual([{ kind: 'closed', concurrency: 4 }])
    expect(comparison.others[0]?.unpaired).toEqual(['A parallel_2_number_120', 'B parallel_8_number_120'])
    const verdicts = new Map(onlyRun(comparison).rows.map(({ metric, verdict }) => [metric, verdict]))
    expect(verdicts.get('avg_itl')).toBe('worse')
    expect(verdicts.get('tps')).toBe('worse')
    expect(verdicts.get('success_rate')).toBe('no difference seen')
    expect(verdicts.get('p99_latency')).toBe('too few samples')
  })

  test('have figures as their summaries do', async () => {
    const { runs } = await readCompared(join(root, 'a'), () => {})
    expect(runs.length).toBe(2)
    const { curves } = await compared('a', 'b')
    const { readResults } = await import('../../src/run/stored-benchmark.ts')
    const { result } = (await readResults(join(root, 'a'))).runs[1] ?? { result: undefined }
    const values = curves[0]?.points[1]?.values
    const { summary, quoted } = result ?? {}
    expect(values?.get('avg_latency')).toBe(summary?.meanLatencyMs)
    expect(values?.get('avg_ttft')).toBe(summary?.meanTtftMs)
    expect(values?.get('avg_itl')).toBeCloseTo(summary?.meanItlMs ?? 0, 9)
    expect(values?.get('avg_tpot')).toBeCloseTo(summary?.meanTpotMs ?? 0, 5)
    expect(values?.get('tps')).toBe(summary?.outputTokensPerSec)
    expect(values?.get('rps')).toBe(summary?.requestsPerSec)
    const latency = quoted?.rows.find(({ series }) => series === 'latency')
    expect(values?.get('p99_latency')).toBe(latency?.values[quoted?.levels.indexOf(99) ?? 0])
  })

  test('say what they were not made with alike, and nothing of how much was sent and by whom', async () => {
    const { others } = await compared('a', 'b')
    expect(others[0]?.differences).toEqual([
      { what: '--max-tokens', before: '64', after: '128' },
      { what: '--seed', before: '1', after: '2' },
    ])
  })

  test('always give the same text, whoever reads them first', async () => {
    const text = comparisonText(await compared('a', 'b'))
    expect(comparisonText(await compared('a', 'b'))).toBe(text)
    expect(text).toContain('Without a partner of the same load: A parallel_2_number_120, B parallel_8_number_120\n')
    expect(text).toMatch(
      /\n {2}• Concurrency 4( \(.*\))?: worse: Latency mean, .*; no difference seen in \d+ metrics?; too few/,
    )
    expect(text).toMatch(/│ ITL mean \(ms\) +│ +[\d.]+ │ +[\d.]+ │ +\+(29|3\d)(\.\d)? % │ +\+\d.* │ worse/)
  })

  test('fit a terminal', async () => {
    for (const columns of [60, 80, 120]) {
      const text = comparisonText(await compared('a', 'b'), columns).replaceAll(root, '')
      expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(columns)
      for (const head of ['B − A', 'Interval', 'Verdict']) expect(text).toContain(head)
    }
  })

  test('that are one directory, or of other loads, are not said to be made alike', async () => {
    expect(comparisonText(await compared('a', 'a/'))).toContain('\nA and B are the same directory: ')
    await store('longer', 4, records(4), { parallel: 4, number: 500 })
    await store('shorter', 4, records(4), { parallel: 4, number: 120 })
    const text = comparisonText(await compared('shorter', 'longer'))
    expect(text).toContain('\nA and B were made with the same arguments, but for --number.\n')
  })

  test('that share no load are refused in a line that names what there is', async () => {
    mkdirSync(join(root, 'c'))
    await store('c', 16, records(4))
    await expect(compared('a', 'c')).rejects.toThrow(
      /c has no load in common with .*a \(parallel_16_number_120 \| parallel_2_number_120 parallel_4_number_120\); run both/,
    )
  })

  test('may be three, each held against the first', async () => {
    const { others, baseline } = await compared('a', 'b', 'a')
    expect(baseline.letter).toBe('A')
    expect(others.map(({ other }) => other.letter)).toEqual(['B', 'C'])
    expect(others[1]?.runs.flatMap(({ rows }) => rows.filter(({ change }) => change !== 0))).toEqual([])
  })

  test('one of which is INVALID: that is said loudly', async () => {
    const half = records(4).map((record, index) =>
      index % 5 === 0 ? { ...record, failure: { kind: 'truncated', message: '' } as const } : record,
    )
    await store('broken', 4, half)
    const text = comparisonText(await compared('a', 'broken'))
    expect(text).toMatch(/\n {2}• Concurrency 4 \(.*B INVALID\): nothing follows\n/)
    expect(text).toMatch(
      /\n!! B IS INVALID \(.*requests failed.*\): nothing follows from this comparison\. Look at the failures of B\. !!/,
    )
  })
})

describe('of Python’s evalscope', () => {
  test('rows are read, and the first chunk stands in the place of TTFT', async () => {
    const comparison = await compared('a', 'python')
    expect(comparison.firstToken).toBe('chunk')
    const { rows, other } = onlyRun(comparison)
    expect(other).toEqual({ name: 'parallel_4_number_120', requests: 120, verdict: undefined })
    const itl = rows.find(({ metric }) => metric === 'avg_itl')
    expect(itl?.change).toBeCloseTo(30, -1)
    expect(itl?.verdict).toBe('worse')
    const text = comparisonText(comparison)
    expect(text).toContain("model qwen, made by Python's evalscope\n")
    expect(text).toContain(
      'What evalscope calls TTFT in B is the first event with choices: here First Chunk stands in its place',
    )
    expect(text).toMatch(/│ First Chunk mean \(ms\)/)
    expect(text).not.toMatch(/│ TTFT/)
    expect(comparisonJsonText(comparison)).toContain('"ttft_is": "first chunk"')
  })

  test('figures are the same as of our own records of the same requests', async () => {
    const { rows } = onlyRun(await compared('a', 'nameless'))
    expect(rows.length).toBe(15)
    for (const { metric, change, baseline } of rows) {
      expect([metric, Math.abs(change ?? 1) < 1e-4, baseline !== undefined]).toEqual([metric, true, true])
    }
  })

  test('older tables without times of tokens are read as far as they go', async () => {
    makeOriginalRun(join(root, 'old'), 'parallel_4_number_120', { records: records(4) })
    const { createRequire } = await import('node:module')
    const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')
    const database = new Database(join(root, 'old/parallel_4_number_120/benchmark_data.db'))
    for (const column of ['inter_token_latencies', 'is_stream'])
      database.exec(`ALTER TABLE result DROP COLUMN ${column}`)
    database.close()
    const { rows } = onlyRun(await compared('a', 'old'))
    expect(rows.find(({ metric }) => metric === 'avg_itl')?.value).toBeUndefined()
    expect(rows.find(({ metric }) => metric === 'avg_ttft')?.change).toBeCloseTo(0, 3)
  })

  test('secrets that older versions left in their arguments are not shown', async () => {
    const given = { parallel: 4, headers: { Authorization: 'Bearer sk-1234' }, url: 'http://me:sk-1234@h' }
    makeOriginalRun(join(root, 'leaky'), 'parallel_4_number_120', { records: records(4), given })
    await store('headed', 4, records(4), { headers: { 'x-team': 'a' } })
    const comparison = await compared('headed', 'leaky')
    expect(comparison.others[0]?.differences?.map(({ what }) => what)).toEqual(['--url', '--headers', '--seed'])
    expect(comparisonText(comparison) + comparisonJsonText(comparison)).not.toContain('sk-1234')
  })

  test('arguments that are lost are not said to be the same', async () => {
    const comparison = await compared('nameless', 'a')
    expect(comparison.others[0]?.differences).toBeUndefined()
    expect(comparisonText(comparison)).toContain('Whether A and B were made with the same arguments is not known.\n')
    expect(comparisonJsonText(comparison)).toContain('"differences": null')
  })

  test('arguments with the names of what every object has are read as any others', async () => {
    const odd = (name: string, given: string): void => {
      makeOriginalRun(join(root, name), 'parallel_4_number_120', { records: records(4), given: JSON.parse(given) })
    }
    odd('odd', '{"parallel": 4, "stop": "a", "toString": "a", "constructor": null, "__proto__": {"stream": 1}}')
    odd('other', '{"parallel": 4, "stop": "b", "valueOf": "b", "constructor": 1, "__proto__": {"stream": 2}}')
    const both = [await compared('odd', 'other'), await compared('other', 'odd')]
    expect(both.map(({ others }) => others[0]?.differences?.map(({ what }) => what))).toEqual([['--stop'], ['--stop']])
    expect(both.map(each => comparisonText(each)).join()).toContain('differs: --stop: a in A, b in B\n')
  })

  test('runs beside them that others made are left out, and named', async () => {
    makeOriginalRun(join(root, 'mixed'), 'parallel_4_number_120', { records: records(4) })
    await store('mixed', 2, records(2))
    const said: string[] = []
    const { runs } = await readCompared(join(root, 'mixed'), line => said.push(line))
    expect(runs.map(({ name }) => name)).toEqual(['parallel_4_number_120'])
    expect(said).toEqual([
      expect.stringMatching(/left out, as Python's evalscope has not made them: parallel_2_number_120$/),
    ])
  })

  test('failures count as such, though nobody wrote down when they ended', async () => {
    const failing = records(4).map((record, index) =>
      index % 10 === 0 ? { ...record, failure: { kind: 'http_5xx', message: '' } as const } : record,
    )
    makeOriginalRun(join(root, 'failing'), 'parallel_4_number_120', { records: failing })
    const rate = onlyRun(await compared('a', 'failing')).rows.at(-1)
    expect(rate).toMatchObject({ metric: 'success_rate', baseline: 100, value: 90 })
  })
})

test('the picture has a line for each benchmark over all its loads, hollow where the verdict is not VALID', async () => {
  const { lines, panels, loadName } = comparisonPicture(await compared('a', 'b', 'python'))
  expect(lines.map(({ name }) => name)).toEqual(['A: a', 'B: b', 'C: python'])
  expect(lines.map(({ points }) => points.map(({ load }) => load))).toEqual([[2, 4], [4, 8], [4]])
  expect(panels.map(({ key }) => key)).toEqual(['requestsPerSec', 'latencySec', 'outputTokensPerSec', 'failed'])
  expect(panels.at(-1)?.title).toBe('Failed requests (%)')
  expect(lines[0]?.points.map(({ values }) => values.failed)).toEqual([0, 0])
  expect(loadName).toBe('Concurrency (requests in flight)')
  expect(lines[2]?.points[0]?.isDoubtful).toBe(false)
})

test('the picture of benchmarks in which nothing succeeded has the panels of any other', async () => {
  const refused = Array.from({ length: 40 }, (_, index) =>
    failed('connect', { start: index, end: index + 1 }, { index }),
  )
  await store('dead', 4, refused)
  const { panels, lines } = comparisonPicture(await compared('dead', 'dead'))
  expect(panels.map(({ key }) => key)).toEqual(['requestsPerSec', 'latencySec', 'outputTokensPerSec', 'failed'])
  expect(lines[0]?.points[0]?.values.failed).toBe(100)
})
