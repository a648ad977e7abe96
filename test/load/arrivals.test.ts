import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ArrivalSettings, createArrivals, createDueCounter, recordedArrivals } from '../../src/load/arrivals.ts'

const settings = (change: Partial<ArrivalSettings> & { readonly ratePerSec?: number } = {}): ArrivalSettings => {
  const { ratePerSec = 5, ...others } = change
  return { pacing: { ratePerSec, arrival: 'poisson' }, rampUpMs: 0, seed: 1, stream: 'measured-arrivals', ...others }
}

const timesOf = (of: ArrivalSettings, count: number): number[] => {
  const arrivals = createArrivals(of)
  return Array.from({ length: count }, () => arrivals.next())
}

const gapsOf = (times: readonly number[]): number[] => times.map((time, i) => time - (times[i - 1] ?? 0))

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, variation: Math.sqrt(variance) / mean }
}

describe('a Poisson process', () => {
  test.each([1, 2, 3, 42, 4_294_967_295])('has exponential gaps of mean 1/rate with seed %i', seed => {
    const { mean, variation } = moments(gapsOf(timesOf(settings({ seed, ratePerSec: 20 }), 10_000)))
    // Mean and coefficient of variation of an exponential distribution; sd of both over 10 000 gaps is 1 %.
    expect(Math.abs(mean / 50 - 1)).toBeLessThan(0.03)
    expect(Math.abs(variation - 1)).toBeLessThan(0.03)
  })

  test('has gaps that do not depend on those before them', () => {
    const gaps = gapsOf(timesOf(settings(), 10_000))
    const { mean } = moments(gaps)
    const covariance = gaps.slice(1).reduce((sum, gap, i) => sum + (gap - mean) * ((gaps[i] as number) - mean), 0)
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0)
    expect(Math.abs(covariance / variance)).toBeLessThan(0.03)
  })

  test('is not scaled to end at n / rate', () => {
    const ends = [1, 2, 3, 4].map(seed => timesOf(settings({ seed }), 100).at(-1) as number)
    for (const end of ends) expect(end).not.toBeCloseTo(20_000, 0)
    expect(new Set(ends).size).toBe(4)
  })
})

test('the same seed gives the same schedule, another seed or phase another one', () => {
  const times = timesOf(settings(), 100)
  expect(timesOf(settings(), 100)).toEqual(times)
  expect(timesOf(settings({ seed: 2 }), 100)).not.toEqual(times)
  expect(timesOf(settings({ stream: 'warmup-arrivals' }), 100)).not.toEqual(times)
})

test('a sweep over rates draws the same pattern, faster', () => {
  const slow = timesOf(settings({ ratePerSec: 5 }), 50)
  const fast = timesOf(settings({ ratePerSec: 20 }), 50)
  for (const [index, time] of fast.entries()) expect(time * 4).toBeCloseTo(slow[index] as number, 6)
})

test('constant arrivals come each 1/rate from 0 on', () => {
  const pacing = { ratePerSec: 4, arrival: 'constant' } as const
  expect(timesOf(settings({ pacing }), 4)).toEqual([0, 250, 500, 750])
})

test('during the ramp-up the rate grows evenly from 0: after it as many are wanted as in half its time at full rate', () => {
  const pacing = { ratePerSec: 100, arrival: 'constant' } as const
  const times = timesOf(settings({ pacing, rampUpMs: 10_000 }), 2000)
  const wantedBy = (timeMs: number): number => times.filter(time => time <= timeMs).length
  // Λ(t) = R t² / 2T
  expect(wantedBy(2500)).toBe(32)
  expect(wantedBy(5000)).toBe(126)
  expect(wantedBy(10_000)).toBe(501)
  expect(wantedBy(11_000)).toBe(601)
})

test('times never decrease and are finite', () => {
  const anySettings = fc.record({
    ratePerSec: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
    arrival: fc.constantFrom('poisson' as const, 'constant' as const),
    rampUpMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(anySettings, ({ ratePerSec, arrival, rampUpMs, seed }) => {
      const times = timesOf(settings({ pacing: { ratePerSec, arrival }, rampUpMs, seed }), 200)
      for (const [index, time] of times.entries()) {
        expect(Number.isFinite(time)).toBe(true)
        expect(time).toBeGreaterThanOrEqual(times[index - 1] ?? 0)
      }
    }),
  )
})

test('the due counter counts what the schedule wants before then, up to the number of requests', () => {
  const times = timesOf(settings(), 40)
  const counter = createDueCounter(createArrivals(settings()), 30)
  expect(counter.rate()).toBeUndefined()
  for (const time of [0, times[0] as number, 2000, 4000]) {
    expect(counter.before(time)).toBe(times.filter(wanted => wanted < time).length)
  }
  expect(counter.before(1e9)).toBe(30)
  expect(counter.rate()).toBeCloseTo(29_000 / ((times[29] as number) - (times[0] as number)), 9)
})

test('recorded arrivals count from the first of a phase and end as the trace does', () => {
  const timesMs = [0, 10, 10, 45]
  const arrivals = recordedArrivals(index => timesMs[index], 1)
  expect([0, 1, 2, 3].map(() => arrivals.next())).toEqual([0, 0, 35, Number.POSITIVE_INFINITY])
  const counter = createDueCounter(
    recordedArrivals(index => timesMs[index], 0),
    3,
  )
  expect([0, 0.1, 10, 11, 1e9].map(time => counter.before(time))).toEqual([0, 1, 1, 3, 3])
  expect(counter.rate()).toBe(200)
})

test('arrivals that nobody knows ahead are never due', () => {
  const counter = createDueCounter(
    recordedArrivals(() => undefined, 0),
    3,
  )
  expect(counter.before(1e9)).toBe(0)
  expect(counter.rate()).toBeUndefined()
})
