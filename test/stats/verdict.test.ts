import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { embedded, failed, streamed } from './records.ts'
import { failing, inARow, paced, selfDelays, verdictOf } from './verdict-cases.ts'

describe('self-delay', () => {
  test('is measured against TTFT where that is shorter, and against latency where nothing streams', () => {
    const slow = [{ selfDelays: selfDelays(2000, 1000) }]
    const early = Array.from({ length: 100 }, (_, index) =>
      streamed({ start: index, end: index + 1, ttft: 0.01, gaps: [0.5, 0.49], output: 3 }),
    )
    expect(verdictOf({ records: early, health: slow }).reasons[0]?.message).toContain('20% of the p50 of TTFT, 10 ms')
    const whole = Array.from({ length: 100 }, (_, index) => embedded({ start: index, end: index + 0.03, input: 9 }))
    expect(verdictOf({ records: whole, health: slow }).reasons[0]?.message).toContain('of latency, 30 ms')
  })

  test('does not count gaps between chunks that shared a read', () => {
    const gaps = [0, 0, 0, 0.1, 0, 0, 0, 0.1]
    const lumps = Array.from({ length: 100 }, (_, index) =>
      streamed({ start: index / 2, end: (index + 1) / 2, ttft: 0.3, gaps, output: 9 }),
    )
    const late = (us: number) => verdictOf({ records: lumps, health: [{ selfDelays: selfDelays(us, 1000) }] }).level
    expect(late(4900)).toBe('VALID')
    expect(late(5100)).toBe('SUSPECT')
  })

  test('counts of the worst of several threads, which it names', () => {
    const health = [
      { thread: 1, selfDelays: selfDelays(10, 1000), runQueueUs: 0 },
      { thread: 2, selfDelays: selfDelays(1500, 1000), runQueueUs: 120_000 },
      { thread: 3, selfDelays: selfDelays(10, 1000), runQueueUs: 0 },
    ]
    expect(verdictOf({ health }).reasons.map(({ message }) => message.split(';')[0])).toEqual([
      "stamps were 1.5 ms late through this client's own work (p50 of worker thread 2), 7.5% of the p50 of ITL, 20 ms",
      'worker thread 2 was ready to work and had no core 12% of the time',
    ])
  })

  test('gives way to a lower percentile where the sample does not carry the 99th', () => {
    const health = (count: number) => [
      {
        selfDelays: [
          [0, 200 - count],
          [9000, count],
        ] as const,
      },
    ]
    expect(verdictOf({ health: health(9) }).level).toBe('VALID')
    expect(verdictOf({ health: health(12) }).reasons[0]?.message).toContain('(p95)')
  })

  test.each([10, 11])('of %i chunks: the median needs 11', count => {
    const { level } = verdictOf({ health: [{ selfDelays: [[2000, count]] }] })
    expect(level).toBe(count === 10 ? 'VALID' : 'SUSPECT')
  })
})

describe('the verdict', () => {
  test('of a run with nothing against it is VALID', () => {
    expect(verdictOf({})).toEqual({ level: 'VALID', reasons: [], statement: undefined })
  })

  test('of a slow server is VALID, whatever it keeps its clients waiting for', () => {
    const slow = Array.from({ length: 100 }, (_, index) =>
      streamed({ start: 40 * index, end: 40 * index + 40, ttft: 20, gaps: [0, 5, 0, 15], input: 9, output: 5 }),
    )
    expect(verdictOf({ records: slow }).level).toBe('VALID')
  })

  test('says for each reason what was found, its bound, what it spoils and what to do', () => {
    expect(verdictOf({ records: failing(2) })).toEqual({
      level: 'SUSPECT',
      statement: undefined,
      reasons: [
        {
          name: 'requests failed',
          level: 'SUSPECT',
          measured: 98,
          bound: 99,
          unit: '%',
          message:
            '2 of 100 requests failed, 98% succeeded; the bound is 99%. Figures know only of successes, and a server that refuses some has less to do for the others: see the table of failures.',
        },
      ],
    })
  })

  test('is the worst of its reasons', () => {
    const { level, reasons } = verdictOf({ records: failing(2), health: [{ runQueueUs: 300_000 }] })
    expect(level).toBe('INVALID')
    expect(reasons.map(reason => reason.level)).toEqual(['INVALID', 'SUSPECT'])
  })

  test('of a run below a second is none, unless requests speak against it', () => {
    const short = inARow(2)
    const statement = 'the run took 0.76 s, and below 1 s there is too little to judge'
    const health = [{ runQueueUs: 900_000 }]
    expect(verdictOf({ records: short, health })).toEqual({ level: undefined, reasons: [], statement })
    const refused = failed('http_5xx', { start: 100, end: 100.1 })
    expect(verdictOf({ records: [...short, refused], health })).toMatchObject({ level: 'INVALID', statement })
  })

  test.each([
    [{ interrupted: true }, 'the run was interrupted, and nobody knows what the rest would have shown'],
    [{ datasetFailed: true }, 'the dataset broke before the run was over'],
  ])('of a run that was not whole is never VALID: %j', (context, statement) => {
    expect(verdictOf({ context })).toEqual({ level: undefined, reasons: [], statement })
    expect(verdictOf({ context, health: [{ runQueueUs: 120_000 }] })).toMatchObject({ level: 'SUSPECT', statement })
  })

  test('of a run in which nothing ended is none', () => {
    expect(verdictOf({ records: [] })).toMatchObject({ level: undefined, statement: 'no request came to its end' })
  })

  test('does not depend on the order of what it is made of', () => {
    const records = [...failing(2), ...paced(30, 50)]
    const health = Array.from({ length: 6 }, (_, index) => ({
      thread: 1 + (index % 2),
      selfDelays: selfDelays(300 * index, 300),
      runQueueUs: 40_000 * index,
    }))
    const expected = verdictOf({ records, health })
    fc.assert(
      fc.property(
        fc.shuffledSubarray(records, { minLength: records.length }),
        fc.shuffledSubarray(health, { minLength: health.length }),
        (shuffled, samples) => {
          expect(verdictOf({ records: shuffled, health: samples })).toEqual(expected)
        },
      ),
      { numRuns: 20 },
    )
    expect(expected.reasons.length).toBeGreaterThan(1)
  })
})
