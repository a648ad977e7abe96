import { afterEach, expect, test } from 'vitest'
import { latenessUs, type RequestRecord } from '../../src/model/record.ts'
import type { SimulationKnobs } from '../../src/server/knobs.ts'
import { type SpawnedServer, spawnSimulatedServer } from '../../src/server/spawn.ts'
import type { Truth } from '../../src/server/truth-log.ts'
import { InFlight } from '../../src/stats/in-flight.ts'
import { summaryOf, truthOf } from '../server/client.ts'
import { planFor } from '../support/ask.ts'
import { type Loaded, load } from '../support/load.ts'

const quick: Partial<SimulationKnobs> = {
  prefillBaseMs: 20,
  prefillTokensPerSec: Number.POSITIVE_INFINITY,
  itlMs: 5,
  batchScale: Number.POSITIVE_INFINITY,
  maxBatch: 2000,
  outputTokens: 4,
  outputSpread: 0,
}

let server: SpawnedServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const runOpen = async (ratePerSec: number, number: number): Promise<Loaded> => {
  server ??= await spawnSimulatedServer({ knobs: quick })
  const shape = { kind: 'open', pacing: { ratePerSec, arrival: 'poisson' } } as const
  return load(planFor(`${server.url}/v1/chat/completions`, { number, warmupNumber: 100, load: shape }))
}

const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] as number
}

const spanMs = (times: readonly number[]): number => (Math.max(...times) - Math.min(...times)) / 1000

const median = (values: readonly number[]): number => percentile(values, 50)

test('at 200 req/s requests leave over the time that the schedule takes, to 0.1 % + 5 ms', async () => {
  const offMs: number[] = []
  for (let repeat = 0; repeat < 3; repeat++) {
    const { records } = await runOpen(200, 300)
    const wantedMs = spanMs(records.map(({ scheduledUs }) => scheduledUs))
    const sentMs = spanMs(records.map(({ sentUs }) => sentUs))
    offMs.push(Math.abs(sentMs - wantedMs) - 0.001 * wantedMs)
    expect(records.filter(({ failure }) => failure !== undefined)).toEqual([])
  }
  expect(median(offMs)).toBeLessThan(5)
})

test('at 500 req/s p99 of the lateness is under 5 ms while the server is another process', async () => {
  const lateMs: number[] = []
  for (let repeat = 0; repeat < 3; repeat++) {
    const { records } = await runOpen(500, 750)
    lateMs.push(percentile(records.map(latenessUs), 99) / 1000)
  }
  expect(median(lateMs)).toBeLessThan(5)
})

test('a closed loop of 64 keeps 64 in flight at the server, never 65, and refills a slot at once', async () => {
  // One answer takes 1 s: 900 ms to the first of five tokens, each stream on a beat of its own.
  const knobs = { ...quick, prefillBaseMs: 900, itlMs: 25, outputTokens: 5, desync: true }
  server = await spawnSimulatedServer({ knobs })
  const plan = planFor(`${server.url}/v1/chat/completions`, {
    number: 64 * 4,
    load: { kind: 'closed', concurrency: 64 },
  })
  const { records, watch } = await load(plan)
  const truths = await Promise.all(records.map(({ requestId }) => truthOf(server as SpawnedServer, requestId)))
  expect((await summaryOf(server)).maxInFlight).toBe(64)
  expect(watch.gauge.read()?.max).toBe(64)
  expect(meanInFlight(records, truths)).toBeGreaterThanOrEqual(63.7)
  // From the end of an answer to the next request of its slot; the first wave has none before it.
  const refillMs = records
    .filter(({ index }) => index >= 64)
    .map(({ sentUs, scheduledUs }) => (sentUs - scheduledUs) / 1000)
  expect(median(refillMs)).toBeLessThan(1)
})

/** What the server had in flight, by its own stamps, from the last arrival of the first wave to the last arrival. */
const meanInFlight = (records: readonly RequestRecord[], truths: readonly Truth[]): number => {
  const inFlight = new InFlight()
  const arrivals: number[] = []
  for (const { receivedMs, writtenMs } of truths) {
    inFlight.add(Math.round(receivedMs * 1000), Math.round((writtenMs.at(-1) as number) * 1000))
    arrivals.push(Math.round(receivedMs * 1000))
  }
  const sorted = arrivals.toSorted((a, b) => a - b)
  expect(sorted).toHaveLength(records.length)
  return inFlight.meanBetween(sorted[63] as number, sorted.at(-1) as number) as number
}
