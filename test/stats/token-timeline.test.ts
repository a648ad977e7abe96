import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { type TokenAmounts, TokenTimeline } from '../../src/stats/token-timeline.ts'
import { streamed } from './records.ts'

const fold = (records: readonly RequestRecord[]): TokenTimeline => {
  const timeline = new TokenTimeline()
  for (const record of records) timeline.add(record)
  return timeline
}

/** What came in each 100 ms from `start` on, in s; chunks in the middle of one are not cut by the 10 ms grain. */
const per100Ms = (timeline: TokenTimeline, start: number, count: number): TokenAmounts[] =>
  Array.from({ length: count }, (_, index) => {
    const fromUs = (start + index / 10) * 1e6
    return timeline.tokensBetween(fromUs, fromUs + 100_000)
  })

describe('one request', () => {
  test.each([
    // tokens, chunks, tokens of each
    [10, 4, [2, 3, 2, 3]],
    [4, 4, [1, 1, 1, 1]],
    [3, 4, [0, 1, 1, 1]],
    [1, 3, [0, 0, 1]],
    [0, 2, [0, 0]],
    [7, 1, [7]],
  ])('%i output tokens in %i chunks count as %j when the chunks came', (output, chunks, expected) => {
    const gaps = Array<number>(chunks - 1).fill(0.1)
    const timeline = fold([streamed({ start: 100, end: 101, ttft: 0.25, gaps, output })])
    const came = per100Ms(timeline, 100.2, chunks).map(({ completion }) => completion)
    expect(came).toEqual(expected)
    expect(timeline.totals.completion).toBe(output)
  })

  test.each([
    // input, cached, new
    [100, undefined, 100],
    [100, 0, 100],
    [100, 64, 36],
    [100, 120, 0],
  ])('of %i prompt tokens, %s of them cached, %i are new, and all count at the first token', (input, cached, fresh) => {
    const record = streamed({ start: 100, end: 101, ttft: 0.25, gaps: [0.5], input, output: 2 })
    const timeline = fold([{ ...record, cachedTokens: cached }])
    expect(per100Ms(timeline, 100.1, 3).map(({ newPrompt }) => newPrompt)).toEqual([0, fresh, 0])
    expect(per100Ms(timeline, 100.1, 3).map(({ cachedPrompt }) => cachedPrompt)).toEqual([0, cached ?? 0, 0])
  })

  test('without streaming everything counts at the end', () => {
    const record = streamed({ start: 100, end: 100.25, ttft: 0.05, gaps: [0.1], input: 8, output: 6, cached: 2 })
    expect(per100Ms(fold([{ ...record, isStream: false }]), 100, 3)).toEqual([
      { completion: 0, newPrompt: 0, cachedPrompt: 0 },
      { completion: 0, newPrompt: 0, cachedPrompt: 0 },
      { completion: 6, newPrompt: 6, cachedPrompt: 2 },
    ])
  })

  test('chunks that are said to come after the end count at the end', () => {
    const timeline = fold([streamed({ start: 100, end: 100.25, ttft: 0.05, gaps: [9, 9], input: 8, output: 6 })])
    expect(timeline.tokensBetween(100e6, 100.25e6)).toEqual({ completion: 6, newPrompt: 8, cachedPrompt: 0 })
  })
})

test('requests whose tokens nobody counted are known from those without tokens', () => {
  const times = { start: 100, end: 101, ttft: 0.1 }
  const timeline = fold([
    streamed({ ...times, input: 5, output: 0 }),
    streamed({ ...times, input: 5 }),
    streamed({ ...times }),
  ])
  expect([timeline.inputCounts, timeline.outputCounts]).toEqual([2, 1])
  expect(timeline.totals).toEqual({ completion: 0, newPrompt: 10, cachedPrompt: 0 })
})

test('nothing came before the first request', () => {
  expect(new TokenTimeline().tokensBetween(0, 1e6)).toEqual({ completion: 0, newPrompt: 0, cachedPrompt: 0 })
})

test('within 10 ms tokens count as spread evenly', () => {
  const whole = (atUs: number) =>
    streamed({ start: 0, end: 0, output: 8 }, { isStream: false, sentUs: 0, endUs: 50_000_000 + atUs })
  // The first bin holds something from 2 ms on.
  const timeline = fold([whole(2000), whole(12_000), whole(30_000)])
  const upTo = (atUs: number) => timeline.tokensBetween(50_000_000, 50_000_000 + atUs).completion
  expect([2000, 4000, 10_000, 15_000, 20_000, 29_999, 30_000].map(upTo)).toEqual([0, 2, 8, 12, 16, 16, 24])
})

test('over hours the grain gets coarser, memory does not grow, and the totals stay exact', () => {
  const epochUs = 1_800_000_000_123_456
  const records = Array.from({ length: 7200 }, (_, second) => {
    const sentUs = epochUs + second * 1_000_000
    return streamed({ start: 0, end: 0, input: 3, output: 7 }, { sentUs, ttftUs: 100_000, endUs: sentUs + 500_000 })
  })
  const timeline = fold(records.toReversed())
  expect(timeline.tokensBetween(epochUs, epochUs + 7200e6)).toEqual({
    completion: 7 * 7200,
    newPrompt: 3 * 7200,
    cachedPrompt: 0,
  })
  expect(timeline.tokensBetween(epochUs + 600e6, epochUs + 660e6).completion).toBe(7 * 60)
})

const far = fc.oneof(fc.nat(50_000), fc.nat(5_000_000), fc.constantFrom(3_000_000_000, 14_400_000_000))
const durationUs = fc.nat(3_000_000)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const anyRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    offsetUs: fc.tuple(far, fc.nat(20_000)),
    runUs: durationUs,
    isStream: fc.boolean(),
    ttftUs: maybe(durationUs),
    gapsUs: fc.array(fc.nat(40_000), { maxLength: 8 }),
    inputTokens: maybe(fc.nat(300)),
    outputTokens: maybe(fc.nat(40)),
    cachedTokens: maybe(fc.nat(50)),
  })
  .map(({ offsetUs: [long, short], runUs, ...fields }) => {
    const sentUs = 1_800_000_000_000_000 + long + short
    return streamed({ start: 0, end: 0 }, { ...fields, sentUs, endUs: sentUs + runUs })
  })
const records = fc.array(anyRecord, { maxLength: 30 })

/** Start and end of a run of such records, and a moment of it. */
const startUs = 1_800_000_000_000_000
const endUs = startUs + 14_404_000_000
const moment = fc.oneof(fc.nat(100_000), fc.nat(8_000_000), fc.nat(14_404_000_000)).map(offset => startUs + offset)

test('any order and any split merges to the same, for any window', () => {
  const drawn = records.chain(given =>
    fc.record({
      given: fc.constant(given),
      shuffled: fc.shuffledSubarray(given, { minLength: given.length }),
      part: fc.array(fc.nat(2), { minLength: given.length, maxLength: given.length }),
      windows: fc.array(fc.tuple(moment, moment), { minLength: 5, maxLength: 5 }),
    }),
  )
  fc.assert(
    fc.property(drawn, ({ given, shuffled, part, windows }) => {
      const whole = fold(given)
      const merged = new TokenTimeline()
      for (const shard of [2, 0, 1]) merged.merge(fold(shuffled.filter((_, i) => part[i] === shard)))
      const of = (timeline: TokenTimeline) => [
        timeline.totals,
        timeline.inputCounts,
        timeline.outputCounts,
        windows.map(([fromUs, toUs]) => timeline.tokensBetween(fromUs, toUs)),
      ]
      expect(of(merged)).toEqual(of(whole))
    }),
    { numRuns: 60 },
  )
})

test('over the whole run the sums are exactly the totals, and the parts of any division sum to them', () => {
  fc.assert(
    fc.property(records, fc.array(moment, { maxLength: 6 }), (given, cuts) => {
      const timeline = fold(given)
      // A run begins before its first token comes.
      expect(timeline.tokensBetween(startUs - 1, endUs)).toEqual(timeline.totals)
      const moments = [startUs - 1, ...cuts.toSorted((a, b) => a - b), endUs]
      const parts = moments.slice(1).map((toUs, index) => timeline.tokensBetween(moments[index] as number, toUs))
      for (const kind of ['completion', 'newPrompt', 'cachedPrompt'] as const) {
        const sum = parts.reduce((total, part) => total + part[kind], 0)
        expect(sum).toBeCloseTo(timeline.totals[kind], 6)
      }
    }),
    { numRuns: 60 },
  )
})
