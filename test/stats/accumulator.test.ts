import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FailureKind, RequestRecord } from '../../src/model/record.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { percentileTable } from '../../src/stats/percentiles.ts'
import { summarize } from '../../src/stats/summary.ts'
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
      runUs: durationUs,
      ttftUs: maybe(durationUs),
      lagUs: fc.nat(8000),
      gapsUs: fc.array(durationUs, { maxLength: 6 }),
      eventsPerReadMax: fc.integer({ min: 1, max: 3 }),
      inputTokens: maybe(fc.constantFrom(1, 7, 7, 300)),
      outputTokens: maybe(fc.nat(40)),
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
    drawn.map(({ runUs, lagUs, failure, ttftUs, ...fields }, index): RequestRecord => {
      const { phase, tokenSource, ...rest } = fields
      const overrides = {
        ...rest,
        index,
        phase: phase as RequestRecord['phase'],
        tokenSource: rest.outputTokens === undefined ? undefined : (tokenSource as 'usage' | 'tokenizer' | 'chunks'),
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

/** All that is printed of a run, as one value. */
const figuresOf = (accumulator: Accumulator): unknown => ({
  summary: summarize(accumulator, { expectedRequests: 60 }),
  percentiles: percentileTable(accumulator),
  failures: accumulator.failures.list(),
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
