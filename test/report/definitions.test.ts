import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { definitionsJson, definitionsText } from '../../src/report/definitions.ts'
import { percentileJson, summaryJson } from '../../src/report/json.ts'
import { seriesText } from '../../src/report/series.ts'
import { traceSummaryJson } from '../../src/report/trace-json.ts'
import { healthJson } from '../../src/report/verdict-json.ts'
import { workloadThroughputJson } from '../../src/report/workload-json.ts'
import {
  type Definition,
  healthDefinitions,
  summaryDefinitions,
  traceDefinitions,
  workloadDefinitions,
} from '../../src/stats/definitions.ts'
import { codeSpans, tableRows } from '../readme/readme.ts'
import { k01Records, k05Records } from '../stats/records.ts'
import { embeddingPlan, handMade, planOf, resultOf } from './results.ts'

const files = definitionsJson() as Readonly<Record<string, Readonly<Record<string, string>>>>
const defined = (file: string): readonly string[] => Object.keys(files[file] ?? {})
const metricsOf = (json: JsonObject | undefined): readonly string[] =>
  ((json?.rows ?? []) as readonly { readonly metric: string }[]).map(({ metric }) => metric)

const single = resultOf(planOf(2, 5), k01Records)
const several = resultOf(planOf(1, 1), k05Records)

describe('every figure has a definition', () => {
  test('of benchmark_summary.json', () => {
    const { conversations } = several.summary
    const goodput = { goodRequests: 0, requestsPerSec: 0, percent: 0, objectives: [] }
    const full = handMade(planOf(1, 1), { conversations, goodput, cachedPercent: 1, decodedTokensPerIteration: 2 })
    const ofPrompts = handMade(embeddingPlan(1, 1), {})
    const keys = [full, ofPrompts].flatMap(result => Object.keys(summaryJson(result)))
    const found = { input: undefined, output: undefined, countedPrompts: 0, estimatedPrompts: 0, partialPrompts: 0 }
    const template = { requests: 1, meanPromptTokens: 2, meanTextTokens: 1 }
    const comparison = { requests: 1, meanUsage: 1, meanTokenizer: 1, differencePercent: 0 }
    const input = { ...comparison, constantDifference: undefined, worst: undefined }
    const tokens = { ...found, input, template, uncounted: undefined }
    const counted = Object.keys(summaryJson({ ...full, tokens }))
    const undefinedKeys = [...new Set([...keys, ...counted])].filter(
      key => !defined('benchmark_summary.json').includes(key),
    )
    expect(undefinedKeys).toEqual([])
  })

  test('of benchmark_percentile.json', () => {
    expect(defined('benchmark_percentile.json').toSorted()).toEqual(
      Object.values(seriesText)
        .map(({ label }) => label)
        .sort(),
    )
    const keys = Object.keys(percentileJson(single)[0] ?? {}).filter(key => key !== 'Percentiles')
    for (const key of keys) expect(files['benchmark_percentile.json']?.[key], key).toMatch(/\w/)
  })

  test('of what the client observed of itself', () => {
    const { Threads: threads, ...whole } = healthJson(single.health) as JsonObject & { readonly Threads: JsonObject[] }
    const keys = [...Object.keys(whole), 'Threads', ...threads.flatMap(thread => Object.keys(thread))]
    expect(defined('Client Health of benchmark_summary.json')).toEqual([...new Set(keys)])
  })

  test('of the other files', () => {
    expect(defined('trace_summary.json')).toEqual(metricsOf(traceSummaryJson(several)))
    expect(defined('workload_throughput.json')).toEqual(metricsOf(workloadThroughputJson(single)))
  })
})

test.each([
  ['benchmark_summary.json', summaryDefinitions],
  ['Client Health', healthDefinitions],
  ['trace_summary.json', traceDefinitions],
  ['workload_throughput.json', workloadDefinitions],
])('no key of %s is defined twice', (_, definitions) => {
  const keys = definitions.flatMap(([names]) => names)
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
})

/** Cells of the README without its marks. */
const plain = (cell: string | undefined): string => (cell ?? '').replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1')

describe('the README defines each in the same words, and may go on', () => {
  test.each<[string, readonly Definition[]]>([
    ['key in `benchmark_summary.json`', summaryDefinitions],
    ['key in `Client Health`', healthDefinitions],
    ['`metric` in `trace_summary.json`', traceDefinitions],
  ])('%s', (head, definitions) => {
    const ours = definitions.flatMap(([keys, meaning, absentWhen = '']) =>
      keys.map(key => ({ key, meaning, absentWhen })),
    )
    for (const [keys = '', meaning = '', absentWhen = ''] of tableRows(head)) {
      for (const key of codeSpans(keys)) {
        const wanted = ours.find(definition => definition.key === key)
        const words = plain(meaning)
        const length = wanted?.meaning.length ?? words.length
        expect({ key, meaning: words.slice(0, length), absentWhen: plain(absentWhen) }).toEqual(wanted)
        // What follows is another sentence or clause.
        expect(words.slice(length)).toMatch(/^($|[.,;:])/)
      }
    }
  })
})

describe('the text behind a report', () => {
  const lines = definitionsText([single]).split('\n')

  test('has a line for each key with a value, in 120 columns', () => {
    expect(lines[0]).toBe('Definitions (of benchmark_summary.json; definitions.json has all):')
    expect(lines.filter(line => line.startsWith('  Avg TPOT (ms) '))).toEqual([
      expect.stringMatching(/ {2}\(latency − TTFT\) \/ \(output tokens − 1\), one value per request$/),
    ])
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(120)
    expect(lines.join('\n')).not.toMatch(/Conversations|Cache Hit|Drawn Rate/)
  })

  test('goes on below where a line is full', () => {
    const at = lines.findIndex(line => line.startsWith('  Avg TTFT (ms) '))
    const [first = '', second = ''] = lines.slice(at)
    expect(first.indexOf('first event')).toBeGreaterThan(20)
    expect(second.search(/\S/)).toBe(first.indexOf('first event'))
  })
})
