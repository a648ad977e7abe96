import { describe, expect, test } from 'vitest'
import type { ComparisonRow } from '../../src/model/comparison.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { comparePairs } from '../../src/stats/compare.ts'
import { compareRecords, estimatesOf } from './comparisons.ts'
import { drawRecords, recordKinds, slowedDown } from './record-sets.ts'
import { failed, streamed } from './records.ts'

const called = (rows: readonly ComparisonRow[], verdict: ComparisonRow['verdict']): readonly string[] =>
  rows.filter(row => row.verdict === verdict).map(({ metric }) => metric)

const allOfOneKind = recordKinds['answers of one length'] as (typeof recordKinds)[string]
const one = drawRecords({ ...allOfOneKind, requests: 800, seed: 1 })
const other = drawRecords({ ...allOfOneKind, requests: 800, seed: 2 })

/** A closed loop of one slot whose requests take 100 ms each. */
const steady = (
  count: number,
  change: (index: number) => Partial<RequestRecord> = () => ({}),
): readonly RequestRecord[] =>
  Array.from({ length: count }, (_, index) =>
    streamed(
      { start: index / 10, end: (index + 1) / 10, ttft: 0.05, input: 3, output: 3 },
      { index, ...change(index) },
    ),
  )

describe('two runs', () => {
  test('of the same records do not differ in anything', () => {
    const rows = compareRecords(one, one)
    expect(rows.map(({ verdict }) => verdict)).toEqual(Array<string>(15).fill('no difference seen'))
    expect(new Set(rows.map(({ change }) => change))).toEqual(new Set([0]))
  })

  test('always give the same rows', () => {
    expect(compareRecords(one, other)).toEqual(compareRecords(one, other))
  })

  test('of a server 10 % slower: every time and throughput that shows it is worse, and better the other way round', () => {
    const slower = slowedDown(other, 1.1)
    const worse = ['avg_latency', 'avg_itl', 'p50_itl', 'p99_itl', 'avg_tpot', 'tps']
    expect(called(compareRecords(one, slower), 'worse')).toEqual(expect.arrayContaining(worse))
    expect(called(compareRecords(slower, one), 'better')).toEqual(expect.arrayContaining(worse))
    expect(called(compareRecords(one, slower), 'better')).toEqual([])
  })

  test('that differ by less than 3 % for sure do not differ', () => {
    const rows = compareRecords(one, slowedDown(one, 1.02))
    expect(rows.find(({ metric }) => metric === 'avg_latency')?.change).toBeCloseTo(2, 1)
    expect(called(rows, 'worse')).toEqual([])
  })

  test('with fewer than ten mean latencies are too few, with as many requests as they need not', () => {
    const few = drawRecords({ ...allOfOneKind, concurrency: 50, requests: 300, seed: 1 })
    expect(new Set(compareRecords(few, one).map(({ verdict }) => verdict))).toEqual(new Set(['too few samples']))
    const needed = estimatesOf(few).requestsNeeded as number
    expect(needed).toBeGreaterThan(300)
    const enough = drawRecords({ ...allOfOneKind, concurrency: 50, requests: needed + 50, seed: 1 })
    expect(estimatesOf(enough).requestsNeeded).toBeUndefined()
  })

  test('have a p99 only where the sample carries it', () => {
    const rows = compareRecords(one, drawRecords({ ...allOfOneKind, requests: 660, seed: 2 }))
    expect(called(rows, 'too few samples')).toEqual(['p99_latency', 'p99_ttft', 'p99_tpot'])
  })

  test('one of which does not stream have no times of tokens', () => {
    const whole = steady(200, () => ({ isStream: false, ttftUs: undefined, chunkCount: 1 }))
    const rows = compareRecords(steady(200), whole)
    expect(rows.find(({ metric }) => metric === 'avg_ttft')).toMatchObject({
      baseline: 50,
      value: undefined,
      verdict: 'too few samples',
    })
    expect(called(rows, 'no difference seen')).toContain('avg_latency')
  })

  test('one of which hardly streams: a mean of ten values is too few, too', () => {
    const hardly = steady(200, index => (index < 190 ? { isStream: false, ttftUs: undefined, chunkCount: 1 } : {}))
    const rows = compareRecords(steady(200), hardly)
    expect(rows.find(({ metric }) => metric === 'avg_ttft')).toMatchObject({ change: 0, verdict: 'too few samples' })
  })

  test('of ten requests have no success rate that any other could be told from', () => {
    expect(compareRecords(steady(10), steady(10)).at(-1)).toMatchObject({
      metric: 'success_rate',
      change: 0,
      interval: undefined,
      verdict: 'too few samples',
    })
    expect(compareRecords(steady(100), steady(100)).at(-1)).toMatchObject({ verdict: 'no difference seen' })
  })

  test('whose requests take no time have a throughput, but nothing that tells how exactly', () => {
    const instant = (everyMs: number) =>
      steady(100, index => ({ sentUs: index * everyMs * 1000, endUs: index * everyMs * 1000, ttftUs: undefined }))
    const rps = compareRecords(instant(10), instant(20)).find(({ metric }) => metric === 'rps')
    expect(rps).toMatchObject({ change: expect.closeTo(-50, 1), interval: undefined, verdict: 'too few samples' })
  })

  test('of which one fails at times: the success rate is worse by points, above 1', () => {
    const failing = (every: number): readonly RequestRecord[] =>
      steady(2000).map((record, index) =>
        index % every === 0
          ? failed('http_5xx', { start: record.sentUs / 1e6, end: record.endUs / 1e6 }, { index })
          : record,
      )
    const rateOf = (every: number) => compareRecords(steady(2000), failing(every)).at(-1)
    expect(rateOf(40)).toMatchObject({
      metric: 'success_rate',
      baseline: 100,
      value: 97.5,
      change: -2.5,
      verdict: 'worse',
    })
    const few = failing(40).slice(0, 240)
    expect(compareRecords(steady(240), failing(4).slice(0, 120)).at(-1)).toMatchObject({ verdict: 'worse' })
    expect(compareRecords(steady(240), few).at(-1)?.verdict).toBe('no difference seen')
    expect(rateOf(125)).toMatchObject({ change: expect.closeTo(-0.8), verdict: 'no difference seen' })
  })
})

test('an interval leaves out no change exactly where the row is called or its change is below 3 %', () => {
  for (const factor of [1, 1.01, 1.05, 1.2]) {
    for (const { interval, verdict, change = 0, metric } of compareRecords(one, slowedDown(other, factor))) {
      if (interval === undefined) continue
      expect(interval.from).toBeLessThanOrEqual(change)
      expect(interval.to).toBeGreaterThanOrEqual(change)
      const excludesNone = interval.from > 0 || interval.to < 0
      const isSmall = Math.abs(change) < 3
      expect([metric, verdict !== 'no difference seen']).toEqual([metric, excludesNone && !isSmall])
    }
  }
})

test('more pairs of runs make one family: intervals are wider', () => {
  const pair = [estimatesOf(one), estimatesOf(other)] as const
  const widthOf = (count: number): number => {
    const [row] = comparePairs(Array<typeof pair>(count).fill(pair))[0] ?? []
    return (row?.interval?.to ?? 0) - (row?.interval?.from ?? 0)
  }
  expect(widthOf(10)).toBeGreaterThan(1.1 * widthOf(1))
})

/** The short form of `npm run test:stats`, where there are a thousand. */
test('of pairs of equal runs hardly any is called, of those with a server 10 % slower nearly all are', {
  timeout: 60_000,
}, () => {
  const kinds = Object.values(recordKinds)
  let [alarms, found] = [0, 0]
  for (const [index, kind] of kinds.entries()) {
    const [a, b] = [drawRecords({ ...kind, seed: 1000 + index }), drawRecords({ ...kind, seed: 2000 + index })]
    const equal = compareRecords(a, b)
    if ([...called(equal, 'better'), ...called(equal, 'worse')].length > 0) alarms++
    if (called(compareRecords(a, slowedDown(b, 1.1)), 'worse').length > 0) found++
  }
  expect({ alarms, found }).toEqual({ alarms: 0, found: kinds.length })
})
