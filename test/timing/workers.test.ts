import { afterEach, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { latenessUs } from '../../src/model/record.ts'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { type SpawnedServer, spawnSimulatedServer } from '../../src/server/spawn.ts'
import { InFlight } from '../../src/stats/in-flight.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'

/** Answers of 50 ms, each stream on a beat of its own. */
const knobs: Partial<SimulationKnobs> = {
  prefillBaseMs: 20,
  prefillTokensPerSec: Number.POSITIVE_INFINITY,
  itlMs: 10,
  batchScale: Number.POSITIVE_INFINITY,
  outputTokens: 4,
  outputSpread: 0,
  desync: true,
}

let server: SpawnedServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** What the sweep line over the records says, as the summary has it. */
const sweptMean = (records: readonly RequestRecord[]): number => {
  const inFlight = new InFlight()
  for (const { sentUs, endUs } of records) inFlight.add(sentUs, endUs)
  const fromUs = Math.min(...records.map(({ sentUs }) => sentUs))
  const toUs = Math.max(...records.map(({ endUs }) => endUs))
  return inFlight.meanBetween(fromUs, toUs) as number
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

test('with 2 workers the gauge is within 1 % of the sweep line, and a slot is refilled within 3 ms', async () => {
  server = await spawnSimulatedServer({ knobs })
  const shape = { load: { kind: 'closed', concurrency: 8 }, workers: 2 } as const
  const apart: number[] = []
  const refillMs: number[] = []
  for (let repeat = 0; repeat < 3; repeat++) {
    const plan = planFor(`${server.url}/v1/chat/completions`, { ...shape, number: 200, warmupNumber: 40 })
    const { records, watch } = await load(plan)
    const gauge = watch.gauge.read()
    expect(gauge?.max).toBe(8)
    apart.push(Math.abs((gauge?.mean ?? 0) / sweptMean(records) - 1))
    refillMs.push(median(records.map(latenessUs)) / 1000)
  }
  expect(median(apart)).toBeLessThan(0.01)
  expect(median(refillMs)).toBeLessThan(3)
})
