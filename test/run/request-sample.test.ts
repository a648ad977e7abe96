import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { RequestSample } from '../../src/run/request-sample.ts'
import { streamed } from '../stats/records.ts'

const recordOf = (index: number, fields: Partial<RequestRecord> = {}): RequestRecord =>
  streamed({ start: 0, end: 1 }, { index, requestId: `r${index}`, ...fields })

const idsOf = (records: readonly RequestRecord[], seed = 1): string[] => {
  const sample = new RequestSample(seed)
  for (const record of records) sample.add(record, { text: 'a', reasoning: '' })
  return sample.list().map(({ requestId }) => requestId)
}

const many = Array.from({ length: 5000 }, (_, index) => recordOf(index))

describe('a sample of requests', () => {
  test('is all of them where they are few', () => {
    expect(idsOf(many.slice(0, 1000)).toSorted()).toEqual(
      many
        .slice(0, 1000)
        .map(({ requestId }) => requestId)
        .toSorted(),
    )
  })

  test('is a thousand of many, evenly spread', () => {
    const indices = idsOf(many).map(id => Number(id.slice(1)))
    expect(indices).toHaveLength(1000)
    expect(new Set(indices).size).toBe(1000)
    // 200 are wanted in each fifth; four standard deviations are 51.
    for (const fifth of [0, 1, 2, 3, 4]) {
      const count = indices.filter(index => Math.floor(index / 1000) === fifth).length
      expect(Math.abs(count - 200)).toBeLessThan(51)
    }
  })

  test('is another with another seed, and the same with the same', () => {
    expect(idsOf(many, 2)).not.toEqual(idsOf(many, 1))
    expect(idsOf(many, 2)).toEqual(idsOf(many, 2))
  })

  test('does not depend on the order of requests, however long each is', () => {
    const lengths = fc.array(fc.oneof(fc.nat(2000), fc.nat(400_000)), { minLength: 1, maxLength: 30 })
    const shuffled = lengths.chain(each => {
      const records = each.map((length, index) => recordOf(index, { body: 'x'.repeat(length) }))
      return fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length }))
    })
    fc.assert(
      fc.property(shuffled, ([records, others]) => {
        expect(idsOf(others)).toEqual(idsOf(records))
      }),
      { numRuns: 50 },
    )
  })

  test('leaves out the bodies with images, and longer ones than all of it may be', () => {
    const sample = new RequestSample(1)
    for (const [index, body] of ['text', 'data:image/png;base64,AA', 'x'.repeat(2 ** 20 + 1)].entries()) {
      sample.add(recordOf(index, { body }), { text: 'a', reasoning: '' })
    }
    const bodies = Object.fromEntries(sample.list().map(({ requestId, body }) => [requestId, body]))
    expect(bodies).toEqual({ r0: 'text', r1: undefined, r2: undefined })
  })

  test('holds some million characters of text, and at least one request', () => {
    const long = (length: number) => many.slice(0, 40).map(record => ({ ...record, body: 'x'.repeat(length) }))
    expect(idsOf(long(100_000))).toHaveLength(10)
    expect(idsOf(long(1_000_000))).toHaveLength(1)
  })
})
