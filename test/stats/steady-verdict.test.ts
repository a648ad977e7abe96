import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { meanPaused } from '../../src/stats/paused-slots.ts'
import { planOf } from '../report/results.ts'
import { type Case, inARow, stream, twoSlots, verdictOf } from './verdict-cases.ts'

/** `slots` of a hundred are busy all the time, so many waves of 0.38 s. */
const busy = (slots: number, waves: number): readonly RequestRecord[] =>
  Array.from({ length: slots * waves }, (_, index) => stream(100 + 0.38 * Math.floor(index / slots), { index }))

const of = (records: readonly RequestRecord[], plan: Partial<RunPlan> = {}): Case => ({
  plan: { ...planOf(100, 1000, 'openqa'), ...plan },
  records,
})

describe('concurrency that never came near what was asked for', () => {
  test('is missed where there were three waves or more', () => {
    const { level, reasons } = verdictOf(of(busy(12, 30)))
    expect(level).toBe('SUSPECT')
    expect(reasons).toMatchObject([{ name: 'concurrency missed', bound: 95 }])
    expect(reasons[0]?.message).toContain(
      '12 of 100 requests were in flight on average, 12%, and never 90 at a time; the bound is 95%',
    )
  })

  test('is missed where only a duration was given', () => {
    const plan = { number: undefined, durationMs: 10_000 }
    expect(verdictOf(of(busy(12, 30), plan)).reasons).toMatchObject([{ name: 'concurrency missed' }])
  })

  test('is judged from the end of the ramp on', () => {
    // The slots open one after the other over 8 s, of which each second is one more dozen.
    const rising = Array.from({ length: 30 }, (_, wave) =>
      Array.from({ length: Math.min(80, 4 * wave) }, () => stream(100 + 0.38 * wave)),
    ).flat()
    const { reasons } = verdictOf(of(rising, { rampUpMs: 8000 }))
    expect(reasons[0]?.measured).toBeCloseTo(80, 0)
    expect(verdictOf(of(rising, { rampUpMs: 60_000 })).reasons).toEqual([])
  })

  test.each([
    ['of fewer than three waves', of(busy(12, 10), { number: 299 })],
    ['with think time', { ...of(busy(12, 30)), context: { hasThinkTime: true } }],
    ['that reached it for a moment', of([...busy(12, 30), ...busy(90, 1)])],
  ] as const)('is not judged in a run %s', (_, given) => {
    expect(verdictOf(given).reasons).toEqual([])
  })
})

describe('pauses after refused connections', () => {
  test('stand for requests in flight in the seconds in which they were', () => {
    const records = twoSlots(1)
    const plan = planOf(2, 100, 'openqa')
    const seconds = (from: number, count: number) =>
      Array.from({ length: count }, (_, second) => [from + second, 1_000_000] as const)
    expect(verdictOf({ plan, records }).reasons).toMatchObject([{ name: 'concurrency missed' }])
    expect(verdictOf({ plan, records, context: { pauses: seconds(100, 60) } }).reasons).toEqual([])
    // The load is steady from second 100 on, for some 19 s.
    expect(verdictOf({ plan, records, context: { pauses: seconds(0, 90) } }).reasons).toMatchObject([
      { name: 'concurrency missed' },
    ])
  })

  test('count for the part of a second that lies in the window', () => {
    const pauses = [
      [10, 4_000_000],
      [11, 2_000_000],
    ] as const
    expect(meanPaused(pauses, { fromUs: 10_000_000, toUs: 12_000_000 })).toBe(3)
    expect(meanPaused(pauses, { fromUs: 10_500_000, toUs: 11_500_000 })).toBe(3)
    expect(meanPaused(pauses, { fromUs: 12_000_000, toUs: 13_000_000 })).toBe(0)
  })
})

test('a load that was in flight as asked for is VALID with or without pauses', () => {
  expect(verdictOf({ plan: planOf(1, 100, 'openqa'), records: inARow(100) }).level).toBe('VALID')
})
