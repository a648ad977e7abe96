import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { GaugeReading } from '../../src/model/result.ts'
import type { Pacing, RunPlan } from '../../src/model/run-plan.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { steadyLevel } from '../../src/stats/steady-window.ts'
import { workloadOf } from '../../src/stats/workload.ts'
import { loadPlan, planOf, resultOf } from '../report/results.ts'
import { failed, k01Records, streamed } from './records.ts'

const fold = (records: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return accumulator
}

const found = (plan: RunPlan, records: readonly RequestRecord[], gauge?: GaugeReading) =>
  workloadOf(fold(records), plan, gauge)

/** One request after the other, each of one second, in as many slots. */
const slots = (concurrency: number, rounds: number): RequestRecord[] =>
  Array.from({ length: concurrency * rounds }, (_, index) => {
    const start = 100 + Math.floor(index / concurrency)
    return streamed({ start, end: start + 1, ttft: 0.5, input: 6, output: 4 }, { index })
  })

/** Two requests a second, each of one second, for so long. */
const arrivals = (seconds: number): RequestRecord[] =>
  Array.from({ length: 2 * seconds }, (_, index) => {
    const start = 100 + index / 2
    return streamed({ start, end: start + 1, ttft: 0.25, input: 6, output: 4 }, { index })
  })

const pacing: Pacing = { ratePerSec: 2, arrival: 'constant' }
const openLoop = loadPlan({ kind: 'open', pacing })

describe('K01, two slots', () => {
  // In flight: two from 0 to 3 s, one to 4 s. Mean latency: 1.4 s.
  const { throughput, concurrency, timeline } = found(planOf(2, 5), k01Records)

  test('overall throughput is the summary’s', () => {
    const { summary } = resultOf(planOf(2, 5), k01Records)
    expect(throughput?.overall.completion).toBe(summary.outputTokensPerSec)
    expect(throughput?.overall).toEqual({
      totalPrompt: 37.5,
      newPrompt: undefined,
      cachedPrompt: undefined,
      completion: 8.5,
    })
    expect([throughput?.samples, throughput?.wallMs]).toEqual([5, 4000])
  })

  test('a run below 30 s is its own last 30 s', () => {
    expect(throughput?.last30s).toEqual(throughput?.overall)
  })

  test('it is steady while both slots are taken', () => {
    expect(throughput?.steadyWindow).toEqual({ fromMs: 0, toMs: 3000 })
    // Up to the chunks that come at the very end of the window: all of 1, 2 and 4, eight of nine tokens of 3.
    expect(throughput?.steady?.completion).toBeCloseTo((5 + 5 + 8 + 10) / 3)
    expect(throughput?.steady?.totalPrompt).toBeCloseTo((10 + 20 + 30 + 40) / 3)
  })

  test('its concurrency', () => {
    expect(concurrency).toEqual({ mean: 1.75, max: 2, steadyMean: 2, gauge: undefined })
  })

  test('its timeline has a point each 10 ms, with what had come by then', () => {
    expect(timeline?.startUs).toBe(100_000_000)
    expect(timeline?.points).toHaveLength(400)
    expect(timeline?.points[0]).toEqual({ tMs: 10, completion: 0, newPrompt: 0, cachedPrompt: 0, meanInFlight: 2 })
    expect(timeline?.points[249]).toMatchObject({ tMs: 2500, newPrompt: 100, meanInFlight: 2 })
    expect(timeline?.points[399]).toEqual({
      tMs: 4000,
      completion: 34,
      newPrompt: 150,
      cachedPrompt: 0,
      meanInFlight: 1,
    })
  })
})

test('the last 30 s end with the last request that ended by itself', () => {
  const records = slots(1, 40).map((record, index) => ({ ...record, outputTokens: index < 10 ? 100 : 4 }))
  const aborted = failed('aborted', { start: 140, end: 150 })
  const { throughput } = found(planOf(1, 41), [...records, aborted])
  expect(throughput?.overall.completion).toBe((10 * 100 + 30 * 4) / 40)
  expect(throughput?.last30s.completion).toBeCloseTo(4)
  expect(throughput?.last30s.totalPrompt).toBeCloseTo(6)
})

test('tokens that nobody counted have no rate', () => {
  const { throughput } = found(planOf(1, 3), [streamed({ start: 1, end: 2, ttft: 0.5, output: 3 })])
  expect(throughput?.overall).toEqual({
    totalPrompt: undefined,
    newPrompt: undefined,
    cachedPrompt: undefined,
    completion: 3,
  })
  const uncounted = found(planOf(1, 3), [streamed({ start: 1, end: 2, ttft: 0.5, input: 9, cached: 4 })])
  expect(uncounted.throughput?.overall).toEqual({
    totalPrompt: 9,
    newPrompt: 5,
    cachedPrompt: 4,
    completion: undefined,
  })
})

test('without a success there is no throughput, but there was something in flight', () => {
  const { throughput, concurrency, timeline } = found(planOf(2, 2), [
    failed('http_5xx', { start: 1, end: 2 }),
    failed('aborted', { start: 1, end: 3 }),
  ])
  expect(throughput).toBeUndefined()
  expect(concurrency).toEqual({ mean: 1.5, max: 2, steadyMean: undefined, gauge: undefined })
  expect(timeline?.points.at(-1)).toMatchObject({ tMs: 2000, completion: 0, meanInFlight: 1 })
})

test('when nothing was sent there is nothing', () => {
  expect(found(planOf(2, 2), [])).toEqual({ throughput: undefined, concurrency: undefined, timeline: undefined })
})

test('the load loop’s own count stands beside ours', () => {
  const gauge = { mean: 1.76, max: 2 }
  expect(found(planOf(2, 5), k01Records, gauge).concurrency?.gauge).toBe(gauge)
})

describe('steady, without a schedule', () => {
  const windowOf = (plan: RunPlan, records: readonly RequestRecord[]) => found(plan, records).throughput?.steadyWindow

  test.each([
    // concurrency, number, level
    [10, 100, 9],
    [20, 100, 18],
    [1, 1, 1],
    [5, 100, 5],
    [100, 30, 27],
    [10, undefined, 9],
  ])('with %i slots for %s requests is with %i in flight', (concurrency, number, level) => {
    expect(steadyLevel({ ...planOf(concurrency, 1), number })).toBe(level)
  })

  test('a load with a schedule has no such level', () => {
    expect(steadyLevel(openLoop)).toBeUndefined()
    expect(steadyLevel(loadPlan({ kind: 'closed', concurrency: 10, pacing }))).toBeUndefined()
  })

  test('is from the first to the last moment with 90 % of the target', () => {
    const late = streamed({ start: 103, end: 109, ttft: 0.5, output: 4 })
    expect(windowOf(planOf(10, 41), [...slots(10, 4), late])).toEqual({ fromMs: 0, toMs: 4000 })
  })

  test('requests that fail are in flight too; those cut off hold their slots, but nobody knows their tokens', () => {
    const others = [0, 1, 2, 3].map(round => failed('http_5xx', { start: 100 + round, end: 101 + round }))
    const aborted = failed('aborted', { start: 104, end: 106 })
    expect(windowOf(planOf(2, 9), [...slots(1, 4), ...others])).toEqual({ fromMs: 0, toMs: 4000 })
    expect(windowOf(planOf(1, 9), [...slots(1, 4), aborted])).toEqual({ fromMs: 0, toMs: 4000 })
  })

  test('there is no window below two mean latencies', () => {
    expect(windowOf(planOf(10, 20), slots(10, 2))).toEqual({ fromMs: 0, toMs: 2000 })
    expect(windowOf(planOf(10, 10), slots(10, 1))).toBeUndefined()
  })

  test('there is no window when the target was never reached', () => {
    expect(windowOf(planOf(20, 100), slots(10, 5))).toBeUndefined()
  })

  test('it begins after the ramp', () => {
    const plan = { ...planOf(10, 100), rampUpMs: 2500 }
    expect(windowOf(plan, slots(10, 8))).toEqual({ fromMs: 2500, toMs: 8000 })
    expect(windowOf({ ...plan, rampUpMs: 6500 }, slots(10, 8))).toBeUndefined()
    expect(windowOf({ ...plan, rampUpMs: 9000 }, slots(10, 8))).toBeUndefined()
  })
})

describe('steady, with a schedule', () => {
  test('is from one p50 latency after the first wanted request to the last sent', () => {
    const { throughput, concurrency } = found(openLoop, arrivals(10))
    expect(throughput?.steadyWindow).toEqual({ fromMs: 1000, toMs: 9500 })
    expect(throughput?.steady?.completion).toBeCloseTo(8, 6)
    expect(concurrency?.steadyMean).toBe(2)
    expect(concurrency?.mean).toBeCloseTo(20 / 10.5)
  })

  test('a closed loop with a schedule too', () => {
    const plan = loadPlan({ kind: 'closed', concurrency: 50, pacing })
    expect(found(plan, arrivals(10)).throughput?.steadyWindow).toEqual({ fromMs: 1000, toMs: 9500 })
  })

  test('what counts is when the first was wanted, not when it left', () => {
    const [first, ...others] = arrivals(10) as [RequestRecord, ...RequestRecord[]]
    const wantedEarlier = { ...first, scheduledUs: first.scheduledUs - 250_000 }
    expect(found(openLoop, [wantedEarlier, ...others]).throughput?.steadyWindow?.fromMs).toBe(750)
    const ramped = found({ ...openLoop, rampUpMs: 3000 }, [wantedEarlier, ...others])
    expect(ramped.throughput?.steadyWindow?.fromMs).toBe(2750)
  })

  test('there is no window below two mean latencies', () => {
    expect(found(openLoop, arrivals(3)).throughput?.steadyWindow).toBeUndefined()
    expect(found(openLoop, arrivals(4)).throughput?.steadyWindow).toEqual({ fromMs: 1000, toMs: 3500 })
  })
})

describe('a timeline', () => {
  test.each([
    // lasts, step, points
    [0.004, 10, 1],
    [10, 10, 1000],
    [10.001, 20, 501],
    [45, 50, 900],
    [100, 100, 1000],
    [1800, 2000, 900],
    [7200.5, 10_000, 721],
    [86_400, 100_000, 864],
  ])('of %d s has a point each %i ms: %i', (seconds, stepMs, count) => {
    const { timeline } = found(planOf(1, 1), [streamed({ start: 7, end: 7 + seconds, ttft: 0.001, output: 9 })])
    const points = timeline?.points ?? []
    expect(points).toHaveLength(count)
    if (count > 1) expect(points[0]?.tMs).toBe(stepMs)
    expect(points.at(-1)?.tMs).toBeCloseTo(1000 * seconds)
    expect(points.at(-1)?.completion).toBe(9)
    expect(points.every(point => Math.abs(point.meanInFlight - 1) < 1e-9)).toBe(true)
  })

  test('never falls and ends with all tokens', () => {
    const records = arrivals(60).map((record, index) => ({ ...record, outputTokens: index, cachedTokens: index % 3 }))
    const points = found(openLoop, records).timeline?.points ?? []
    for (const kind of ['completion', 'newPrompt', 'cachedPrompt'] as const) {
      const counts = points.map(point => point[kind])
      expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    }
    expect(points.at(-1)).toMatchObject({ completion: (119 * 120) / 2, newPrompt: 120 * 5, cachedPrompt: 120 })
  })
})
