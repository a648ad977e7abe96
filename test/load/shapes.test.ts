import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createArrivals } from '../../src/load/arrivals.ts'
import { neverStops } from '../../src/load/stop.ts'
import { latenessUs, type RequestRecord } from '../../src/model/record.ts'
import type { LoadShape, RunPlan } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import { type ChatServer, type ChatServerOptions, startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'

const closed = (concurrency: number): LoadShape => ({ kind: 'closed', concurrency })
const capped = (concurrency: number, ratePerSec: number): LoadShape => ({
  kind: 'closed',
  concurrency,
  pacing: { ratePerSec, arrival: 'poisson' },
})
const open = (ratePerSec: number, arrival: 'poisson' | 'constant' = 'poisson'): LoadShape => ({
  kind: 'open',
  pacing: { ratePerSec, arrival },
})
const shapes: readonly (readonly [name: string, shape: LoadShape])[] = [
  ['a closed loop', closed(4)],
  ['a paced closed loop', capped(4, 200)],
  ['an open loop', open(200)],
]

let server: ChatServer
const serve = async (options: ChatServerOptions): Promise<void> => {
  await server.close()
  server = await startChatServer(options)
}
const plan = (change: Partial<RunPlan>): RunPlan => planFor(`${server.url}/v1/chat/completions`, change)
const failures = (records: readonly RequestRecord[]) => records.flatMap(({ failure }) => failure ?? [])
const sentMs = ({ sentUs }: RequestRecord): number => sentUs / 1000 - performance.timeOrigin
const bySent = (records: readonly RequestRecord[]) => records.toSorted((a, b) => a.sentUs - b.sentUs)

beforeEach(async () => {
  server = await startChatServer()
})
afterEach(() => server.close())

test('an open loop sends at its wanted times, however many are under way', async () => {
  await serve({ tokens: 1, tokenMs: 300 })
  const { records, startMs } = await load(plan({ number: 20, load: open(50) }))
  expect(failures(records)).toEqual([])
  expect(server.maxInFlight()).toBeGreaterThan(8)
  const arrivals = createArrivals({
    pacing: { ratePerSec: 50, arrival: 'poisson' },
    rampUpMs: 0,
    seed: 1,
    stream: 'measured-arrivals',
  })
  for (const record of bySent(records)) {
    // The clock starts a moment after it is told.
    expect(record.scheduledUs / 1000 - performance.timeOrigin - startMs - arrivals.next()).toBeCloseTo(0, -1)
    expect(record.sentUs).toBeGreaterThanOrEqual(record.scheduledUs)
    expect(record.slotWaitUs).toBeUndefined()
  }
})

test('a paced closed loop keeps its cap, and tells the wait for a slot from lateness of its own', async () => {
  await serve({ tokens: 1, tokenMs: 100 })
  const { records } = await load(plan({ number: 12, load: capped(2, 100) }))
  expect(failures(records)).toEqual([])
  expect(server.maxInFlight()).toBe(2)
  const last = bySent(records).at(-1) as RequestRecord
  // 12 wanted within about 120 ms, two each 100 ms: the last has waited some 400 ms.
  expect(last.slotWaitUs).toBeGreaterThan(200_000)
  expect(last.sentUs - last.scheduledUs).toBeGreaterThanOrEqual(last.slotWaitUs as number)
  for (const record of records) expect(latenessUs(record)).toBeLessThan(50_000)
  expect(bySent(records)[0]?.slotWaitUs).toBe(0)
})

test('what was wanted before the duration was over, but found no slot, is counted', async () => {
  await serve({ tokens: 1, tokenMs: 100 })
  const pacing = { ratePerSec: 100, arrival: 'constant' } as const
  const shape = { kind: 'closed', concurrency: 1, pacing } as const
  const { records, watch } = await load(plan({ number: undefined, durationMs: 500, load: shape }))
  // 50 wanted, at 0, 10 … 490 ms, and the next not before 500; one goes each 100 ms.
  expect(records.length).toBeLessThan(6)
  expect(watch.schedule?.outcome?.overdueRequests).toBe(50 - records.length)
})

test('a pause of our own is lateness, not a wait for a slot, though every slot was taken once', async () => {
  await serve({ tokens: 1, tokenMs: 20 })
  const pacing = { ratePerSec: 100, arrival: 'constant' } as const
  let count = 0
  const onRecord = (): void => {
    if (++count !== 10) return
    const untilMs = performance.now() + 300
    while (performance.now() < untilMs);
  }
  const { records } = await load(plan({ number: 50, load: { kind: 'closed', concurrency: 8, pacing } }), { onRecord })
  const longest = records.toSorted((a, b) => a.scheduledUs - a.sentUs - (b.scheduledUs - b.sentUs))[0] as RequestRecord
  expect(latenessUs(longest)).toBeGreaterThan(200_000)
  expect(longest.slotWaitUs).toBeLessThan(100_000)
})

test('late requests are caught up: they leave one by one as slots come free, in the order of the schedule', async () => {
  const { records } = await load(plan({ number: 40, load: capped(1, 10_000) }))
  const order = bySent(records).map(({ index }) => index)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(records).toHaveLength(40)
})

describe.each(shapes)('in %s', (_, shape) => {
  test('nothing starts after the duration, and what is under way then ends', async () => {
    await serve({ tokens: 2, tokenMs: 20 })
    const { records, startMs } = await load(plan({ number: undefined, durationMs: 300, load: shape }))
    expect(records.length).toBeGreaterThan(8)
    expect(failures(records)).toEqual([])
    expect(server.measured()).toHaveLength(records.length)
    const lastMs = Math.max(...records.map(sentMs)) - startMs
    expect(lastMs).toBeLessThan(301)
    expect(lastMs).toBeGreaterThan(200)
  })

  test('a number is reached before a long duration', async () => {
    const { records, startMs, endMs } = await load(plan({ number: 6, durationMs: 60_000, load: shape }))
    expect(records).toHaveLength(6)
    expect(endMs - startMs).toBeLessThan(5000)
  })

  test('what never ends is cut off after the grace, and is no failure of the server', async () => {
    await serve({
      instead: (_request, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n\n'),
    })
    const { records, startMs, endMs } = await load(
      plan({ number: undefined, durationMs: 100, graceMs: 200, load: shape }),
    )
    expect(records.length).toBeGreaterThan(0)
    for (const { kind, message } of failures(records)) {
      expect(kind).toBe('aborted')
      expect(message).toBe('cut off: still under way --grace 0.2 s after --duration 0.1 s')
    }
    expect(failures(records)).toHaveLength(records.length)
    expect(endMs - startMs).toBeGreaterThan(290)
    expect(endMs - startMs).toBeLessThan(1000)
  })

  test('the warm-up is over before the first measured request, and has a phase of its own', async () => {
    await serve({ tokens: 1, tokenMs: 10 })
    const { records, warmup, startMs } = await load(plan({ warmupNumber: 5, number: 7, load: shape }))
    expect(warmup.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4])
    expect(records.map(({ index }) => index).sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11])
    expect(Math.max(...warmup.map(({ endUs }) => endUs / 1000 - performance.timeOrigin))).toBeLessThan(startMs + 0.01)
    for (const record of records) expect(sentMs(record)).toBeGreaterThan(startMs)
    expect(new Set([...records, ...warmup].map(({ requestId }) => requestId)).size).toBe(12)
  })

  test('a stop ends it though much is left to send', async () => {
    const draining = new AbortController()
    let count = 0
    const onRecord = (): void => {
      if (++count === 3) draining.abort()
    }
    const stop = { ...neverStops(), draining: draining.signal }
    const { records } = await load(plan({ number: 100_000, load: shape }), { stop, onRecord })
    expect(records.length).toBeGreaterThanOrEqual(3)
    expect(records.length).toBeLessThan(100)
    expect(failures(records)).toEqual([])
  })

  test('a bug in a sink ends the run with its error', async () => {
    const onRecord = (): never => {
      throw new Error('sink is broken')
    }
    await expect(load(plan({ number: 50, load: shape }), { onRecord })).rejects.toThrow('sink is broken')
  })
})

test('a bug in a sink ends the ramp-up of a closed loop, too', async () => {
  const onRecord = (): never => {
    throw new Error('sink is broken')
  }
  const startMs = performance.now()
  const loading = load(plan({ number: 50, rampUpMs: 60_000, load: closed(4) }), { onRecord })
  await expect(loading).rejects.toThrow('sink is broken')
  expect(performance.now() - startMs).toBeLessThan(5000)
})

test('without a grace nothing starts in the slots of those that are cut off', async () => {
  await serve({
    instead: (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n\n'),
  })
  for (let durationMs = 40; durationMs < 56; durationMs++) {
    const { records, startMs, endMs } = await load(plan({ number: undefined, durationMs, graceMs: 0, load: closed(1) }))
    expect(records).toHaveLength(1)
    expect(endMs - startMs).toBeLessThan(500)
  }
})

test('a stop wakes a loop that sleeps until its next request', async () => {
  const draining = new AbortController()
  setTimeout(() => draining.abort(), 100)
  const stop = { ...neverStops(), draining: draining.signal }
  const { records, startMs, endMs } = await load(plan({ number: 5, load: open(0.001) }), { stop })
  expect(records).toEqual([])
  expect(endMs - startMs).toBeLessThan(1000)
})

test('during the ramp-up of a closed loop slots open evenly', async () => {
  await serve({ tokens: 1, tokenMs: 20 })
  const { records, startMs } = await load(plan({ number: undefined, durationMs: 600, rampUpMs: 400, load: closed(4) }))
  expect(failures(records)).toEqual([])
  const inFlightAt = (timeMs: number): number =>
    records.filter(
      record => sentMs(record) - startMs <= timeMs && record.endUs / 1000 - performance.timeOrigin - startMs > timeMs,
    ).length
  for (const [timeMs, most] of [
    [90, 1],
    [190, 2],
    [290, 3],
    [390, 4],
  ] as const) {
    expect(inFlightAt(timeMs)).toBeLessThanOrEqual(most)
  }
  expect(server.maxInFlight()).toBe(4)
})

test('a closed loop whose prompts are used up does not wait for the rest of its ramp-up', async () => {
  const { records, startMs, endMs } = await load(plan({ number: 3, rampUpMs: 60_000, load: closed(3) }))
  expect(records).toHaveLength(3)
  expect(endMs - startMs).toBeLessThan(5000)
})

test('no further turn of a conversation starts after the duration', async () => {
  await serve({ tokens: 1, tokenMs: 50 })
  const { records } = await load(plan({ number: 1, durationMs: 120 }), {
    prepare: ({ turns }) => ({ turns: Array.from({ length: 20 }, () => turns).flat() }),
  })
  expect(records.length).toBeGreaterThan(0)
  expect(records.length).toBeLessThan(4)
})

test('the watch counts what was wanted, sent and is in flight', async () => {
  await serve({ tokens: 1, tokenMs: 200 })
  const { watch, records } = await load(plan({ number: 10, load: open(1000, 'constant') }))
  expect(records).toHaveLength(10)
  expect(watch.live()).toEqual({ inFlight: 0, schedule: { due: 10, left: 10, lateMs: expect.any(Number) } })
  expect(watch.gauge.read()?.max).toBe(10)
})
