import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../src/model/record.ts'
import { embedded, streamed } from './records.ts'
import { inARow, selfDelays, verdictOf } from './verdict-cases.ts'

describe('self-delay', () => {
  /** TTFT 10 ms, ITL 0.5 s. */
  const early = Array.from({ length: 100 }, (_, index) =>
    streamed({ start: index, end: index + 1, ttft: 0.01, gaps: [0.495, 0.495], output: 3 }),
  )
  const whole = Array.from({ length: 100 }, (_, index) => embedded({ start: index, end: index + 0.03, input: 9 }))

  test('of first chunks is measured against TTFT, however many others were in time', () => {
    const health = [{ firstSelfDelays: [[10_000, 100]] as const, laterSelfDelays: [[0, 20_000]] as const }]
    const { level, reasons } = verdictOf({ records: early, health })
    expect(level).toBe('INVALID')
    expect(reasons[0]?.message).toContain(
      "stamps of first chunks were 10 ms late through this client's own work (p50), 100% of the p50 of TTFT, 10 ms",
    )
  })

  test('of other chunks is not measured against a TTFT that is shorter than ITL', () => {
    expect(verdictOf({ records: early, health: [{ laterSelfDelays: selfDelays(10_000, 1000) }] }).level).toBe('VALID')
  })

  test('of answers in one piece is measured against latency', () => {
    const { reasons } = verdictOf({ records: whole, health: [{ firstSelfDelays: selfDelays(2000, 1000) }] })
    expect(reasons[0]?.message).toContain('stamps of answers were 2 ms late')
    expect(reasons[0]?.message).toContain('of the p50 of latency, 30 ms')
  })

  test('is measured against the time per token where chunks come in bursts of several writes', () => {
    // Four chunks in a burst, 0.15 ms apart, each 50 ms: TPOT is 11.65 ms.
    const gaps: readonly number[] = Array.from({ length: 39 }, (_, gap) => (gap % 4 === 3 ? 0.05 : 0.000_15))
    const took = 0.2 + gaps.reduce((sum, gap) => sum + gap, 0)
    const bursts = Array.from({ length: 100 }, (_, index) =>
      streamed({ start: took * index, end: took * (index + 1), ttft: 0.2, gaps, output: 40 }),
    )
    const late = (us: number) => verdictOf({ records: bursts, health: [{ laterSelfDelays: selfDelays(us, 1000) }] })
    expect(late(110).level).toBe('VALID')
    expect(late(700).reasons[0]?.message).toContain('of the p50 of TPOT, 11.65 ms')
  })

  test('waits for a core are measured against the shorter of both, or latency where nothing streams', () => {
    const health = [{ runQueueUs: 40_000, coresGiven: 20 }]
    const messageOf = (records: readonly RequestRecord[]) => verdictOf({ records, health }).reasons[0]?.message
    expect(messageOf(early)).toContain('waited 2 ms for a core on average, 20% of the p50 of TTFT, 10 ms')
    expect(messageOf(whole)).toContain('waited 2 ms for a core on average, 6.7% of the p50 of latency, 30 ms')
    expect(messageOf(inARow(100))).toContain('waited 2 ms for a core on average, 10% of the p50 of ITL, 20 ms')
  })

  test('at the 99th percentile alone counts of the worst of several threads', () => {
    const health = [1, 2, 3].map(thread => ({
      thread,
      laterSelfDelays: thread === 2 ? selfDelays(6000, 20) : selfDelays(0, 1000),
    }))
    const { level, reasons } = verdictOf({ health })
    expect(level).toBe('SUSPECT')
    expect(reasons.map(({ message }) => message.split(';')[0])).toEqual([
      "stamps were 6 ms late through this client's own work (p99 of worker thread 2), 30% of the p50 of ITL, 20 ms",
    ])
  })

  test('does not count gaps between chunks that shared a read', () => {
    const gaps = [0, 0, 0, 0.1, 0, 0, 0, 0.1]
    const lumps = Array.from({ length: 100 }, (_, index) =>
      streamed({ start: index / 2, end: (index + 1) / 2, ttft: 0.3, gaps, output: 9 }),
    )
    const late = (us: number) =>
      verdictOf({ records: lumps, health: [{ laterSelfDelays: selfDelays(us, 1000) }] }).level
    expect(late(4900)).toBe('VALID')
    expect(late(5100)).toBe('SUSPECT')
  })

  test('counts of the worst of several threads, which it names', () => {
    const health = [
      { thread: 1, laterSelfDelays: selfDelays(10, 1000), runQueueUs: 0 },
      { thread: 2, laterSelfDelays: selfDelays(1500, 1000), runQueueUs: 120_000 },
      { thread: 3, laterSelfDelays: selfDelays(10, 1000), runQueueUs: 0 },
    ]
    expect(verdictOf({ health }).reasons.map(({ message }) => message.split(';')[0])).toEqual([
      "stamps were 1.5 ms late through this client's own work (p50 of worker thread 2), 7.5% of the p50 of ITL, 20 ms",
      'worker thread 2 was ready to work and had no core 12% of the time',
    ])
  })

  test('gives way to a lower percentile where the sample does not carry the 99th', () => {
    const health = (count: number) => [
      {
        laterSelfDelays: [
          [0, 200 - count],
          [9000, count],
        ] as const,
      },
    ]
    expect(verdictOf({ health: health(9) }).level).toBe('VALID')
    expect(verdictOf({ health: health(12) }).reasons[0]?.message).toContain('(p95)')
  })

  test.each([10, 11])('of %i chunks: the median needs 11', count => {
    const { level } = verdictOf({ health: [{ laterSelfDelays: [[2000, count]] }] })
    expect(level).toBe(count === 10 ? 'VALID' : 'SUSPECT')
  })
})
