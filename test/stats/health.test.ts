import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HealthSample } from '../../src/model/health.ts'
import { Health } from '../../src/stats/health.ts'
import { sampleOf } from './health-samples.ts'

const healthOf = (samples: readonly HealthSample[]): Health => {
  const health = new Health()
  for (const sample of samples) health.add(sample)
  return health
}

const anyDelays = fc.uniqueArray(fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 50 })), { selector: ([us]) => us })

const anySample: fc.Arbitrary<HealthSample> = fc
  .record({
    thread: fc.integer({ min: 0, max: 3 }),
    durationUs: fc.integer({ min: 1, max: 2_000_000 }),
    cpuUs: fc.option(fc.nat(1_000_000), { nil: undefined }),
    runQueueUs: fc.option(fc.nat(1_000_000), { nil: undefined }),
    coresGiven: fc.option(fc.nat(1000), { nil: undefined }),
    gcCount: fc.nat(20),
    gcMaxUs: fc.nat(50_000),
    reads: fc.nat(5000),
    firstSelfDelays: anyDelays,
    laterSelfDelays: anyDelays,
    openFiles: fc.option(fc.nat(2000), { nil: undefined }),
    quotaPeriods: fc.option(fc.nat(20), { nil: undefined }),
    throttledCount: fc.option(fc.nat(20), { nil: undefined }),
  })
  .map(sampleOf)

describe('what threads observe of themselves', () => {
  test('merges to the same, however it is split and in whichever order', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 12 }), fc.nat(), fc.nat(), (samples, seed, at) => {
        const shuffled = samples.toSorted((a, b) => ((a.reads * 31 + seed) % 97) - ((b.reads * 31 + seed) % 97))
        const cut = samples.length === 0 ? 0 : at % samples.length
        const merged = healthOf(shuffled.slice(cut))
        merged.merge(healthOf(shuffled.slice(0, cut)))
        expect(merged.summary).toEqual(healthOf(samples).summary)
      }),
      { numRuns: 100 },
    )
  })

  test('is nothing where nobody observed', () => {
    expect(new Health().summary).toBeUndefined()
  })

  test('is each thread that sends, and all of them together', () => {
    const second = { durationUs: 1_000_000 }
    const samples = [
      sampleOf({
        ...second,
        thread: 0,
        runQueueUs: 900_000,
        openFiles: 70,
        quotaPeriods: 10,
        throttledCount: 1,
        gcCount: 1,
        gcUs: 1500,
      }),
      sampleOf({
        ...second,
        thread: 1,
        cpuUs: 250_000,
        runQueueUs: 10_000,
        coresGiven: 40,
        reads: 30,
        firstSelfDelays: [[50, 4]],
        laterSelfDelays: [[100, 16]],
      }),
      sampleOf({ ...second, thread: 2, cpuUs: 500_000, runQueueUs: 80_000, reads: 30, laterSelfDelays: [[300, 20]] }),
      sampleOf({
        ...second,
        thread: 0,
        openFiles: 60,
        quotaPeriods: 10,
        throttledCount: 0,
        gcCount: 2,
        gcUs: 2500,
        gcMaxUs: 2000,
      }),
    ]
    expect(healthOf(samples).summary).toEqual({
      threads: [
        {
          thread: 1,
          selfDelayMs: { p50: 0.1, p99: 0.1 },
          firstSelfDelayMs: { p50: 0.05, p99: 0.05 },
          cpuPercent: 25,
          runQueuePercent: 1,
          meanCoreWaitMs: 0.25,
        },
        {
          thread: 2,
          selfDelayMs: { p50: 0.3, p99: 0.3 },
          firstSelfDelayMs: { p50: undefined, p99: undefined },
          cpuPercent: 50,
          runQueuePercent: 8,
          meanCoreWaitMs: undefined,
        },
      ],
      selfDelayMs: { p50: 0.2, p99: 0.3 },
      firstSelfDelayMs: { p50: 0.05, p99: 0.05 },
      readsPerChunk: 1.5,
      gcCount: 3,
      gcMs: 4,
      gcMaxMs: 2,
      connectionsOpened: 0,
      openFiles: 70,
      throttledPercent: 5,
    })
  })

  test('has no share of periods where no quota counts any', () => {
    const samples = [sampleOf({ quotaPeriods: 0, throttledCount: 0 }), sampleOf()]
    expect(healthOf(samples).summary?.throttledPercent).toBeUndefined()
  })

  test('has no share of a time that the system does not tell', () => {
    const samples = [
      sampleOf({ durationUs: 1_000_000, cpuUs: undefined, runQueueUs: undefined }),
      sampleOf({ durationUs: 1_000_000, cpuUs: 100_000, runQueueUs: undefined }),
    ]
    expect(healthOf(samples).summary?.threads).toEqual([
      {
        thread: 1,
        selfDelayMs: { p50: undefined, p99: undefined },
        firstSelfDelayMs: { p50: undefined, p99: undefined },
        cpuPercent: 10,
        runQueuePercent: undefined,
        meanCoreWaitMs: undefined,
      },
    ])
  })
})
