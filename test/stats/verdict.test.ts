import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { someFindings } from '../report/results.ts'
import { failed, streamed } from './records.ts'
import { failing, inARow, paced, random, selfDelays, usageOff, verdictOf } from './verdict-cases.ts'

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

  test('is that of the worst of two rules that say the same, whose reason is the one that is told', () => {
    // 12 % of the time without a core is SUSPECT; 12 ms each time, at an ITL of 20 ms, are INVALID.
    const { level, reasons } = verdictOf({ health: [{ runQueueUs: 120_000, coresGiven: 10 }] })
    expect(level).toBe('INVALID')
    expect(reasons).toMatchObject([{ name: 'client starved', level: 'INVALID', measured: 60 }])
  })

  test('tells the first of two rules that say the same and are as bad', () => {
    const { reasons } = verdictOf({ health: [{ runQueueUs: 120_000, coresGiven: 100 }] })
    expect(reasons).toMatchObject([{ name: 'client starved', level: 'SUSPECT', measured: 12 }])
  })

  test('tells each of two rules of one name that say different things', () => {
    const { level, reasons } = verdictOf({
      health: [{ runQueueUs: 300_000, quotaPeriods: 10, throttledCount: 5 }],
    })
    expect(level).toBe('INVALID')
    expect(reasons.map(reason => [reason.name, reason.level])).toEqual([
      ['client starved', 'INVALID'],
      ['client starved', 'SUSPECT'],
    ])
  })

  test('counts prompts that are longer than the tokenizer says as it does shorter ones', () => {
    const tokens = { input: usageOff(1.1) }
    const { reasons } = verdictOf({ plan: random(), context: { tokens: { ...someFindings, ...tokens } } })
    expect(reasons.map(({ name, measured }) => [name, measured])).toEqual([['not what was asked', 1.1]])
  })

  test('counts lateness of the records of a trace', () => {
    const plan = { load: { kind: 'trace' } } as const
    expect(verdictOf({ plan, records: paced(20) }).level).toBe('VALID')
    expect(verdictOf({ plan, records: paced(20.1) }).reasons).toMatchObject([{ name: 'schedule missed' }])
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
    [{ interrupted: true, statement: 'a worker thread was lost' }, 'a worker thread was lost'],
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
      laterSelfDelays: selfDelays(300 * index, 300),
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
