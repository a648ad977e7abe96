import { describe, expect, test } from 'vitest'
import { Accumulator } from '../../../src/stats/accumulator.ts'
import type { MeasuredPoint } from '../../../src/stats/sla/outcome.ts'
import { queueStart } from '../../../src/stats/sla/queue-start.ts'
import { planOf, resultOf } from '../../report/results.ts'
import { streamed } from '../records.ts'

/** A value whose requests have these TTFTs, in ms. */
const point = (value: number, ...ttfts: readonly number[]): MeasuredPoint => {
  const accumulator = new Accumulator()
  const records = ttfts.map(ttft => streamed({ start: 0, end: 10, ttft: ttft / 1000, output: 2 }))
  for (const record of records) accumulator.write(record)
  return { value, accumulator, result: resultOf(planOf(value, 1), records) }
}

describe('the queue starts', () => {
  test('where the mean TTFT leaves what it was for good, also when few requests wait', () => {
    const points = [point(1, 20, 20), point(8, 21, 19, 20, 24), point(9, 20, 20, 20, 400), point(16, 400)]
    expect(queueStart(points)).toEqual({ after: 8, at: 9, beforeMs: 21, atMs: 115 })
  })

  test('after a value that had a hiccup, when a higher one had none', () => {
    expect(queueStart([point(1, 20), point(2, 90), point(4, 20), point(8, 80)])).toMatchObject({ after: 4, at: 8 })
  })

  test('nowhere, when it never leaves', () => {
    expect(queueStart([point(1, 20), point(2, 24)])).toBe('none')
  })

  test('nobody knows where, without TTFT', () => {
    expect(queueStart([point(1), point(2)])).toBeUndefined()
    expect(queueStart([])).toBeUndefined()
  })
})
