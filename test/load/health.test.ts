import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HealthSample, ValueCount } from '../../src/model/health.ts'
import type { RunPlan } from '../../src/model/run-plan.ts'
import { planFor } from '../support/ask.ts'
import { type ChatServer, startChatServer } from '../support/chat-server.ts'
import { load } from '../support/load.ts'

let server: ChatServer
beforeEach(async () => {
  server = await startChatServer({ tokenMs: 1 })
})
afterEach(() => server.close())

const plan = (change: Partial<RunPlan> = {}): RunPlan =>
  planFor(`${server.url}/v1/chat/completions`, { number: 12, load: { kind: 'closed', concurrency: 4 }, ...change })

const sum = (samples: readonly HealthSample[], figure: (sample: HealthSample) => number): number =>
  samples.reduce((total, sample) => total + figure(sample), 0)

describe('what a thread observes of itself', () => {
  test('counts every chunk of the measured requests once, with its self-delay, and none of the warm-up', async () => {
    const { records, health } = await load(plan({ warmupNumber: 4 }))
    const chunks = records.reduce((total, { chunkCount }) => total + chunkCount, 0)
    expect(chunks).toBe(36)
    expect(sum(health, sample => sample.chunks)).toBe(chunks)
    expect(sum(health, sample => countOf(sample.firstSelfDelays))).toBe(records.length)
    expect(sum(health, sample => countOf(sample.laterSelfDelays))).toBe(chunks - records.length)
    expect(sum(health, ({ reads }) => reads)).toBeGreaterThanOrEqual(12)
  })

  test('covers the time from the first to the last of them', async () => {
    const { records, health } = await load(plan())
    expect(health.map(({ thread }) => thread)).toEqual([1])
    const [{ startUs, durationUs }] = health as [HealthSample]
    expect(startUs).toBeLessThanOrEqual(Math.min(...records.map(({ sentUs }) => sentUs)))
    expect(startUs + durationUs).toBeGreaterThanOrEqual(Math.max(...records.map(({ endUs }) => endUs)))
  })

  test('counts an answer in one piece as one chunk', async () => {
    const request = { ...plan().request, defaults: { ...plan().request.defaults, stream: false } }
    const { health } = await load(plan({ request }))
    expect(sum(health, sample => sample.chunks)).toBe(12)
    expect(sum(health, sample => countOf(sample.firstSelfDelays))).toBe(12)
  })

  test('counts over TLS as it does without', async () => {
    await server.close()
    server = await startChatServer({ tokenMs: 1, tls: true })
    const { health, records } = await load(plan({ target: { ...plan().target, verifyTls: false } }))
    expect(records.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(sum(health, sample => sample.chunks)).toBe(36)
    expect(sum(health, ({ reads }) => reads)).toBeGreaterThanOrEqual(12)
    expect(sum(health, ({ connectionsOpened }) => connectionsOpened)).toBe(0)
  })

  test('counts connections that were opened meanwhile, not those that stood before', async () => {
    const opened = async (change: Partial<RunPlan>) => {
      const { health } = await load(plan(change))
      return sum(health, ({ connectionsOpened }) => connectionsOpened)
    }
    expect(await opened({})).toBe(0)
    expect(await opened({ target: { ...plan().target, keepAlive: false } })).toBe(12)
    expect(await opened({ load: { kind: 'open', pacing: { ratePerSec: 1000, arrival: 'constant' } } })).toBeGreaterThan(
      0,
    )
  })

  test('is told by each of several threads, and by the one that deals as number 0', async () => {
    const { records, health } = await load(plan({ workers: 2 }))
    expect(health.map(({ thread }) => thread).sort()).toEqual([0, 1, 2])
    const chunksOf = (thread: number) => health.find(sample => sample.thread === thread)?.chunks ?? 0
    expect(chunksOf(0)).toBe(0)
    expect(chunksOf(1)).toBeGreaterThan(0)
    expect(chunksOf(2)).toBeGreaterThan(0)
    expect(chunksOf(1) + chunksOf(2)).toBe(records.reduce((total, { chunkCount }) => total + chunkCount, 0))
    if (process.platform === 'linux') {
      expect(health.filter(({ openFiles }) => openFiles !== undefined).map(({ thread }) => thread)).toEqual([0])
    }
  })
})

const countOf = (pairs: readonly ValueCount[]): number => pairs.reduce((total, [, count]) => total + count, 0)
