import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FailureKind, RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { makeResult } from '../../src/stats/result.ts'
import { loadPlan, planOf } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const kinds: readonly FailureKind[] = ['connect', 'http_429', 'truncated', 'aborted']
// Short and very long times: both stores of a tally, and no walk over a million empty counters in each run.
const durationUs = fc.oneof(fc.nat(16_000), fc.integer({ min: 1_100_000, max: 3_000_000 }))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const records: fc.Arbitrary<RequestRecord[]> = fc
  .array(
    fc.record({
      phase: fc.constantFrom('measured', 'measured', 'measured', 'warmup' as const),
      isStream: fc.boolean(),
      sentUs: fc.nat(10_000_000),
      lateUs: fc.nat(5000),
      slotWaitUs: maybe(fc.nat(5000)),
      connectUs: maybe(fc.nat(900)),
      runUs: durationUs,
      ttftUs: maybe(durationUs),
      lagUs: fc.oneof(fc.constant(0), fc.nat(8000)),
      gapsUs: fc.array(durationUs, { maxLength: 6 }),
      eventsPerReadMax: fc.integer({ min: 1, max: 3 }),
      inputTokens: maybe(fc.constantFrom(1, 7, 7, 300)),
      outputTokens: maybe(fc.nat(40)),
      reasoningTokens: maybe(fc.nat(40)),
      cachedTokens: maybe(fc.nat(5)),
      tokenSource: fc.constantFrom('usage', 'tokenizer', 'chunks' as const),
      wasResent: fc.boolean(),
      failure: maybe(fc.constantFrom(...kinds)),
      statusCode: maybe(fc.constantFrom(429, 500)),
    }),
    // Longer than fast-check's default of ten: a rounding error needs several addends to show.
    { maxLength: 60, size: 'max' },
  )
  .map(drawn =>
    drawn.map(({ runUs, lagUs, lateUs, failure, ttftUs, ...fields }, index): RequestRecord => {
      const { phase, tokenSource, ...rest } = fields
      const overrides = {
        ...rest,
        index,
        phase: phase as RequestRecord['phase'],
        tokenSource: rest.outputTokens === undefined ? undefined : (tokenSource as 'usage' | 'tokenizer' | 'chunks'),
        scheduledUs: rest.sentUs - (rest.slotWaitUs ?? 0) - lateUs,
        endUs: rest.sentUs + runUs,
        firstChunkUs: ttftUs,
        ttftUs: ttftUs === undefined ? undefined : ttftUs + lagUs,
        ttfatUs: ttftUs === undefined ? undefined : ttftUs + 2 * lagUs,
        chunkCount: rest.gapsUs.length + 1,
      }
      if (failure === undefined) return streamed({ start: 0, end: 0 }, overrides)
      return failed(failure, { start: 0, end: 0 }, { ...overrides, message: `message ${index}` })
    }),
  )

const paced: RunPlan = loadPlan({ kind: 'closed', concurrency: 4, pacing: { ratePerSec: 6, arrival: 'poisson' } })
const gauge = { mean: 3, max: 4 }

/** All that is printed of a run, as one value. */
const figuresOf = (accumulator: Accumulator): unknown => ({
  result: makeResult(paced, accumulator, { interrupted: false, gauge }),
  ofPrompts: makeResult({ ...paced, task: 'embed' }, accumulator, { interrupted: false, gauge }),
  unpaced: makeResult(planOf(4, 60), accumulator, { interrupted: false, gauge }).throughput,
  speed: accumulator.speedRows(),
})

const fold = (given: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of given) accumulator.write(record)
  return accumulator
}

test('K13: any order, any split and any order of merging gives the figures of the whole to the last digit', () => {
  const split = records.chain(given =>
    fc.record({
      given: fc.constant(given),
      shuffled: fc.shuffledSubarray(given, { minLength: given.length }),
      part: fc.array(fc.nat(4), { minLength: given.length, maxLength: given.length }),
      mergeOrder: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    }),
  )
  fc.assert(
    fc.property(split, ({ given, shuffled, part, mergeOrder }) => {
      const shards = mergeOrder.map(shard => fold(shuffled.filter((_, i) => part[i] === shard)))
      const merged = new Accumulator()
      for (const shard of shards) merged.merge(shard)
      expect(figuresOf(merged)).toEqual(figuresOf(fold(given)))
    }),
    { numRuns: 80 },
  )
})

test('failures are grouped by kind and status, most frequent first, with the earliest request as example', () => {
  const limit = (index: number) =>
    failed('http_429', { start: 0, end: 1 }, { index, statusCode: 429, message: `slow down ${index}` })
  const accumulator = fold([
    failed('http_4xx', { start: 0, end: 1 }, { index: 9, statusCode: 404, message: 'no such model' }),
    limit(5),
    limit(3),
    failed('http_4xx', { start: 0, end: 1 }, { index: 1, statusCode: 400, message: 'bad body' }),
    limit(4),
    failed('connect', { start: 0, end: 1 }, { index: 2, message: 'ECONNREFUSED' }),
  ])
  expect(accumulator.failures.list()).toEqual([
    { kind: 'http_429', statusCode: 429, count: 3, example: 'slow down 3' },
    { kind: 'connect', statusCode: undefined, count: 1, example: 'ECONNREFUSED' },
    { kind: 'http_4xx', statusCode: 400, count: 1, example: 'bad body' },
    { kind: 'http_4xx', statusCode: 404, count: 1, example: 'no such model' },
  ])
})

test('speed rows give the mean of tokens per second per prompt length, shortest first', () => {
  const accumulator = fold([
    streamed({ start: 0, end: 2, input: 6144, output: 10 }),
    streamed({ start: 0, end: 1, input: 1, output: 10 }),
    streamed({ start: 0, end: 2, input: 1, output: 10 }),
    failed('empty', { start: 0, end: 1 }, { inputTokens: 1, outputTokens: 9000 }),
  ])
  expect(accumulator.speedRows()).toEqual([
    { inputTokens: 1, tokensPerSec: 7.5 },
    { inputTokens: 6144, tokensPerSec: 5 },
  ])
})

describe('what was sent', () => {
  const seconds = (...given: number[]) => given.map(second => second * 1e6)
  const [s10, s11, s12, s13] = seconds(10, 11, 12, 13) as [number, number, number, number]
  const accumulator = fold([
    streamed({ start: 9, end: 9.5 }, { phase: 'warmup', scheduledUs: 0, slotWaitUs: 1 }),
    streamed({ start: 10.5, end: 12, ttft: 0.25 }, { scheduledUs: s10, slotWaitUs: 400_000, connectUs: 300 }),
    streamed({ start: 11.25, end: 12.25 }, { scheduledUs: s11, slotWaitUs: 250_000, isStream: false }),
    failed('http_5xx', { start: 12, end: 12.5 }, { scheduledUs: s12, slotWaitUs: 0, connectUs: 9000 }),
    failed('aborted', { start: 13.5, end: 20 }, { scheduledUs: s13 }),
  ])

  test('counts and shows when it was wanted and sent, whatever became of it', () => {
    expect(accumulator.totals.conversations).toBe(4)
    expect(accumulator.firstSentUs).toBe(10.5e6)
    expect([accumulator.scheduledSpanUs, accumulator.sentSpanUs]).toEqual([3e6, 3e6])
  })

  test('was late by what the wait for a slot does not explain', () => {
    const lateness = [25, 50, 75].map(percent => accumulator.latenessUs.percentile(percent))
    expect([accumulator.latenessUs.count, ...lateness]).toEqual([4, 0, 50_000, 200_000])
    expect([accumulator.slotWaitUs.count, accumulator.slotWaitUs.sum]).toEqual([3, 650_000])
  })

  test('took from scheduled what it took from sent and the delay before, for successes', () => {
    expect([accumulator.scheduledLatencyUs.min, accumulator.scheduledLatencyUs.max]).toEqual([1_250_000, 2_000_000])
    expect([accumulator.scheduledTtftUs.count, accumulator.scheduledTtftUs.max]).toEqual([1, 750_000])
    expect([accumulator.connectUs.count, accumulator.connectUs.max]).toEqual([1, 300])
  })

  test('was in flight, cut off or not, while the duration ends with those that ended by themselves', () => {
    expect([accumulator.inFlight.firstUs, accumulator.inFlight.lastUs]).toEqual([10.5e6, 20e6])
    expect(accumulator.durationUs).toBe(2e6)
  })

  test('a stamp that rounding puts before its schedule is no delay', () => {
    const early = fold([streamed({ start: 1, end: 2, ttft: 0.5 }, { scheduledUs: 1_000_001 })])
    expect([early.latenessUs.max, early.scheduledLatencyUs.max, early.scheduledTtftUs.max]).toEqual([0, 1e6, 0.5e6])
  })
})

test('nothing sent has no times', () => {
  const none = new Accumulator()
  expect([none.totals.conversations, none.firstSentUs, none.sentSpanUs, none.scheduledSpanUs, none.durationUs]).toEqual(
    [0, undefined, undefined, undefined, undefined],
  )
})
