import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import type { SeriesName } from '../../src/model/result.ts'
import type { LoadShape, Pacing } from '../../src/model/run-plan.ts'
import { Accumulator } from '../../src/stats/accumulator.ts'
import { percentileTable } from '../../src/stats/percentiles.ts'
import { summarize } from '../../src/stats/summary.ts'
import { loadPlan } from '../report/results.ts'
import { failed, streamed } from './records.ts'

const fold = (records: readonly RequestRecord[]): Accumulator => {
  const accumulator = new Accumulator()
  for (const record of records) accumulator.write(record)
  return accumulator
}

const closed: LoadShape = { kind: 'closed', concurrency: 1 }

describe('a paced load', () => {
  const pacing: Pacing = { ratePerSec: 2, arrival: 'constant' }
  const capped: LoadShape = { kind: 'closed', concurrency: 1, pacing }
  const open: LoadShape = { kind: 'open', pacing }
  const given = { start: 1, end: 2, ttft: 0.5, gaps: [0.5], input: 1, output: 2 }
  /** Wanted at 1, 1.5 and 2 s; the second waited 0.4 s for a slot and 1 ms for us, the third 2 ms for us. */
  const paced = [
    streamed(given, { slotWaitUs: 0, connectUs: 100 }),
    streamed({ ...given, start: 1.901, end: 3.001 }, { scheduledUs: 1_500_000, slotWaitUs: 400_000, connectUs: 300 }),
    failed('http_5xx', { start: 2.002, end: 2.1 }, { scheduledUs: 2_000_000, slotWaitUs: 0 }),
  ]
  const scheduleFor = (load: LoadShape, records = paced) => summarize(fold(records), loadPlan(load)).schedule
  const shown = (load: LoadShape, records = paced) =>
    percentileTable(fold(records), loadPlan(load)).rows.map(row => row.series)

  test('rates are over all that was sent, lateness leaves out the wait for a slot, means are of successes', () => {
    expect(scheduleFor(capped)).toEqual({
      requestedRatePerSec: 2,
      drawnRatePerSec: 2,
      realisedRatePerSec: 2 / 1.002,
      latenessMs: { p50: 1, p99: expect.closeTo(1.98, 9), max: 2 },
      slotWaitMs: { p50: 0, p99: expect.closeTo(392, 9), max: 400 },
      meanLatencyMs: (1000 + 1501) / 2,
      meanTtftMs: (500 + 901) / 2,
    })
    expect(summarize(fold(paced), loadPlan(capped)).meanConnectMs).toBe(0.2)
  })

  test('a trace has a schedule without a rate that was asked for, and no slots', () => {
    const trace: LoadShape = { kind: 'trace' }
    const { requestedRatePerSec, ...others } = scheduleFor(open) ?? {}
    expect(requestedRatePerSec).toBe(2)
    expect(scheduleFor(trace)).toEqual(others)
    expect(shown(trace)).toEqual(shown(open))
  })

  test('one request has no rate, and none has no lateness', () => {
    expect(scheduleFor(open, paced.slice(0, 1))).toMatchObject({
      drawnRatePerSec: undefined,
      realisedRatePerSec: undefined,
    })
    expect(scheduleFor(open, [])).toMatchObject({ latenessMs: undefined, slotWaitMs: undefined, meanTtftMs: undefined })
  })

  test('an unpaced load has no schedule', () => {
    expect(scheduleFor(closed)).toBeUndefined()
    expect(shown(closed)).not.toContain('scheduledLatency')
  })

  test('the percentile table has both clocks beside each other, and what we added last', () => {
    const own = (series: readonly SeriesName[]) => series.filter(name => !shown(closed).includes(name))
    expect(shown(capped).slice(0, 4)).toEqual(['latency', 'scheduledLatency', 'ttft', 'scheduledTtft'])
    expect(own(shown(capped))).toEqual(['scheduledLatency', 'scheduledTtft', 'slotWait', 'lateness'])
    expect(own(shown(open))).toEqual(['scheduledLatency', 'scheduledTtft', 'connect', 'lateness'])
    expect(shown(open).slice(-2)).toEqual(['connect', 'lateness'])
  })

  test.each([
    [999, false],
    [1000, true],
  ])('in a closed loop a p99 of connecting of %i us has a row: %s', (connectUs, isShown) => {
    expect(shown(closed, [streamed(given, { connectUs })]).includes('connect')).toBe(isShown)
  })
})
