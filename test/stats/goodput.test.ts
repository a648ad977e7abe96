import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Objective } from '../../src/model/goodput.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { summarize } from '../../src/stats/summary.ts'
import { planOf, resultOf } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const objectives: readonly Objective[] = [
  { figure: 'ttft', limitMs: 300 },
  { figure: 'tpot', limitMs: 50 },
  { figure: 'latency', limitMs: 1000 },
]

/** 10 tokens; TPOT is (latency − TTFT) / 9. */
const request = (ttft: number, latency: number, overrides: Partial<RequestRecord> = {}): RequestRecord =>
  streamed({ start: 0, end: latency, ttft, gaps: Array(9).fill((latency - ttft) / 9), input: 1, output: 10 }, overrides)

const goodputOf = (records: readonly RequestRecord[], limits = objectives) => {
  const accumulator = new Accumulator(limits)
  for (const record of records) accumulator.write(record)
  return summarize(accumulator, planOf(1, 1)).goodput
}

const outcomeOf = (record: RequestRecord, limits = objectives) => {
  const goodput = goodputOf([record], limits)
  const missed = goodput?.objectives.flatMap(({ figure, missed }) => (missed > 0 ? [figure] : []))
  const unmeasured = goodput?.objectives.flatMap(({ figure, unmeasured }) => (unmeasured > 0 ? [figure] : []))
  return { good: goodput?.goodRequests, missed, unmeasured }
}

describe('a request', () => {
  const whole = { isStream: false, ttftUs: undefined, gapsUs: [], chunkCount: 1 }

  test.each<[string, RequestRecord, number, readonly string[], readonly string[]]>([
    ['that keeps all limits is good', request(0.2, 0.5), 1, [], []],
    ['that meets them exactly is good', request(0.3, 0.75), 1, [], []],
    ['that misses one is not', request(0.300_001, 0.5), 0, ['ttft'], []],
    ['that misses several is counted for each', request(0.4, 1.2), 0, ['ttft', 'tpot', 'latency'], []],
    ['that did not stream keeps only what was measured', request(0.2, 0.5, whole), 0, [], ['ttft', 'tpot']],
    ['of one token has no time between tokens', request(0.2, 0.5, { outputTokens: 1 }), 1, [], []],
    ['whose tokens nobody counted has no TPOT', request(0.2, 0.5, { outputTokens: undefined }), 0, [], ['tpot']],
    ['that failed keeps nothing, and misses nothing', failed('http_5xx', { start: 0, end: 0.1 }), 0, [], []],
  ])('%s', (_, record, good, missed, unmeasured) => {
    expect(outcomeOf(record)).toEqual({ good, missed, unmeasured })
  })

  test('that we cut off, or that warmed up, is not counted at all', () => {
    const records = [
      request(0.2, 1),
      failed('http_5xx', { start: 0, end: 0.1 }),
      failed('aborted', { start: 0, end: 0.1 }),
      request(9, 9, { phase: 'warmup' }),
    ]
    expect(goodputOf(records, [{ figure: 'latency', limitMs: 1000 }])).toMatchObject({
      goodRequests: 1,
      percent: 50,
      requestsPerSec: 1,
    })
  })
})

test('nothing is counted where nothing is asked for', () => {
  expect(goodputOf([request(0.1, 0.2)], [])).toBeUndefined()
  expect(resultOf(planOf(1, 1), [request(0.1, 0.2)]).summary.goodput).toBeUndefined()
})

test('any split of a run merges to the same', () => {
  const some = fc.record({ ttft: fc.integer({ min: 1, max: 600 }), more: fc.integer({ min: 0, max: 900 }) })
  fc.assert(
    fc.property(fc.array(fc.tuple(some, fc.boolean()), { minLength: 1, maxLength: 30 }), drawn => {
      const records = drawn.map(([{ ttft, more }]) => request(ttft / 1000, (ttft + more) / 1000))
      const parts = [true, false].map(side => {
        const part = new Accumulator(objectives)
        for (const [index, record] of records.entries()) if (drawn[index]?.[1] === side) part.write(record)
        return part
      })
      const merged = new Accumulator(objectives)
      for (const part of parts) merged.merge(part)
      expect(summarize(merged, planOf(1, 1)).goodput).toEqual(goodputOf(records))
    }),
    { numRuns: 30 },
  )
})
