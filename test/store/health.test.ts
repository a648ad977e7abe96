import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArgumentsError } from '../../src/errors.ts'
import type { HealthSample } from '../../src/model/health.ts'
import { createDatabase, type DriverName } from '../../src/store/database.ts'
import { healthColumns, toHealthRow } from '../../src/store/health-table.ts'
import { readHealth } from '../../src/store/replay.ts'
import { createTablesSql } from '../../src/store/schema.ts'
import { createStore } from '../../src/store/sqlite.ts'
import { sampleOf } from '../stats/health-samples.ts'
import { driverNames, temporaryDirectory } from './records.ts'

const count = fc.nat({ max: 1_000_000 })
const maybe = fc.option(count, { nil: undefined })

const anySample: fc.Arbitrary<HealthSample> = fc
  .record({
    thread: fc.nat(256),
    startUs: fc.integer({ min: 1_500_000_000_000_000, max: 4_000_000_000_000_000 }),
    durationUs: count,
    cpuUs: maybe,
    runQueueUs: maybe,
    coresGiven: maybe,
    gcCount: count,
    gcUs: count,
    gcMaxUs: count,
    reads: count,
    chunks: count,
    firstSelfDelays: fc.array(fc.tuple(count, count), { maxLength: 5 }),
    laterSelfDelays: fc.array(fc.tuple(count, count), { maxLength: 5 }),
    connectionsOpened: count,
    openFiles: maybe,
    quotaPeriods: maybe,
    throttledCount: maybe,
    throttledUs: maybe,
  })
  .map(sampleOf)

const stored = async (path: string, samples: readonly HealthSample[], driver: DriverName) => {
  const store = await createStore({ path, commitIntervalRows: 100, driver })
  for (const sample of samples) store.writeHealth(sample)
  await store.close()
  return readHealth(path, driver)
}

describe.each(driverNames)('table health on %s', driver => {
  test('gives back what was written, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySample, { maxLength: 4 }), async samples => {
        const path = join(temporaryDirectory(), 'benchmark_data.db')
        expect(await stored(path, samples, driver)).toEqual(samples)
      }),
      { numRuns: 10 },
    )
  })

  test('of an older version is refused in one line', async () => {
    const path = join(temporaryDirectory(), 'benchmark_data.db')
    const database = await createDatabase(path, driver)
    database.exec(`${createTablesSql}; PRAGMA user_version = 3`)
    await database.close()
    await expect(readHealth(path, driver)).rejects.toThrow(
      new ArgumentsError(`database ${path} has version 3, this program reads 4; run it again`),
    )
  })
})

test('a row has the percentiles of its self-delays beside them, in seconds', () => {
  const row = toHealthRow(
    sampleOf({
      firstSelfDelays: [[5000, 2]],
      laterSelfDelays: [[10, 98]],
      runQueueUs: undefined,
    }),
  )
  const named = Object.fromEntries(healthColumns.map(({ name }, index) => [name, row[index]]))
  expect(named).toMatchObject({
    start_time: 1_800_000_000,
    duration: 1,
    self_delay_p50: 0.00001,
    self_delay_p99: 0.005,
    first_self_delay_p50: 0.005,
    first_self_delay_p99: 0.005,
    first_self_delays: '[[5000,2]]',
    later_self_delays: '[[10,98]]',
    run_queue_wait: null,
  })
  expect(toHealthRow(sampleOf())[healthColumns.findIndex(({ name }) => name === 'self_delay_p50')]).toBeNull()
})
